"""The web server's entrance: `granian --interface wsgi tokenportal.wsgi:application`.

The doors that other services call stand in front of Django, whose request stack costs ten times what a check does.
"""

import os
from collections.abc import Iterable

from django.core.wsgi import get_wsgi_application

from tokenportal.metrics.sharing import share_counts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenportal.settings")

share_counts()
django = get_wsgi_application()

from tokens import gateway  # noqa: E402  # its models can be imported only now


def application(environ: gateway.Environ, start_response: gateway.StartResponse) -> Iterable[bytes]:
    """Answer one request, as PEP 3333 says."""
    door = gateway.door_of(environ["PATH_INFO"])
    return django(environ, start_response) if door is None else gateway.answer(door, environ, start_response)
