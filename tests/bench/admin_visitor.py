"""`python -m tests.bench.admin_visitor`: sign an administrator in; prints the session's cookie, and deep places.

Signing in by the form would measure the hash of a password.
"""

import json
import sys

import django

django.setup()

# ruff: noqa: E402  # models can be imported only now
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import QueryDict
from django.utils import timezone

from accounts.models import Account, Enrollment, Role, User
from accounts.roles import Base
from tokens.inventory.ordering import KEYS, Order, place_of
from tokens.models import AccessToken

LOGIN = "bench-admin"


def session() -> str:
    """The cookie of a session of an administrator who may do everything."""
    visitor, is_new = User.objects.get_or_create(
        login_id=LOGIN, defaults={"name": "Bench Admin", "sortable_name": "Admin, Bench", "password": "!"}
    )
    if is_new:
        role = Role.objects.get(base=Base.ADMIN, is_builtin=True)
        Enrollment.objects.create(user=visitor, role=role, account=Account.objects.root())
    store = SessionStore()
    store[SESSION_KEY] = str(visitor.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = visitor.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def places() -> dict[str, list[str]]:
    """For each order the places in the middle and near the end of the list."""
    tokens = AccessToken.objects.in_use(now=timezone.now())
    number = tokens.count()
    orders = [f"{minus}{name}" for name in KEYS for minus in ("", "-")]
    return {
        order: [
            place_of(Order.by(QueryDict(f"sort={order}")).sorted(tokens)[number * part // 100]) for part in (50, 95)
        ]
        for order in orders
    }


if __name__ == "__main__":
    json.dump({"session": session(), "places": places()}, sys.stdout)
