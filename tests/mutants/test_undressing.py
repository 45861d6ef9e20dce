"""Undressed code means the same, and what has no decorator stays as it was."""

from textwrap import dedent

from tests.mutants.undressing import undress


def undressed(source: str) -> str:
    return undress(dedent(source))


def test_a_decorated_function_is_named_anew_and_wrapped_by_hand() -> None:
    assert undressed("""
        @transaction.atomic
        @cache
        def issue(owner: User) -> Issued:
            return owner
        """) == dedent("""
        def bare_issue(owner: User) -> Issued:
            return owner
        issue = transaction.atomic(cache(bare_issue))
        """)


def test_methods_are_undressed_too_and_work_as_before() -> None:
    source = """
        from functools import cached_property

        class Counter:
            calls = 0

            @property
            def name(self) -> str:
                return "counter"

            @cached_property
            def once(self) -> int:
                self.calls += 1
                return self.calls

            @staticmethod
            def plain() -> int:
                return 7
        """
    code = undressed(source)
    assert "@property" not in code
    assert "@staticmethod\n    def plain" in code
    there: dict[str, object] = {}
    exec(code, there)  # noqa: S102  # it stands above
    counter = there["Counter"]()  # type: ignore[operator]
    assert (counter.name, counter.once, counter.once, counter.plain()) == ("counter", 1, 1, 7)


def test_what_has_no_decorator_stays_as_it_is() -> None:
    source = "def plain(a: int) -> int:\n    return a\n\n\nCONSTANT = plain(1)\n"
    assert undress(source) == source
