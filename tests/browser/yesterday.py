"""`python -m tests.browser.yesterday`: lets the sessions of some be of somebody who signed in a day ago."""

from datetime import timedelta

import django

django.setup()

from django.contrib.auth import SESSION_KEY  # noqa: E402  # its models can be imported only now
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.recent import note_proof  # noqa: E402

if __name__ == "__main__":
    late = {str(pk) for pk in User.objects.filter(login_id__in=("late", "passkey-3")).values_list("pk", flat=True)}
    for key in Session.objects.values_list("session_key", flat=True):
        session = SessionStore(session_key=key)
        if session.get(SESSION_KEY) in late:
            note_proof(session, now=timezone.now() - timedelta(days=1))
            session.save()
    print("true")  # noqa: T201  # the JSON that is read
