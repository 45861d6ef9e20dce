"""Values that nobody means well with. Texts may hold halves of surrogate pairs; what is sent is made of them later."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

MARK = "nq7"
TAG = f"<script>{MARK}()</script>"
ATTRIBUTE = f"\" onfocus={MARK}() x='"
HEADER = f"\r\nX-{MARK}: 1\r\n\r\n"
MEGABYTE = "m" * 2**20

TEXTS = (
    *("", " ", "\t", "\n", "\r\n", "\x00", "a\x00b", "\x01", "\x1b[31m", "\x7f", "\x85", "\x9f"),
    *("\ud800", "\udfff", "a\ud83d", "\udc00\ud800", "\ufffe", "\uffff", "\U0010ffff", "\ufffd"),
    *(
        "\u202e",
        "\u202eevil\u202c",
        "\u2066x",
        "\u200b",
        "\u200d\u200d",
        "a\u00ad",
        "\ufeff",
        "\u2028",
        "\u2029",
        "\u3164",
    ),
    *(
        "e\u0301" * 200,
        "Z\u0351\u036b\u0343" * 60,
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "ﷺ" * 20,
        "İıſK",
        "ß" * 255,
    ),
    *("م" * 300, "١٢٣", "１２３", "Ⅷ", "٣٫٥", "½"),
    *(TAG, ATTRIBUTE, HEADER, f"javascript:{MARK}()", f"{{{{{MARK}}}}}", f"{{% {MARK} %}}", "<!--", "]]>", "&lt;&#0;"),
    *(
        "'",
        '"',
        "\\",
        "`",
        "';--",
        "' OR 1=1 --",
        "%",
        "%s",
        "%n%n",
        "%00",
        "%u0000",
        "_",
        "%%",
        "$1",
        "{0}",
        "{}",
        "[]",
        "()",
    ),
    *(
        "../../etc/passwd",
        "file:///etc/passwd",
        "http://[::1",
        "http://169.254.169.254/",
        "//evil.example",
        "/\\evil.example",
    ),
    *("=1+1", "@SUM(1)", "+1", "-1", "|cmd", "=cmd|'/c calc'!A0"),
    *("0", "-0", "00", "1e3", "1e999", "-1e999", "0x10", "1_000", "1.5", "NaN", "Infinity", "-Infinity", "9" * 400),
    *("2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809"),
    *(
        "null",
        "None",
        "undefined",
        "true",
        "on",
        "self",
        "self ",
        "SELF",
        "sis_user_id:",
        "sis_user_id:\x00",
        "constructor",
    ),
    *("a" * 255, "a" * 256, "a" * 10_000, "(" * 5_000, "a," * 2_000, MEGABYTE),
    *("\u0130" * 100, "\xff", "\x80", "á\x00", "on\x00", "1\x00", "1 ", " 1", "1\n"),
)

# Dates that are none, or are nothing that a token may end on.
NO_DATES = (
    *(
        "now",
        "today",
        "tomorrow",
        "never",
        "+30 days",
        "P30D",
        "1790000000",
        "-1",
        "0",
        "9999999",
        "99999999999999999999",
    ),
    *("2026-02-31", "2027-02-29", "2027-04-31", "2027-13-01", "2027-00-10", "2027-01-00", "0000-01-01", "0000-00-00"),
    *(
        "2027-01-01T25:00:00Z",
        "2027-01-01T24:00:00Z",
        "2027-01-01T23:60:00Z",
        "2027-01-01T23:59:60Z",
        "2027-06-30T23:59:60Z",
    ),
    *("2027-01-01T12:00:00+99:99", "2027-01-01T12:00:00+24:00", "2027-01-01T12:00:00-25:00", "2027-01-01T12:00:00+1"),
    *("10000-01-01", "99999-12-31", "9999-12-31T23:59:59-23:59", "+12027-01-01", "-2027-01-01", "9999999-01-01"),
    *(
        "3000-01-01",
        "9999-12-31",
        "9999-12-31T23:59:59Z",
        "0001-01-01",
        "0001-01-01T00:00:00+23:59",
        "1969-12-31T23:59:59Z",
    ),
    *(
        "27-01-01",
        "2027-1-1",
        "2027/01/01",
        "01.01.2027",
        "01/02/2027",
        "2027-W01-1",
        "2027-001",
        "20270101",
        "20270101T000000Z",
    ),
    *(
        "2027-01-01T12",
        "2027-01-01T12:00:00.Z",
        "2027-01-01T12:00:00.1234567Z",
        "2027-01-01T12:00:00,5Z",
        "2027-01-01T12:00:00ZZ",
    ),
    *("2027-01-01\x00", "2027-01-01T12:00:00[Europe/Paris]", "2027-01-01T12:00:00 Z", "2027–01–01"),
    *(
        "Fri, 01 Jan 2027 12:00:00 GMT",
        "1e9",
        "NaN",
        "Infinity",
        "2027-01-01T-1:00:00Z",
        "2027-01-01T12:00:00 UTC",
        "\ud800",
    ),
)
# In a page somebody may write a day in the numerals of their language; a program writes ISO 8601.
DATES_OF_PEOPLE = ("２０２７-01-01", "٢٠٢٧-٠١-٠١")
# Odd, and dates nevertheless: at the edges of summer time, with odd offsets, as people write them.
DATES = (
    *("2027-03-28", "2027-03-28T02:30:00+01:00", "2027-10-31T02:30:00+02:00", "2027-03-14T02:30:00-05:00"),
    *("2027-01-01T12:00:00+23:59", "2027-01-01T12:00:00-2359", "2027-01-01t12:00:00z", " 2027-01-01 ", "2028-02-29"),
    *("2027-01-01 12:00", "2027-01-01T12:00:00.000001Z", "2027-01-01T12:00", "2027-04-01T00:00:00+14:00"),
)

NO_IDS = (
    *("-1", "0", "00", "-0", "+1", "1.0", "1e3", "0x1", "1_0", "1%20", "%201", "%2B1", "1%00", "%00", "%0a", "1%0a"),
    *("2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551616", "9" * 30, "9" * 400),
    *("%D9%A1", "%EF%BC%91", "%C2%BD", "%F0%9F%92%A5", "%ED%A0%80", "%FF", "%C0%AF", "%", "%zz", "%u0031"),
    *("self%20", "%20self", "SELF", "self%00", "me", "null", "None", "undefined", "NaN", "true", "nobody"),
    *(
        "..",
        "%2e%2e",
        ".",
        "%2F",
        "a%2Fb",
        "%5C",
        "%3F",
        "%23",
        "%3B",
        ";",
        "*",
        "%25",
        "%2527",
        "'",
        "%22",
        "%3Cscript%3E",
    ),
    *(
        "sis_user_id:",
        "sis_user_id:%00",
        "sis_user_id:%25",
        "sis_login_id:nobody",
        "sis_user_id:" + "x" * 3000,
        "lti:1",
        ":",
    ),
)

# JSON values of kinds that a field does not expect.
KINDS: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1.5, -0.0, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, 5e-324),
    *([], {}, [None], [[]], [{}], {"": ""}, {"a": {"b": {}}}, [1, "a", None], ["a"] * 2000, [""] * 3, {"id": 1}),
)


def _deep(depth: int, opening: str, closing: str) -> bytes:
    return (opening * depth + closing * depth).encode()


# Bodies that are no JSON of ours, whatever the endpoint: each has to be refused where a body is read.
NO_JSON = (
    *(
        b"{",
        b"}",
        b"[1,",
        b'"',
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a" 1}',
        b"nul",
        b"\x00",
        b'{"a": "\x00"}',
        b"{}{}",
        b"{} x",
    ),
    *(b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": 01}', b'{"a": .5}', b'{"a": 1.}', b'{"a": 0x1}'),
    *(b'{"a": 1, "a": 2}', b'{"token": {"purpose": "a", "purpose": "b"}}', b'{"a": 1, "\\u0061": 2}'),
    *(
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": ["\\ud83d"]}',
        b'{"a": "\\x41"}',
        b'{"a": "\\u12"}',
        b'{"a": "\n"}',
    ),
    *(b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}', b'{"a": "\xc0\xaf"}', b"\xff\xfe{\x00}\x00", b"\x00{\x00}", b"\x80"),
    *("{}".encode("utf-16"), "{}".encode("utf-32"), b"\xef\xbb\xbf{}", b"/* */{}", b"// x\n{}"),
    *(
        _deep(21, "[", "]"),
        _deep(30, '{"a":', "}"),
        _deep(30_000, "[", "]"),
        _deep(1_000, '{"a":[', "]}"),
        b"[" * 60_000,
    ),
    *(b'{"a": ' + b"9" * 5_000 + b"}", b'{"a": -' + b"9" * 60_000 + b"}"),
)
# Over the limit of 64 KiB.
TOO_LARGE = (json.dumps({"a": "m" * 2**16}).encode(), json.dumps({"a": MEGABYTE}).encode(), b" " * 2**16 + b"{}")

FORMS = (b"a=%", b"a=%zz", b"a=%u0041")  # a percent sign that encodes nothing is one (WHATWG URL, section 5.1)
NO_FORMS = (
    *(b"a=%ff", b"%ff=1", b"a=%ed%a0%80", b"a=\xff", b"a=%c0%af", b"a=1&a=2&a[]=3"),
    *(b"&".join(b"f%d=1" % number for number in range(1_500)), b"a[b]=1&a=2", b"a=1&a[b]=2"),
    *(b"a" + b"[b]" * 2_000 + b"=1", b"a[]=1&a[b]=2"),
)
BOUNDARY = "multipart/form-data; boundary=x"
# Forms that are whole, though odd; what is no field in them is nothing.
PARTS = (
    b"--x--",
    b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n***\r\n--x--\r\n',
    b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="../../x\x00.csv"\r\n\r\n1\r\n--x--\r\n',
    b"--x\r\nContent-Disposition: form-data; name=\"a\"; filename*=utf-16''%ff\r\n\r\n1\r\n--x--\r\n",
)
NO_PARTS = (
    *(
        b"--x",
        b"--x\r\n",
        b"--x\r\n\r\n",
        b"--y\r\n\r\n--y--",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
    ),
    *(b"\x00" * 100, b"--x" * 5_000),
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n1\r\n--x--\r\n',
    b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % number for number in range(1_200))
    + b"--x--\r\n",
)
CONTENT_TYPES = (
    *(
        "",
        " ",
        "/",
        "text",
        "text/plain",
        "text/html",
        "application/xml",
        "application/json5",
        "application/octet-stream",
    ),
    *("application/json; charset=utf-16", "application/json; charset=nothing", "application/json; charset=rot13"),
    *(
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded; charset=hex",
        "APPLICATION/JSON",
    ),
    *("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 300),
    *('multipart/form-data; boundary="', "multipart/form-data; boundary=\xff", "multipart/mixed; boundary=x"),
    *(
        "application/json, text/html",
        "application/json;" * 500,
        "\x00",
        "\xff\xfe",
        "a" * 10_000,
        "application/json\t;;=;",
    ),
    *(
        "multipart/form-data; boundary*=utf-8''x",
        "multipart/form-data; boundary*0=x; boundary*1=y",
        "text/plain; charset*=x''%",
    ),
)
HEADERS = (
    "",
    " ",
    "\x00",
    "\xff",
    "a" * 10_000,
    "," * 500,
    "\x85",
    '"',
    "1, 2",
    "=;=;",
    TAG,
    ATTRIBUTE,
    "%00",
    "9" * 400,
    "\t",
    "-1",
)
HEADER_NAMES = (
    *(
        "Accept",
        "Accept-Language",
        "Accept-Encoding",
        "Idempotency-Key",
        "X-Request-Id",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
    ),
    *(
        "X-CSRFToken",
        "Cookie",
        "Referer",
        "Origin",
        "If-None-Match",
        "If-Match",
        "If-Modified-Since",
        "Range",
        "User-Agent",
    ),
    *(
        "Host",
        "X-Forwarded-Host",
        "X-Original-URI",
        "X-Http-Method-Override",
        "Content-Encoding",
        "Transfer-Encoding",
        "TE",
        "Date",
    ),
)
QUERIES = (
    *(
        "%",
        "%zz=1",
        "%ff=%ff",
        "a=%00",
        "&&&&",
        "=",
        "=1",
        "a" * 60_000,
        "?" * 100,
        "a[]=1&a[]=2",
        "access_token=x",
        "\xff=\xff",
    ),
    "&".join(f"f{number}=1" for number in range(1_500)),
)


@dataclass(frozen=True)
class Body:
    """A body with its media type; `is_good` where a field of it may be accepted after all."""

    data: bytes
    kind: str
    is_good: bool = True


def broken_bodies() -> Iterator[Body]:
    """Every body that no reader of one may take."""
    for data in (*NO_JSON, *TOO_LARGE):
        yield Body(data, "application/json", is_good=False)
    for data in FORMS:
        yield Body(data, "application/x-www-form-urlencoded")
    for data in NO_FORMS:
        yield Body(data, "application/x-www-form-urlencoded", is_good=False)
    for data in PARTS:
        yield Body(data, BOUNDARY)
    for data in NO_PARTS:
        yield Body(data, BOUNDARY, is_good=False)
    for kind in CONTENT_TYPES:
        yield Body(b'{"a": 1}', kind)
