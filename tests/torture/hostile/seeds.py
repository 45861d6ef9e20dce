"""Bytes that what reads the bytes of strangers knows, right and wrong ones, for whoever bends them further."""

import base64

from tests.torture.hostile.values import DATES, NO_DATES, NO_FORMS, NO_JSON, NO_PARTS, PARTS
from tokens import secrets

GOOD = secrets.generate("tpat").text.encode()
SEEDS = [
    GOOD,
    b"x" + GOOD + b"x",
    b"Basic " + base64.b64encode(b"a%41+:b%zz"),
    *(each.encode("utf-8", "surrogatepass") for each in (*DATES, *NO_DATES)),
    *(each for each in (*NO_JSON, *NO_FORMS, *PARTS, *NO_PARTS) if len(each) < 2_000),
]
