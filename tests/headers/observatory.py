"""The rules of MDN's HTTP Observatory for one answer, as values.

Source: https://github.com/mdn/mdn-http-observatory, `src/grader/charts.js` (points), `src/scanner/index.js` (the sum)
and `src/analyzer/tests/` (what each test looks at). Left out is what an answer by itself cannot show: preload lists,
certificates, and policies in `<meta>`, which the portal has none of.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

A_PLUS = 100
EXTRA_CREDIT_FROM = 90  # points without bonuses, from which on bonuses count
SIX_MONTHS = 15_552_000  # seconds, as the Observatory rounds them
BROAD = frozenset({"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"})
INLINE = frozenset({"'unsafe-inline'", "data:"})
Policy = dict[str, set[str]]


@dataclass(frozen=True)
class Seen:
    """An answer over https, and where the same address leads over plain HTTP."""

    headers: Mapping[str, str]  # by names in lower case
    cookies: tuple[str, ...] = ()  # lines of Set-Cookie
    body: str = ""
    host: str = "portal.example.edu"
    origin: str = "https://elsewhere.example.com"  # the Origin that was sent
    plain: str | None = None  # the Location; "" where it leads nowhere, None where nothing answers

    def get(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class Verdict:
    """What one test of the Observatory gives: its result by name, and the points."""

    result: str
    points: int


def judge(seen: Seen) -> list[Verdict]:
    """All ten tests."""
    return [test(seen) for test in TESTS]


def score(verdicts: list[Verdict]) -> int:
    """The sum; bonuses count only where there is little to punish."""
    punished = 100 + sum(each.points for each in verdicts if each.points < 0)
    return max(punished if punished < EXTRA_CREDIT_FROM else 100 + sum(each.points for each in verdicts), 0)


def parse(header: str) -> Policy:
    """The directives of a policy. Raises ValueError for one that stands twice."""
    policy: Policy = {}
    for part in filter(None, (part.split() for part in header.lower().split(";"))):
        name, *sources = part
        if name in policy:
            raise ValueError(name)
        policy[name] = set(sources) or {"'none'"}
    return policy


def content_security_policy(seen: Seen) -> Verdict:
    header = seen.get("Content-Security-Policy")
    if not header:
        return Verdict("csp-not-implemented", -25)
    try:
        policy = parse(header)
    except ValueError:
        return Verdict("csp-header-invalid", -25)
    return _judge_policy(policy)


def _judge_policy(policy: Policy) -> Verdict:
    scripts, styles, objects = (_sources(policy, f"{kind}-src") for kind in ("script", "style", "object"))
    images = _sources(policy, "img-src") | _sources(policy, "media-src")
    active = scripts.union(*(policy[name] for name in policy if name not in ("img-src", "media-src", "script-src")))
    rules = (
        ("'strict-dynamic'" in scripts and not any(map(_is_exact, scripts)), Verdict("csp-header-invalid", -25)),
        (scripts & (BROAD | INLINE) or objects & BROAD, Verdict("csp-implemented-with-unsafe-inline", -20)),
        (_has_insecure(active), Verdict("csp-implemented-with-insecure-scheme", -20)),
        ("'unsafe-eval'" in scripts | styles, Verdict("csp-implemented-with-unsafe-eval", -10)),
        (_has_insecure(images), Verdict("csp-implemented-with-insecure-scheme-in-passive-content-only", -10)),
        (styles & (BROAD | INLINE), Verdict("csp-implemented-with-unsafe-inline-in-style-src-only", 0)),
        (policy.get("default-src") == {"'none'"}, Verdict("csp-implemented-with-no-unsafe-default-src-none", 10)),
    )
    return next((found for holds, found in rules if holds), Verdict("csp-implemented-with-no-unsafe", 5))


def _has_insecure(sources: set[str]) -> bool:
    return any(source.startswith(("http:", "ftp:")) for source in sources)


def _sources(policy: Policy, name: str) -> set[str]:
    """What a directive allows, or the one that stands in for it. Beside a nonce or hash 'unsafe-inline' is nothing."""
    found = policy.get(name, policy.get("default-src", {"*"}))
    if name in ("script-src", "style-src") and any(_is_exact(source) for source in found):
        return found - {"'unsafe-inline'"}
    return found


def _is_exact(source: str) -> bool:
    return source.startswith(("'sha256-", "'sha384-", "'sha512-", "'nonce-"))


def cookies(seen: Seen) -> Verdict:
    """The worst of what is set; a browser's jar holds none that is over as it comes."""
    jar: SimpleCookie = SimpleCookie()
    for line in seen.cookies:
        jar.load(line)
    read = {name: morsel for name, morsel in jar.items() if morsel["max-age"] != "0"}
    if not read:
        return Verdict("cookies-not-found", 0)
    has_hsts = strict_transport_security(seen).points >= 0
    faults = [fault for name, morsel in read.items() for fault in _faults(name.lower(), morsel, has_hsts=has_hsts)]
    if faults:
        return min(faults, key=lambda fault: fault.points)
    if all(morsel["samesite"] for morsel in read.values()):
        return Verdict("cookies-secure-with-httponly-sessions-and-samesite", 5)
    return Verdict("cookies-secure-with-httponly-sessions", 0)


