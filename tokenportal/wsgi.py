"""The web server's entrance: `granian --interface wsgi tokenportal.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenportal.settings")

application = get_wsgi_application()
