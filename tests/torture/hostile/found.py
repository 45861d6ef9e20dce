"""`python -m tests.torture.hostile.found`: founds a token in the database of a web server; prints its secret."""

import json

import django

django.setup()

from django.utils import timezone  # noqa: E402  # its models can be imported only now

from accounts.roles import Base  # noqa: E402
from tests.cast import enroll, person, role, token  # noqa: E402


def main() -> None:
    owner = person("hostile")
    enroll(owner, role(Base.TEACHER))
    print(json.dumps(token(owner, days=None, now=timezone.now()).secret))


if __name__ == "__main__":
    main()
