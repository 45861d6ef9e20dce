"""`python -m tests.recipes.school`: the small school with a verifier and tokens, into the database at hand; as JSON."""

import json

import django

django.setup()

from django.db import transaction  # noqa: E402  # its models can be imported only now
from django.utils import timezone  # noqa: E402

from tests.cast import School, token  # noqa: E402
from tokens import lifecycle, verifiers  # noqa: E402
from tokens.scopes import MANAGE  # noqa: E402

SPARE = 20


@transaction.atomic
def found() -> dict[str, object]:
    """Found the school; each spare token is for one test to end."""
    school, now = School(), timezone.now()
    student = token(school.student, now=now)
    teacher = token(school.teacher, days=None, now=now)
    managing = lifecycle.issue(
        school.admin, purpose="Clean up", expires_at=None, scopes=[MANAGE], actor=school.admin, now=now
    )
    verifier = verifiers.register("Gradebook", owner=school.admin, actor=school.admin, now=now)
    return {
        "student": {
            "secret": student.secret,
            "X-Token-Subject": str(school.student.pk),
            "X-Token-User": "student",
            "X-Token-Account": str(school.arts.pk),
            "X-Token-Id": student.token.lookup_id,
        },
        "teacher": teacher.secret,
        "managing": managing.secret,
        "spare": [token(school.teacher, now=now).secret for _ in range(SPARE)],
        "verifier": [verifier.verifier.lookup_id, verifier.secret],
    }


if __name__ == "__main__":
    print(json.dumps(found()))  # noqa: T201
