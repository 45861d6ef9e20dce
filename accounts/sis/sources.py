"""Where a roster lies: the CSV files of a directory or of a zip, by what they hold."""

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from accounts.sis.report import SisError

# What is read of a roster, in the order in which one refers to the other. Every other file is left alone.
KINDS = ("accounts", "users", "courses", "sections", "enrollments", "admins")
# Bytes, unpacked: some thirty times the roster of a very large school. A zip that says it holds more is not opened.
MOST_BYTES = 2 * 1024**3


class Place(Protocol):
    """A directory or a zip, opened."""

    def open(self, name: str) -> IO[bytes]: ...


@dataclass(frozen=True)
class File:
    """One CSV file; `name` is what the report calls it."""

    kind: str
    name: str
    place: Place

    def open(self) -> IO[bytes]:
        return self.place.open(self.name)


class _Directory:
    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, name: str) -> IO[bytes]:
        return (self._path / name).open("rb")


@contextmanager
def opened(path: Path) -> Iterator[list[File]]:
    """Give the files of a roster in the order in which they are to be read. Raises SisError.

    Names may be in any case, and a zip may have them in a folder; of several of one kind all are read, by name.
    """
    with ExitStack() as stack:
        try:
            place, names = _in_zip(path, stack) if path.is_file() else _in_directory(path)
        except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
            raise SisError(f"{path} cannot be read: {error}") from error
        files = [File(kind, name, place) for name in sorted(names) if (kind := _kind_of(name)) is not None]
        if not files:
            raise SisError(f"{path} holds none of {', '.join(f'{kind}.csv' for kind in KINDS)}.")
        yield sorted(files, key=lambda file: KINDS.index(file.kind))


def _kind_of(name: str) -> str | None:
    path = PurePosixPath(name.lower())
    is_ours = path.suffix == ".csv" and path.stem in KINDS and "__macosx" not in path.parts
    return path.stem if is_ours else None


def _in_directory(path: Path) -> tuple[Place, list[str]]:
    return _Directory(path), [entry.name for entry in path.iterdir() if entry.is_file()]


def _in_zip(path: Path, stack: ExitStack) -> tuple[Place, list[str]]:
    if not zipfile.is_zipfile(path):
        raise SisError(f"{path} is neither a directory nor a zip.")
    archive = stack.enter_context(zipfile.ZipFile(path))
    entries = [entry for entry in archive.infolist() if _kind_of(entry.filename)]
    if sum(entry.file_size for entry in entries) > MOST_BYTES:  # zipfile never unpacks more than an entry says it holds
        raise SisError(f"{path} would unpack to more than {MOST_BYTES // 1024**3} GiB.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise SisError(f"{path} is encrypted.")
    return archive, [entry.filename for entry in entries]
