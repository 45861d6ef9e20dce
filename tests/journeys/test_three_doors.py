"""A change of settings at its three doors: page, API and command show the same, and take each other's quotes."""

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from itertools import permutations
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Account, User
from policies import planning
from policies.models import PlannedChange, Policy
from policies.spreading import SPREAD_FROM
from tests.api.caller import session_of
from tests.cast import School
from tests.pages.saving import path_of, quote_in
from tests.pages.visits import client_of, rows_of, text_of, token_of
from tokens.models import AccessToken


@dataclass(frozen=True)
class Wish:
    """Settings as the page sends them, and how they shall come."""

    settings: Mapping[str, str]
    terms: Mapping[str, str]
    typed: str = ""


@dataclass(frozen=True)
class Seen:
    """What a door shows: the sentences, the purposes of the first tokens, and what to send back."""

    words: list[str]
    tokens: list[str]
    quote: str


DAY = (timezone.now() + timedelta(days=60)).date().isoformat()
WISHES = {
    "a shorter limit": Wish({"student_cap_days": "30"}, {}),
    "with much time": Wish({"student_cap_days": "30", "audience": "everyone"}, {"grace_days": "60"}),
    "without any time": Wish({"student_cap_days": "30"}, {"grace_days": "0", "spread_days": "0"}, typed="281"),
    "losers revoked": Wish({"audience": "no_students"}, {"existing": "revoke"}),
    "losers until a day": Wish({"audience": "admins_only"}, {"existing": "end_on", "existing_end": DAY}),
    "losers run out": Wish({"audience": "admins_only", "tokens_at_once": "3"}, {"existing": "run_out"}),
    "what nobody notices": Wish({"guidance_url": "https://school.example/", "longer_on_request": "no"}, {}),
    "new tokens only": Wish({"scopes_required": "yes"}, {}),
}


@pytest.fixture
def held(school: School) -> School:
    """Enough tokens of students for their ends to be spread, 281 of them past 30 days, and one of a teacher's."""
    now = timezone.now()
    AccessToken.objects.bulk_create(rows_of(school.student, SPREAD_FROM + 115, now=now))
    token_of(school.other_student, days=119, purpose="Homework")
    token_of(school.teacher, days=300, purpose="Grades")
    return school


def by_page(user: User, root: Account, wish: Wish) -> Seen:
    answer = client_of(user).post(f"{path_of(root)}preview/", {**wish.settings, **wish.terms})
    page = text_of(answer)
    said = page.partition("data-said>")[2].partition("</div>")[0]
    items = re.findall(r"<li><span[^>]*>.*?</span><span>(.*?)</span></li>", said, re.DOTALL)
    words = [plain(re.sub(r"<small>(.*?)</small>", r". \1", item)) for item in items]
    purposes = re.findall(r'<span dir="auto">(.*?)</span>', page.partition('class="fold hits"')[2])
    return Seen(words, purposes[:20], html.unescape(quote_in(answer)))


def plain(marked: str) -> str:
    """The words without their marking."""
    return html.unescape(re.sub(r"<[^>]*>", "", marked))


def by_api(user: User, _root: Account, wish: Wish) -> Seen:
    answer = session_of(user).post("accounts/self/token_policy/preview", body_of(wish))
    assert answer.status == 200
    return seen_in(answer.body)


def body_of(wish: Wish) -> dict[str, Any]:
    return {"token_policy": dict(wish.settings), **wish.terms}


def by_command(_user: User, _root: Account, wish: Wish) -> Seen:
    out = StringIO()
    call_command("policy", "plan", *words_of(wish), "--json", stdout=out)
    return seen_in(json.loads(out.getvalue()))


def words_of(wish: Wish) -> list[str]:
    options = {"grace_days": "--grace", "spread_days": "--spread"}
    terms = [
        word for name, value in wish.terms.items() for word in (options.get(name, f"--{name.replace('_', '-')}"), value)
    ]
    return [*(f"{name}={value}" for name, value in wish.settings.items()), *terms]


def seen_in(preview: Mapping[str, Any]) -> Seen:
    return Seen(preview["words"], [each["purpose"] for each in preview["tokens"]][:20], preview["quote"])


def save_by_page(user: User, root: Account, wish: Wish, quote: str) -> None:
    sent = {**wish.settings, **wish.terms, "quote": quote, "typed": wish.typed}
    assert client_of(user).post(path_of(root), sent).status_code == 302


def save_by_api(user: User, _root: Account, wish: Wish, quote: str) -> None:
    typed = {"typed": int(wish.typed)} if wish.typed else {}
    assert session_of(user).put("accounts/self/token_policy", {**body_of(wish), "quote": quote, **typed}).status == 200


def save_by_command(_user: User, _root: Account, wish: Wish, quote: str) -> None:
    typed = ["--typed", wish.typed] if wish.typed else []
    call_command("policy", "apply", *words_of(wish), "--quote", quote, *typed, stdout=StringIO())


Show = Callable[[User, Account, Wish], Seen]
Save = Callable[[User, Account, Wish, str], None]
DOORS: Mapping[str, tuple[Show, Save]] = {
    "page": (by_page, save_by_page),
    "api": (by_api, save_by_api),
    "command": (by_command, save_by_command),
}


@pytest.mark.parametrize("name", WISHES)
def test_the_doors_show_the_same(held: School, name: str) -> None:
    page, api, command = (show(held.admin, held.root, WISHES[name]) for show, _save in DOORS.values())
    assert page.words
    assert page.words == api.words == command.words
    assert page.tokens == api.tokens == command.tokens
    assert not PlannedChange.objects.exists()


@pytest.mark.parametrize("name", ["a shorter limit", "without any time", "losers until a day", "new tokens only"])
@pytest.mark.parametrize(("one", "other"), list(permutations(DOORS, 2)))
def test_what_one_door_showed_another_saves(held: School, name: str, one: str, other: str) -> None:
    wish, (show, _save), (_show, save) = WISHES[name], DOORS[one], DOORS[other]
    save(held.admin, held.root, wish, show(held.admin, held.root, wish).quote)
    planned = planning.open_change(held.root) or PlannedChange.objects.first()
    decided = {**Policy.objects.get().values()} if planned is None else planned.values
    assert {setting: str(decided[setting]) for setting in wish.settings} == {
        setting: {"yes": "True"}.get(value, value) for setting, value in wish.settings.items()
    }