def _faults(name: str, morsel: Mapping[str, str], *, has_hsts: bool) -> list[Verdict]:
    is_session = "login" in name or "sess" in name
    same_site = morsel["samesite"].lower()
    found = []
    if same_site not in ("", "lax", "strict", "none") or (same_site == "none" and not morsel["secure"]):
        found.append(Verdict("cookies-samesite-flag-invalid", -20))
    if not morsel["secure"]:
        found.append(Verdict("cookies-without-secure-flag", -5 if has_hsts else -20))
    if not morsel["secure"] and is_session:
        found.append(Verdict("cookies-session-without-secure-flag", -10 if has_hsts else -40))
    if "csrf" in name and not same_site:
        found.append(Verdict("cookies-anticsrf-without-samesite-flag", -20))
    if is_session and not morsel["httponly"]:
        found.append(Verdict("cookies-session-without-httponly-flag", -30))
    return found


def cross_origin_resource_sharing(seen: Seen) -> Verdict:
    allowed = seen.get("Access-Control-Allow-Origin")
    with_credentials = seen.get("Access-Control-Allow-Credentials").strip().lower() == "true"
    if allowed == seen.origin and with_credentials:
        return Verdict("cross-origin-resource-sharing-implemented-with-universal-access", -50)
    return Verdict("cross-origin-resource-sharing", 0)


def redirection(seen: Seen) -> Verdict:
    if seen.plain is None:
        return Verdict("redirection-not-needed-no-http", 0)
    if not seen.plain:
        return Verdict("redirection-missing", -20)
    there = urlsplit(seen.plain)
    if there.scheme != "https":
        return Verdict("redirection-not-to-https", -20)
    if there.hostname != seen.host:
        return Verdict("redirection-off-host-from-http", -5)
    return Verdict("redirection-to-https", 0)


def referrer_policy(seen: Seen) -> Verdict:
    good = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
    bad = {"origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"}
    header = seen.get("Referrer-Policy")
    if not header:
        return Verdict("referrer-policy-not-implemented", 0)
    known = [word for part in header.lower().split(",") if (word := part.strip()) in good | bad]
    if known and known[-1] in good:
        return Verdict("referrer-policy-private", 5)
    return Verdict("referrer-policy-unsafe" if known else "referrer-policy-header-invalid", -5)


def strict_transport_security(seen: Seen) -> Verdict:
    header = seen.get("Strict-Transport-Security").lower()
    if not header:
        return Verdict("hsts-not-implemented", -20)
    age = re.search(r"(?:^|;)\s*max-age=(\d+)", header)
    if age is None or "," in header:
        return Verdict("hsts-header-invalid", -20)
    if int(age[1]) < SIX_MONTHS:
        return Verdict("hsts-implemented-max-age-less-than-six-months", -10)
    return Verdict("hsts-implemented-max-age-at-least-six-months", 0)


def subresource_integrity(seen: Seen) -> Verdict:
    """Scripts of this page from elsewhere; those without an address of another host are the portal's own."""
    kind = seen.get("Content-Type").partition(";")[0]
    if kind not in ("text/html", "application/xhtml+xml", ""):
        return Verdict("sri-not-implemented-response-not-html", 0)
    sources = re.findall(r"<script\b([^>]*)>", seen.body, re.IGNORECASE)
    worst = min((_judge_script(attributes, seen.host) for attributes in sources), default=0)
    return Verdict("sri-not-implemented" if worst < 0 else "sri-not-needed", worst)


def _judge_script(attributes: str, host: str) -> int:
    src = re.search(r"""\bsrc\s*=\s*["']?([^"'\s>]+)""", attributes, re.IGNORECASE)
    there = urlsplit(src[1] if src else "")
    if not there.netloc or (there.hostname == host and there.scheme):
        return 0
    has_integrity = bool(re.search(r"\bintegrity\s*=", attributes, re.IGNORECASE))
    if there.scheme == "https":
        return 0 if has_integrity else -5
    return -20 if has_integrity else -50


def x_content_type_options(seen: Seen) -> Verdict:
    if seen.get("X-Content-Type-Options").strip().lower() == "nosniff":
        return Verdict("x-content-type-options-nosniff", 0)
    return Verdict("x-content-type-options-not-implemented", -5)


def x_frame_options(seen: Seen) -> Verdict:
    header = seen.get("X-Frame-Options").strip().lower()
    if "frame-ancestors" in seen.get("Content-Security-Policy").lower():
        return Verdict("x-frame-options-implemented-via-csp", 5)
    if header in ("deny", "sameorigin") or header.startswith("allow-from"):
        return Verdict("x-frame-options-sameorigin-or-deny", 0)
    return Verdict("x-frame-options-not-implemented", -20)


def cross_origin_resource_policy(seen: Seen) -> Verdict:
    header = seen.get("Cross-Origin-Resource-Policy").strip().lower()
    if header in ("same-origin", "same-site"):
        return Verdict(f"cross-origin-resource-policy-implemented-with-{header}", 10)
    if header in ("", "cross-origin"):
        return Verdict("cross-origin-resource-policy-not-implemented", 0)
    return Verdict("cross-origin-resource-policy-header-invalid", -5)


TESTS: tuple[Callable[[Seen], Verdict], ...] = (
    content_security_policy,
    cookies,
    cross_origin_resource_sharing,
    redirection,
    referrer_policy,
    strict_transport_security,
    subresource_integrity,
    x_content_type_options,
    x_frame_options,
    cross_origin_resource_policy,
)
