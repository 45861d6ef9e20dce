"""Fetch the browser's assets from npm and lay them into `tokenportal/static/vendor`, which is committed.

Needs Python and npm, nothing else, and only whoever changes an asset: `make run` never calls it. `assets.lock.json`
names each package, its exact version, the SHA-256 of its archive, the files we take, the icons of the sprite, and where
the files belong if they are not for people's browsers.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LOCK = HERE / "assets.lock.json"
ROOT = HERE.parent
VENDOR = "tokenportal/static/vendor"


def main() -> None:
    """Replace the vendor directories with what the lock names, or stop at the first checksum that differs."""
    packages = json.loads(LOCK.read_text())["packages"]
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / "fresh"
        for name, package in packages.items():
            archive, target = fetch(name, package, Path(scratch)), fresh / place_of(package)
            copy_files(archive, package["files"], target)
            if "icons" in package:
                (target / "icons.svg").write_text(sprite(archive, package["icons"], f"{name} {package['version']}"))
        for place in {place_of(package) for package in packages.values()}:
            shutil.rmtree(ROOT / place, ignore_errors=True)
            shutil.copytree(fresh / place, ROOT / place)


def place_of(package: dict[str, Any]) -> str:
    """Return the directory for a package's files."""
    place: str = package.get("into", VENDOR)
    return place


def fetch(name: str, package: dict[str, Any], scratch: Path) -> Path:
    """Download one package and check its SHA-256."""
    wanted = f"{name}@{package['version']}"
    packed = subprocess.run(
        ["npm", "pack", "--silent", wanted], cwd=scratch, check=True, capture_output=True, text=True
    )
    archive = scratch / packed.stdout.split()[-1]
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package["sha256"]:
        sys.exit(f"{wanted}: SHA-256 is {found}, the lock says {package['sha256']}")
    return archive


def copy_files(archive: Path, files: dict[str, str], target: Path) -> None:
    """Copy the files of an archive that the lock names, each to its place under `target`."""
    for source, place in files.items():
        path = target / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(without_source_map(read(archive, source)))


def read(archive: Path, name: str) -> bytes:
    """Return one file of an npm archive."""
    with tarfile.open(archive) as tar:
        member = tar.extractfile(f"package/{name}")
        if member is None:
            sys.exit(f"{archive.name} holds no {name}")
        return member.read()


def without_source_map(data: bytes) -> bytes:
    """Drop the link to a source map, which we do not ship: hashed static files must all exist."""
    return re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", data)


def sprite(archive: Path, icons: list[str], origin: str) -> str:
    """Build one SVG with a symbol for each icon, to be drawn with `<use href="icons.svg#name">`."""
    symbols = "\n".join(symbol(name, read(archive, f"icons/{name}.svg").decode()) for name in sorted(icons))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg">\n<!-- {origin}, ISC licence: see licences/ -->\n{symbols}\n</svg>\n'
    )


def symbol(name: str, svg: str) -> str:
    """Turn one icon of Lucide into a symbol; the stroke's attributes stay, as nothing inherits them through `use`."""
    inside = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if inside is None:
        sys.exit(f"{name}.svg is no SVG")
    shapes = " ".join(inside.group(1).split())
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
    )


if __name__ == "__main__":
    main()
