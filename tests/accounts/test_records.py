"""What a record is and where it begins, whatever the bytes."""

from io import BytesIO

import pytest

from accounts.sis.records import MOST_CHARACTERS, MOST_LINES, records


def read(content: bytes) -> list[tuple[int, list[str]]]:
    return [(record.line, record.fields) for record in records(BytesIO(content)) if not record.broken]


def broken(content: bytes) -> list[int]:
    return [record.line for record in records(BytesIO(content)) if record.broken]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n", [(1, ["a", "b"]), (2, ["1", "2"])]),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", [(1, ["a", "b"]), (2, ["1", "2"])]),
        (b"a\rb\r", [(1, ["a"]), (2, ["b"])]),
        (b"a\n\n \n,\nb", [(1, ["a"]), (5, ["b"])]),
        (b'a\n"x\ny\nz"\nb\n', [(1, ["a"]), (2, ["x\ny\nz"]), (5, ["b"])]),
        (b'"say ""hi"", now"\n', [(1, ['say "hi", now'])]),
        (b"", []),
    ],
)
def test_a_record_begins_on_its_physical_line(content: bytes, expected: list[tuple[int, list[str]]]) -> None:
    assert read(content) == expected


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a\n\xff\nb\n", [2]),
        (b"a\n1\x002\nb\n", [2]),
        (b'a\n"x"y\nb\n', [2]),
        (b'a\n"never closed\nb\n', [2]),
        (b'a\n"x\ny"z\nb\n', [2]),
        (b'a\n"' + b"x\n" * (MOST_LINES + 5) + b"b\n", [2]),
        (b"a\n" + b"x" * (MOST_CHARACTERS * 3) + b"\nb\n", [2]),
    ],
)
def test_a_broken_record_is_named_and_takes_no_other_with_it(content: bytes, lines: list[int]) -> None:
    assert broken(content) == lines
    assert [fields for _line, fields in read(content)][-1] == ["b"]
