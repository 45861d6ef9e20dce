"""The token string and what is kept of it."""

import hashlib
import hmac
import logging
import re
import zlib
from string import ascii_letters, digits
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from tokens import foreign, secrets
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


def base62(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = secrets.ALPHABET[digit] + digits
    return digits.rjust(6, "0")


@given(st.text("0123456789abcxyzABCXYZ_", max_size=80))
def test_the_checksum_is_the_crc_32_of_all_before_it_in_base_62(body: str) -> None:
    assert secrets.checksum(body) == base62(zlib.crc32(body.encode()))


def test_a_lookup_id_begins_with_a_letter_and_takes_all_letters_and_digits() -> None:
    ids = [generate().lookup_id for _ in range(2000)]
    assert {each[0] for each in ids} == set(ascii_letters)
    assert set("".join(ids)) == set(ascii_letters + digits)


def test_the_secret_of_a_service_is_no_token_and_a_token_no_secret_of_a_service(settings: Settings) -> None:
    ours, theirs = generate(), generate(settings.VERIFIER_PREFIX)
    assert parse(theirs.text, settings.VERIFIER_PREFIX) == theirs
    assert parse(theirs.text) is None
    assert parse(ours.text, settings.VERIFIER_PREFIX) is None


def test_the_prefix_is_what_the_school_says(settings: Settings) -> None:
    settings.TOKEN_PREFIX = "a.b"
    made = generate()
    assert made.text.startswith(f"a.b_{made.lookup_id}_")
    assert parse(made.text) == made
    assert parse(made.text.replace("a.b", "aXb")) is None


CANVAS = "1234~" + "Ab3" * 20


@pytest.fixture
def canvas(settings: Settings) -> None:
    settings.FOREIGN_TOKENS = r"[0-9]+~[0-9A-Za-z]{60}"


def test_a_token_of_another_system_is_known_by_its_hash(canvas: None, settings: Settings) -> None:
    found = parse(CANVAS)
    assert found is not None
    digest = hashlib.sha256(CANVAS.encode()).digest()
    assert (found.lookup_id, found.text) == (foreign.lookup_of(digest), CANVAS)
    assert secrets.tag_of(found, foreign.KEY) == (foreign.KEY, digest)
    assert tag_matches(found, digest, foreign.KEY)
    assert parse(CANVAS, settings.VERIFIER_PREFIX) is None


def test_the_key_of_a_tag_is_good_until_it_is_retired_or_forgotten(settings: Settings) -> None:
    settings.TOKEN_KEYS = {"new": b"n" * 32, "old": b"o" * 32, "older": b"p" * 32}
    settings.TOKEN_KEYS_RETIRED, settings.TOKEN_KEYS_OUTGOING = ["older"], ["old"]
    good = {name: secrets.is_key_good(name) for name in ("new", "old", "older", "lost", foreign.KEY)}
    assert good == {"new": True, "old": True, "older": False, "lost": False, foreign.KEY: True}
    assert [secrets.is_key_outgoing(name) for name in ("new", "old", "older")] == [False, True, False]


def test_a_tag_is_an_hmac_sha_256_under_the_primary_key_or_the_one_that_is_named(settings: Settings) -> None:
    token = generate()
    settings.TOKEN_KEYS = {"new": b"n" * 32, "old": b"o" * 32}
    for name, key in ((None, "new"), ("new", "new"), ("old", "old")):
        expected = hmac.digest(settings.TOKEN_KEYS[key], token.text.encode(), "sha256")
        assert secrets.tag_of(token, name) == (key, expected)


def test_all_that_is_kept_belongs_to_the_token(settings: Settings) -> None:
    token = generate()
    kept = keep(token)
    assert (kept.lookup_id, kept.tag_key, kept.tag) == (token.lookup_id, *secrets.tag_of(token))


def test_where_there_is_no_secret_yet_a_tag_stands_that_fits_nothing(settings: Settings) -> None:
    settings.TOKEN_KEYS = {"new": b"n" * 32, **settings.TOKEN_KEYS}
    (lookup_id, key, tag), other = secrets.unknown(), secrets.unknown()
    assert re.fullmatch(r"[A-Za-z][0-9A-Za-z]{15}", lookup_id)
    assert (key, len(tag)) == ("new", 32)
    assert lookup_id != other[0]
    assert tag != other[2]
    assert {secrets.unknown()[0][0] for _ in range(2000)} == set(ascii_letters)


def test_looking_for_nothing_takes_the_same_steps_as_looking_for_something(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = list[tuple[bytes, bytes]]()
    compare = hmac.compare_digest

    def noted(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    token = generate()
    tag = secrets.tag_of(token)[1]
    secrets.compare_with_nothing(token)
    assert compared == [(tag, bytes(32))]


@pytest.mark.parametrize(
    ("time_cost", "memory_cost", "parallelism", "computed"),
    [(4, 64 * 1024, 4, True), (5, 1024, 1, False), (1, 64 * 1024 + 1, 1, False), (1, 1024, 5, False)],
)
def test_a_verifier_is_computed_up_to_the_ceiling_of_each_cost(
    time_cost: int, memory_cost: int, parallelism: int, computed: bool
) -> None:
    token = generate()
    kept = PasswordHasher(time_cost, memory_cost, parallelism).hash(token.text)
    assert verifier_matches(token, kept) is computed


def test_a_new_verifier_costs_what_the_settings_say(settings: Settings) -> None:
    settings.TOKEN_ARGON2 = {"time_cost": 3, "memory_cost": 2048, "parallelism": 2}
    secrets._hasher.cache_clear()
    try:
        assert keep(generate()).verifier.startswith("$argon2id$v=19$m=2048,t=3,p=2$")
    finally:
        secrets._hasher.cache_clear()


def test_a_text_that_holds_the_shape_of_a_secret_is_found_whatever_its_checksum(
    canvas: None, settings: Settings
) -> None:
    token, service = generate().text, generate(settings.VERIFIER_PREFIX).text
    for secret in (token, service, token[:-1] + ("0" if token[-1] != "0" else "1"), CANVAS):
        assert secrets.found_in(f"my token is {secret}, please")
    for harmless in ("", token.split("_")[1], token[:-1], "tpat_", "1234~"):
        assert not secrets.found_in(harmless)


def test_without_foreign_tokens_none_is_looked_for(settings: Settings) -> None:
    settings.FOREIGN_TOKENS = ""
    assert not secrets.found_in(CANVAS)
    assert parse(CANVAS) is None


def test_of_a_secret_only_the_lookup_id_is_left(canvas: None, settings: Settings) -> None:
    token, service = generate(), generate(settings.VERIFIER_PREFIX)
    assert secrets.mask(f"<{token.text}>") == f"<tpat_{token.lookup_id}_…>"
    assert secrets.mask(service.text) == f"{settings.VERIFIER_PREFIX}_{service.lookup_id}_…"
    assert (
        secrets.mask(f"{token.text[:30]} and {token.text}") == f"tpat_{token.lookup_id}_… and tpat_{token.lookup_id}_…"
    )
    assert secrets.mask(service.text[:40]) == f"{settings.VERIFIER_PREFIX}_{service.lookup_id}_…"
    assert secrets.mask(f"to {CANVAS}.") == "to …."


def test_a_bare_secret_is_masked_and_what_is_shorter_is_not() -> None:
    assert secrets.mask("a" * 40) == "…"
    assert secrets.mask("a" * 39) == "a" * 39


def test_of_the_secret_of_a_webhook_its_beginning_is_left() -> None:
    assert secrets.mask("whsec_MfKQ9r8GKYqr+/=x and whsec_") == "whsec_… and whsec_"
    assert secrets.mask("whsec_1234567 whsec_12345678") == "whsec_1234567 whsec_…"


def of(message: Any, *arguments: Any, **fields: Any) -> logging.LogRecord:
    record = logging.LogRecord("x", logging.INFO, "", 0, message, arguments, None)
    vars(record).update(fields)
    assert MaskSecrets().filter(record) is True
    return record


def test_what_a_line_carries_beside_its_message_is_masked_and_what_is_no_text_stays() -> None:
    token = generate()
    record = of("called", path=f"/{token.text}", status=404, exc_text=token.text)
    assert (record.path, record.status) == (f"/tpat_{token.lookup_id}_…", 404)  # type: ignore[attr-defined]
    assert record.exc_text == f"tpat_{token.lookup_id}_…"


def test_a_message_is_put_together_once() -> None:
    record = of("%s of %d%%", "some", 5)
    assert (record.msg, record.args) == ("some of 5%", None)
    assert of("100%").getMessage() == "100%"


@pytest.mark.parametrize(
    ("message", "arguments"),
    [("%d of them", ("many",)), ("%(name)s", ({"other": 1},)), ("%s", ("a", "b")), ("%y", (1,))],
)
def test_arguments_that_do_not_fit_stand_beside_the_message(message: str, arguments: tuple[Any, ...]) -> None:
    record = of(message, *arguments)
    assert record.msg == f"{message} {arguments[0] if isinstance(arguments[0], dict) else arguments!r}"
    assert record.args is None


def test_a_traceback_that_is_written_already_is_left_as_it_is() -> None:
    error = ValueError("new")
    record = of("broke", exc_info=(ValueError, error, None), exc_text="Traceback: old")
    assert record.exc_text == "Traceback: old"
    assert of("fine").exc_text is None
