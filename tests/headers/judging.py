"""What is wrong with an answer, in words: the Observatory's rules, and the portal's own that go further."""

from http.cookies import Morsel, SimpleCookie

from tests.headers import observatory
from tests.headers.production import Answer

YEAR = 365 * 86_400  # seconds


def faults_of(answer: Answer, plain: str | None = None, *, may_be_kept: bool = False) -> list[str]:
    """Everything, of an answer that over plain HTTP leads to `plain`; what holds nothing of anybody may be kept."""
    faults = [*_short_of_a_plus(answer, plain), *_loose_headers(answer)]
    faults += [fault for morsel in _cookies_of(answer) for fault in _loose_cookie(morsel)]
    if not may_be_kept and "no-store" not in answer.get("Cache-Control"):
        faults.append(f"caches may keep it: {answer.get('Cache-Control')!r}")
    return faults


def _short_of_a_plus(answer: Answer, plain: str | None) -> list[str]:
    """What costs points, though bonuses make up for it; and the sum, if they do not."""
    verdicts = observatory.judge(answer.seen(plain))
    points = observatory.score(verdicts)
    short = [] if points >= observatory.A_PLUS else [f"{points} points"]
    return [*short, *(f"{each.result} {each.points}" for each in verdicts if each.points < 0)]


def _loose_headers(answer: Answer) -> list[str]:
    wanted = {
        "Cross-Origin-Resource-Policy": "same-origin",
        "Strict-Transport-Security": f"max-age={2 * YEAR}; includeSubDomains; preload",
        "Access-Control-Allow-Origin": "",
    }
    if answer.is_page:
        wanted |= {"Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY"}
    found = [f"{name}: {answer.get(name)!r}" for name, value in wanted.items() if answer.get(name) != value]
    if answer.is_page and "camera=()" not in answer.get("Permissions-Policy"):
        found.append("no Permissions-Policy")
    if any(digit in answer.get("Server") for digit in "0123456789") or answer.get("X-Powered-By"):
        found.append("the server tells its version")
    if answer.body and not answer.get("Content-Type"):
        found.append("no Content-Type")
    kind = answer.get("Content-Type").replace('"', "").lower()
    if kind.startswith("text/") and "charset=utf-8" not in kind:
        found.append(f"no charset: {kind}")
    return found


def _cookies_of(answer: Answer) -> list["Morsel[str]"]:
    read: SimpleCookie = SimpleCookie()
    for line in answer.cookies:
        read.load(line)
    return list(read.values())


def _loose_cookie(morsel: "Morsel[str]") -> list[str]:
    """RFC 6265bis section 4.1.3.2: a name with __Host- needs Secure and the path /, and no domain."""
    is_bound = morsel.key.startswith("__Host-") and morsel["secure"] and morsel["path"] == "/" and not morsel["domain"]
    found = [] if is_bound else [f"{morsel.key} is not bound to this host"]
    if not morsel["httponly"] and morsel.value:  # an empty one is on its way out
        found.append(f"{morsel.key} can be read by scripts")
    return found if morsel["samesite"] in ("Lax", "Strict") else [*found, f"{morsel.key} goes along from other sites"]
