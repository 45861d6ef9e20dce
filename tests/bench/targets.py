"""What the figures have to reach (target Q5), and whether they do."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.bench import contestants as names
from tests.bench.load import Sample


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target: what was asked, what came out, and whether that is enough."""

    asked: str
    found: str
    is_met: bool


def verdicts(figures: Mapping[str, Sample], argon2_calls: int) -> list[Verdict]:
    """Hold the figures against each target."""

    def rate(name: str) -> float:
        return figures[name].per_second

    verify, good, beside = figures[names.VERIFY], figures[names.GOOD], figures[names.GOOD_BESIDE_WRONG]
    own = rate(names.SELF) / rate(names.SELF_OPEN)
    best = max(rate(name) for name in names.PEERS) / rate(names.TRIVIAL_OPEN)
    simple = max(rate(names.KNOX), rate(names.DRF_TOKEN))
    slower = beside.p99_ms / good.p99_ms
    return [
        _at_least("/verify, a second", verify.per_second, 5_000),
        Verdict("/verify, p99 ≤ 10 ms", f"{verify.p99_ms:.1f} ms", verify.p99_ms <= 10),
        _times("/verify against knox or DRF TokenAuthentication, the faster", verify.per_second / simple, 5),
        _times("introspection against django-oauth-toolkit's", rate(names.INTROSPECT) / rate(names.DOT_INTROSPECT), 12),
        Verdict("users/self against itself without authentication ≥ 60 %", f"{own:.0%}", own >= 0.6),
        _times("that share against the best peer's share of its view", own / best, 1.5),
        _times("the trivial view with ours against the best peer's", _trivial(figures), 1.5),
        _at_least("batch of 100, tokens a second", rate(names.BATCH), 20_000),
        Verdict("p99 of good traffic beside wrong secrets ≤ 1.5 × usual", f"{slower:.2f} ×", slower <= 1.5),
        Verdict("Argon2 called", f"{argon2_calls} times", argon2_calls == 0),
    ]


def _trivial(figures: Mapping[str, Sample]) -> float:
    return figures[names.TRIVIAL].per_second / max(figures[name].per_second for name in names.PEERS)


def _at_least(what: str, found: float, least: int) -> Verdict:
    return Verdict(f"{what} ≥ {least:,}", f"{found:,.0f}", found >= least)


def _times(what: str, found: float, least: float) -> Verdict:
    return Verdict(f"{what} ≥ {least:g} ×", f"{found:.1f} ×", found >= least)
