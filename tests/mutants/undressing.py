"""Decorated functions written so that mutmut sees into them: it leaves alone whatever has a decorator.

    @transaction.atomic                 def bare_issue(...): ...
    def issue(...): ...         ->      issue = transaction.atomic(bare_issue)

Both mean the same. This is done to the copy that is mutated, never to the code itself.
"""

from collections.abc import Iterable, Iterator

import libcst as cst
from libcst import matchers

BARE = "bare_"
_SEEN_BY_MUTMUT = matchers.Name("staticmethod") | matchers.Name("classmethod")


def undress(source: str) -> str:
    """Return the source of a module with its decorated functions and methods undressed."""
    return cst.parse_module(source).visit(_Undresser()).code


class _Undresser(cst.CSTTransformer):
    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        return updated_node.with_changes(body=[*_undressed(updated_node.body)])

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        block = updated_node.body
        return updated_node.with_changes(body=block.with_changes(body=[*_undressed(block.body)]))


def _undressed(statements: Iterable[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    for each in statements:
        if not isinstance(each, cst.FunctionDef) or not each.decorators or _is_seen(each):
            yield each
            continue
        name = each.name.value
        yield each.with_changes(name=cst.Name(BARE + name), decorators=[])
        wrapped: cst.BaseExpression = cst.Name(BARE + name)
        for decorator in reversed(each.decorators):
            wrapped = cst.Call(decorator.decorator, [cst.Arg(wrapped)])
        yield cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], wrapped)])


def _is_seen(function: cst.FunctionDef) -> bool:
    return len(function.decorators) == 1 and matchers.matches(function.decorators[0].decorator, _SEEN_BY_MUTMUT)
