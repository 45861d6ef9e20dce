"""The token string and what is kept of it."""

import logging
import re

import pytest
from argon2 import PasswordHasher
from pytest_django import Settings

from tokens import secrets
from tokens.secrets import MaskSecrets, generate, keep, parse, tag_matches, verifier_matches


def test_a_token_is_71_characters_that_a_double_click_takes() -> None:
    token = generate()
    assert len(token.text) == 71
    assert re.fullmatch(r"tpat_[A-Za-z][0-9A-Za-z]{15}_[0-9A-Za-z]{49}", token.text)
    assert token.text.split("_")[1] == token.lookup_id


def test_ten_thousand_tokens_are_all_different_and_parse() -> None:
    tokens = [generate() for _ in range(10_000)]
    assert len({token.lookup_id for token in tokens}) == len({token.text for token in tokens}) == 10_000
    assert all(parse(token.text) == token for token in tokens)


def test_every_single_typo_is_refused_without_looking_anything_up() -> None:
    text = generate().text
    for position in range(len(text)):
        for other in "0aZ_":
            if text[position] != other:
                assert parse(text[:position] + other + text[position + 1 :]) is None


@pytest.mark.parametrize(
    "change", [str.upper, str.strip, lambda t: t + "\n", lambda t: " " + t, lambda t: t[:-1], lambda t: t + "0"]
)
def test_only_the_exact_text_parses(change: object) -> None:
    text = generate().text
    changed = change(text)  # type: ignore[operator]
    assert (parse(changed) is not None) == (changed == text)


def test_nothing_that_is_kept_contains_the_secret() -> None:
    token = generate()
    kept = keep(token)
    secret = token.text.split("_")[2]
    assert secret not in repr(kept) + kept.verifier + repr(token)
    assert kept.verifier.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(kept.tag) == 32


def test_tag_and_verifier_know_their_token_and_no_other() -> None:
    token, other = generate(), generate()
    kept = keep(token)
    assert tag_matches(token, kept.tag, kept.tag_key)
    assert verifier_matches(token, kept.verifier)
    assert not tag_matches(other, kept.tag, kept.tag_key)
    assert not verifier_matches(other, kept.verifier)


def test_a_stored_verifier_that_asks_for_too_much_is_not_computed() -> None:
    token = generate()
    greedy = PasswordHasher(time_cost=1, memory_cost=128 * 1024, parallelism=1).hash(token.text)
    assert not verifier_matches(token, greedy)
    assert not verifier_matches(token, "not a hash")


def test_another_key_makes_another_tag(settings: Settings) -> None:
    token = generate()
    kept = keep(token)
    settings.TOKEN_KEYS = {"new": b"n" * 32, **settings.TOKEN_KEYS}
    assert secrets.tag_of(token)[0] == "new"
    assert secrets.tag_of(token)[1] != kept.tag
    assert tag_matches(token, kept.tag, kept.tag_key)


def test_a_log_line_keeps_the_lookup_id_only() -> None:
    token = generate()
    record = logging.LogRecord("x", logging.INFO, "", 0, "called with %s", (token.text,), None)
    assert MaskSecrets().filter(record)
    assert record.getMessage() == f"called with tpat_{token.lookup_id}_…"


def test_a_traceback_in_the_log_is_masked_too() -> None:
    token = generate()
    try:
        int(token.text)
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "broke", (), (type(error), error, error.__traceback__))
    MaskSecrets().filter(record)
    assert token.text not in logging.Formatter().format(record)
