"""Two acts at once: whatever the order of their statements, what stands afterwards is what some order of both gives.

`make torture-races` is the long form. See `track` for how two transactions are made to overlap.
"""

import os
from urllib.parse import urlsplit


def database_of_redis() -> str:
    """A database of Redis where what acts queue is out of everybody's way."""
    return urlsplit(os.environ["REDIS_URL"])._replace(path="/2").geturl()
