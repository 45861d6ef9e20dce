"""`python -m tests.torture.hostile.fuzzing TARGET DIRECTORY`: bend bytes by what code of the reader they reach.

Further arguments are libFuzzer's own, such as `-runs=1000` and `-seed=1`. Ends with a failure, and leaves the bytes in
the directory, where a target failed on them; the target `planted` does.
"""

import email.parser
import inspect
import json.decoder
import sys
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import atheris
import django

django.setup()

# ruff: noqa: E402  # what imports models can be imported only now
import django.http.multipartparser
import django.http.request
import django.utils.http

from accounts import parameters
from policies import expiry
from tests.torture.hostile.seeds import SEEDS
from tests.torture.hostile.targets import TARGETS
from tokenportal import parsers
from tokens import secrets
from tokens.gateway import http

READERS = (
    *(parameters, expiry, parsers, secrets, http, json.decoder, urllib.parse, email.parser),
    *(django.http.multipartparser, django.http.request, django.utils.http),
)


def planted(data: bytes) -> None:
    """Fail on three bytes that nobody guesses at once, but one after the other."""
    if data[:1] == b"\xfe" and data[1:2] == b"\x00":
        assert data[2:3] != b"\xff"


def functions(module: ModuleType) -> Iterator[FunctionType]:
    """Those that a module and its classes define; atheris would take whole packages where it looks at imports."""
    classes = [each for each in vars(module).values() if inspect.isclass(each)]
    for place in (module, *classes):
        for each in vars(place).values():
            found = inspect.unwrap(getattr(each, "fget", None) or getattr(each, "__func__", each))
            if inspect.isfunction(found) and found.__module__ == module.__name__:
                yield found


def main() -> None:
    name, directory = sys.argv[1], Path(sys.argv[2])
    targets: dict[str, Callable[[bytes], None]] = {**TARGETS, "planted": planted}
    for function in (*(each for module in READERS for each in functions(module)), planted):
        atheris.instrument_func(function)
    corpus = directory / name
    corpus.mkdir()
    for number, seed in enumerate(SEEDS if name in TARGETS else []):
        (corpus / f"{number:03}").write_bytes(seed)
    options = [f"-artifact_prefix={directory}/", "-max_len=2000", "-timeout=10"]
    atheris.Setup([sys.argv[0], str(corpus), *options, *sys.argv[3:]], targets[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
