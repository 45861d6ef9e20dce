"""The short form of `make bench-admin`: every page is opened, both files are whole, and every figure is judged."""

import json
import subprocess
import sys
from pathlib import Path

from tokenportal.embedded import REPOSITORY

TOKENS = 12_000


def test_what_an_administrator_waits_for_is_measured(tmp_path: Path) -> None:
    size = [f"--tokens={TOKENS}", "--times=1", f"--json={tmp_path / 'admin.json'}"]
    command = [sys.executable, "-m", "tests.bench.admin", *size]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads((tmp_path / "admin.json").read_text())
    assert len(said["pages"]) > 60
    assert min(page["p50_ms"] for page in said["pages"]) > 0
    assert [(each["form"], each["rows"]) for each in said["files"]] == [("csv", TOKENS), ("jsonl", TOKENS)]
    judged = {each["asked"]: each["is_met"] for each in said["targets"]}
    assert len(judged) == 3
    assert all(f"| {what} |" in done.stdout for what in judged)
