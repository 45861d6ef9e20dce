"""Interleaved rounds: A B C … A B C …, so that whatever else happens on the machine happens to everybody."""

from collections.abc import Sequence

from tests.bench.load import Contestant, Sample, middle

WARM_UP = 2.0  # seconds, each, before the first round


def play(contestants: Sequence[Contestant], *, rounds: int, seconds: float) -> dict[str, Sample]:
    """The median of each contestant's rounds."""
    for each in contestants:
        each.measure(WARM_UP)
    samples: dict[str, list[Sample]] = {each.name: [] for each in contestants}
    for number in range(1, rounds + 1):
        print(f"Round {number} of {rounds}", flush=True)
        for each in contestants:
            samples[each.name].append(each.measure(seconds))
    return {name: middle(taken) for name, taken in samples.items()}
