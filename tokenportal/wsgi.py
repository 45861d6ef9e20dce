"""The web server's entrance: `granian --interface wsgi tokenportal.wsgi:application`.

The doors that other services call stand in front of Django, whose request stack costs ten times what a check does.
"""

import gc
import os
from collections.abc import Iterable
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from tokenportal.metrics.sharing import share_counts
from tokenportal.security_headers import Careful
from tokenportal.turns import taking_turns

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenportal.settings")

share_counts()
django = get_wsgi_application()

from tokenportal import hanging, statements  # noqa: E402  # needs the settings
from tokenportal.content_types import Request  # noqa: E402
from tokens import gateway  # noqa: E402  # its models can be imported only now

django.request_class = Request
statements.limit()
hanging.start()

import_module(settings.ROOT_URLCONF)  # all pages now, not while the first person waits
gc.collect()
gc.freeze()  # all of this stays: to look through it again and again would stop every request for 50 ms each time


def answer(environ: gateway.Environ, start_response: gateway.StartResponse) -> Iterable[bytes]:
    """Answer one request, as PEP 3333 says: at a door, or on Django's pages and in its API."""
    door = gateway.door_of(environ["PATH_INFO"])
    if door is not None and hanging.watch.is_hanging:
        return gateway.refuse(start_response)
    with taking_turns():
        return django(environ, start_response) if door is None else gateway.answer(door, environ, start_response)


application = Careful(answer)
