"""How people's names are composed, as Canvas does it. Pure."""


def sortable_of(name: str) -> str:
    """`Ludwig van Beethoven` as `Beethoven, Ludwig van`; a name of one word, or with a comma, as it is."""
    first, _space, last = name.rpartition(" ")
    return f"{last}, {first}" if first and "," not in name else name
