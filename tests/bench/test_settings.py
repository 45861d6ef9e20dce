"""The portals of the benchmark start: nothing else in the tests uses their settings."""

import os
import subprocess
import sys

import pytest

from tests.bench.stage import portal_environment
from tokenportal.embedded import REPOSITORY


@pytest.mark.parametrize("settings", ["tests.bench.portal.settings", "tests.bench.portal.bare"])
def test_a_portal_of_the_benchmark_starts(settings: str) -> None:
    environment = {**portal_environment(os.environ["DATABASE_URL"]), "DJANGO_SETTINGS_MODULE": settings}
    subprocess.run(
        [sys.executable, "-c", "from tests.bench.portal.wsgi import application"],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        check=True,
    )
