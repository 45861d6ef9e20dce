"""How long a statement of a web request may take: PostgreSQL would go on with it when nobody waits for its answer."""

from django.db import DEFAULT_DB_ALIAS, connections

MOST = 110  # seconds; deploy/nginx/portal.conf gives up after 120


def limit(seconds: float = MOST) -> None:
    """Let PostgreSQL end what takes longer, in each connection that this process makes from now on.

    Whoever asked gets 503, as wherever the database cannot be asked. Jobs and commands take the time that they need.
    """
    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]
    options["options"] += f" -c statement_timeout={seconds * 1000:.0f}"
