"""The short form of `make bench-policy`: it finds what the preview said, once each, and judges every figure."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tokenportal.embedded import REPOSITORY

TOKENS = 12_000


def test_a_change_of_policy_is_measured_and_did_what_its_preview_said(tmp_path: Path) -> None:
    if shutil.which("wrk") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("wrk is missing: apt-get install wrk")
        pytest.skip("wrk is missing: apt-get install wrk")
    size = [f"--tokens={TOKENS}", "--previews=2", "--seconds=2", "--kills=1"]
    command = [sys.executable, "-m", "tests.bench.policy", *size, f"--json={tmp_path / 'policy.json'}"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads((tmp_path / "policy.json").read_text())
    assert said["previewed"] == said["found"]["tokens"] == said["found"]["lines"] > TOKENS * 0.39
    assert said["found"]["wrong_ends"] == 0
    assert said["found"]["notices"] == said["found"]["owners"] > 1_000
    assert min(said["preview_s"], said["applied_s"], said["usual_p99_ms"], said["meanwhile_p99_ms"]) > 0
    judged = {each["asked"]: each["is_met"] for each in said["targets"]}
    assert len(judged) == 7
    assert all(is_met for what, is_met in judged.items() if "once" in what or "one day" in what), judged
    assert all(f"| {what} |" in done.stdout for what in judged)
