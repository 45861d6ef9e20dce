"""A plugin of pytest for the processes that mutmut forks: nothing that the parent worked out is left in them."""

import ast
import os
import sys
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from django.conf import settings as django_settings
from hypothesis import Phase, settings

from tests.mutants.committing import commits

_MODULES, _ORDER = (os.environ[name].split(",") for name in ("MUTANTS_MODULES", "MUTANTS_TESTS"))


def pytest_configure(config: pytest.Config) -> None:
    """Say the fixture after pytest-django has said its own: the last one counts."""
    config.pluginmanager.import_plugin("tests.mutants.databases")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Spend no time on what no mutant is noticed by: the smallest example of hypothesis, and a hash that is slow."""
    if "tokens.secrets" not in _MODULES:
        django_settings.TOKEN_ARGON2 = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
    settings.register_profile("mutants", settings.get_profile("steady"), phases=[Phase.explicit, Phase.generate])
    settings.load_profile("mutants")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask in the order of the subject, its sharpest tests first, and none of two that do something at once."""
    kept = [item for item in items if not commits(item)]
    items[:] = sorted(kept, key=lambda item: next(n for n, tests in enumerate(_ORDER) if item.nodeid.startswith(tests)))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Work out anew what the modules under test keep: the one who kept it was not mutated."""
    for name in _MODULES:
        if module := sys.modules.get(name):
            renew(module)


def renew(module: ModuleType) -> None:
    """Empty the caches of a module, and make those of its constants again that its own functions made."""
    for value in list(vars(module).values()):
        if hasattr(value, "cache_clear"):
            value.cache_clear()
    exec(_constants(module.__file__ or ""), vars(module))  # noqa: S102  # the module's own lines


@cache
def _constants(path: str) -> CodeType:
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    made = [node for node in tree.body if isinstance(node, ast.Assign) and _calls(node) & own]
    return compile(ast.Module(list[ast.stmt](made), []), path, "exec")


def _calls(node: ast.AST) -> set[str]:
    calls = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
    return {each.id for each in calls if isinstance(each, ast.Name)}
