"""What a worker of the web server does before its first request."""

import json
import os
import subprocess
import sys

from tokenportal.embedded import REPOSITORY

LOOK = """
import gc, json, sys
import tokenportal.wsgi
print(json.dumps({"kept": gc.get_freeze_count(), "looked_through": len(gc.get_objects()),
    "pages": "tokens.views" in sys.modules}))
"""


def test_what_a_worker_has_loaded_is_not_looked_through_again_by_the_garbage_collector() -> None:
    environment = {**os.environ, "DEBUG": "1"}
    found = json.loads(subprocess.check_output([sys.executable, "-c", LOOK], cwd=REPOSITORY, env=environment))
    assert found["pages"]
    assert found["kept"] > 20 * found["looked_through"]
