"""The house keeps its order: one writer of tokens, one clock at the entrances, one set of settings."""

import ast
from pathlib import Path

from policies.models import FIELDS, Policy
from policies.rules import SETTINGS, Rules

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "policies", "tokens", "tokenportal")
WRITES = {"save", "create", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete"}
WRITERS = {
    "tokens/lifecycle/verbs.py",
    "tokens/lifecycle/batches.py",
    "tokens/lifecycle/classes.py",
    "tokens/lifecycle/importing.py",
    "tokens/lifecycle/issuing.py",
    "tokens/lifecycle/leaving.py",
    "tokens/lifecycle/moving.py",
    "tokens/lifecycle/overlapping.py",
    "tokens/lifecycle/shortening.py",
    "tokens/lifecycle/unused.py",
}


def sources() -> dict[str, ast.Module]:
    files = (path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in files}


def writes_of_tokens(tree: ast.AST) -> list[int]:
    """Lines that call a writing method on a token, a list of tokens, or `AccessToken.objects`, or write its table."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            names = {n.id for n in ast.walk(node.func.value) if isinstance(n, ast.Name)}
            if names & {"AccessToken", "token", "tokens"}:
                lines.append(node.lineno)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = " ".join(node.value.lower().split())
            if any(f"{verb} tokens_accesstoken" in words for verb in ("update", "insert into", "delete from")):
                lines.append(node.lineno)
    return lines


def test_nothing_but_the_lifecycle_and_the_usage_roll_up_writes_a_token() -> None:
    writers = {name for name, tree in sources().items() if writes_of_tokens(tree)}
    assert writers == WRITERS | {"tokens/usage/rollup.py"}


def test_the_search_for_writers_finds_one() -> None:
    planted = (
        "from tokens.models import AccessToken\nAccessToken.objects.filter(pk=1).update(state='active')\ntoken.save()"
    )
    assert writes_of_tokens(ast.parse(planted)) == [2, 3]


def test_every_setting_has_one_column_and_one_rule_of_the_same_name() -> None:
    columns = {field.name for field in Policy._meta.concrete_fields}
    assert set(SETTINGS) == set(Rules.__dataclass_fields__) == columns - {"account", "locked", "updated_at"}
    assert set(FIELDS) == set(SETTINGS) | {"locked"}


def test_no_room_is_called_utils() -> None:
    assert not [
        name for name in sources() if {"utils", "helpers", "common", "services"} & set(Path(name).with_suffix("").parts)
    ]
