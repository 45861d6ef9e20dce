"""The rules as the Observatory publishes them: what each fault costs, and when a bonus counts."""

import pytest

from tests.headers.observatory import Seen, judge, score

STRICT = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
GOOD = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": STRICT,
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
SESSION = "sessionid=x; Secure; HttpOnly; SameSite=Lax; Path=/"


def points(**changed: object) -> int:
    """What the changed test gives; headers are named with `_`, and None takes one away."""
    fields = {name: changed.pop(name) for name in ("cookies", "body", "plain") if name in changed}
    headers = {**GOOD, **{name.replace("_", "-"): value for name, value in changed.items()}}
    seen = Seen({name: str(value) for name, value in headers.items() if value is not None}, **fields)  # type: ignore[arg-type]  # as given
    return score(judge(seen))


def test_what_is_perfect_gets_every_bonus() -> None:
    assert points() == 130
    assert points(cookies=(SESSION,)) == 135


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (None, 75 - 20),  # with the policy goes who may frame it
        ("default-src 'none'; default-src 'self'; frame-ancestors 'none'", 75),
        ("default-src 'self'; frame-ancestors 'none'", 125),
        ("default-src 'none'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'", 80),
        ("default-src 'none'; script-src 'nonce-x' 'unsafe-inline'; frame-ancestors 'none'", 130),
        ("default-src 'none'; script-src 'strict-dynamic'; frame-ancestors 'none'", 75),
        ("script-src 'self'; frame-ancestors 'none'", 80),
        ("default-src 'none'; script-src https:; frame-ancestors 'none'", 80),
        ("default-src 'none'; connect-src http://a.example; frame-ancestors 'none'", 80),
        ("default-src 'none'; img-src http://a.example; frame-ancestors 'none'", 110),
        ("default-src 'none'; script-src 'self' 'unsafe-eval'; frame-ancestors 'none'", 110),
        ("default-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'", 120),
        ("default-src 'none'; img-src 'self' data:; frame-ancestors 'none'", 130),
    ],
)
def test_a_policy_costs_what_it_lets_in(policy: str | None, expected: int) -> None:
    assert points(content_security_policy=policy) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("theme=x; Secure", 130),
        ("theme=x; SameSite=Lax", 125),
        ("sessionid=x; HttpOnly; SameSite=Lax", 120),
        ("sessionid=x; Secure; SameSite=Lax", 70),
        ("csrftoken=x; Secure", 80),
        ("theme=x; Secure; SameSite=Sometimes", 80),
        ("theme=x; SameSite=None", 80),
    ],
)
def test_a_cookie_costs_what_it_lacks(line: str, expected: int) -> None:
    assert points(cookies=(line,)) == expected


def test_a_cookie_costs_more_where_plain_http_is_not_ruled_out() -> None:
    assert points(cookies=("sessionid=x; HttpOnly; SameSite=Lax",), strict_transport_security=None) == 40


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("access_control_allow_origin", "*", 130),
        ("referrer_policy", None, 125),
        ("referrer_policy", "unsafe-url", 120),
        ("referrer_policy", "whatever", 120),
        ("referrer_policy", "unsafe-url, same-origin", 130),
        ("strict_transport_security", None, 80),
        ("strict_transport_security", "includeSubDomains", 80),
        ("strict_transport_security", "max-age=63072000, max-age=63072000", 80),
        ("strict_transport_security", "max-age=86400", 120),
        ("x_content_type_options", None, 125),
        ("cross_origin_resource_policy", None, 120),
        ("cross_origin_resource_policy", "cross-origin", 120),
        ("cross_origin_resource_policy", "nobody", 115),
    ],
)
def test_a_header_costs_what_the_chart_says(header: str, value: str | None, expected: int) -> None:
    assert points(**{header: value}) == expected


def test_answers_to_any_site_with_its_credentials_cost_half() -> None:
    origin = "https://elsewhere.example.com"
    assert points(access_control_allow_origin=origin) == 130
    assert points(access_control_allow_origin=origin, access_control_allow_credentials="true") == 50


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (None, 130),
        ("", 80),
        ("https://portal.example.edu/login/", 130),
        ("http://portal.example.edu/login/", 80),
        ("https://www.example.edu/", 125),
    ],
)
def test_plain_http_leads_to_the_same_host_over_https(plain: str | None, expected: int) -> None:
    assert points(plain=plain) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("/static/a.js", 130),
        ("https://portal.example.edu/a.js", 130),
        ("https://elsewhere.example.com/a.js", 125),
        ('https://elsewhere.example.com/a.js" integrity="sha384-x', 130),
        ("//elsewhere.example.com/a.js", 50),
        ('http://elsewhere.example.com/a.js" integrity="sha384-x', 80),
    ],
)
def test_a_script_from_elsewhere_is_held_to_its_content(script: str, expected: int) -> None:
    assert points(body=f'<script src="{script}"></script>') == expected
    assert points(body=f'<script src="{script}"></script>', content_type="application/json") == 130


def test_frames_are_refused_by_either_header() -> None:
    policy = "default-src 'none'"
    assert points(content_security_policy=policy) == 80
    assert points(content_security_policy=policy, x_frame_options="DENY") == 125
