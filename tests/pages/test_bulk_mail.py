"""Writing to the owners of many tokens, from the list of all tokens; and two clicks on one form."""

from django.core import mail
from django.utils import timezone

from tests import cast
from tests.cast import School
from tests.pages.visits import client_of, text_of
from tokens import notifications
from tokens.models import BulkAct


def test_an_administrator_writes_to_the_owners_of_what_the_filters_leave(school: School) -> None:
    now = timezone.now()
    for _ in range(2):
        cast.token(school.student, purpose="Homework", now=now)
    cast.token(school.teacher, purpose="Other", now=now)
    admin, path = client_of(school.admin), "/inventory/mail/?all=yes&purpose=Homework"
    assert "Write to 1 owner" in text_of(admin.get(path))
    assert "Write a subject and a text." in text_of(admin.post(path, {"subject": "", "words": "x"}))
    assert not BulkAct.objects.exists()
    said = {"subject": "Is it still needed?", "words": "Line one.\r\nLine two.", "key": "k"}
    assert "get your message" in text_of(admin.post(path, said, follow=True))
    assert "get your message" in text_of(admin.post(path, said, follow=True))  # a second click
    notifications.deliver(now=timezone.now())
    [message] = mail.outbox
    assert (message.to, message.subject) == ([school.student.email], "Is it still needed?")
    assert "Line one.\nLine two." in str(message.body)
    assert str(message.body).count("- Homework") == 2
    assert "Other" not in str(message.body)
    assert "Is it still needed?" in text_of(admin.get(f"/people/{school.student.pk}/"))


def test_the_second_click_on_a_small_act_says_what_the_first_has_done(school: School) -> None:
    token = cast.token(school.student, now=timezone.now()).token
    admin, path = client_of(school.admin), f"/inventory/suspend/?id={token.pk}"
    for _click in range(2):
        assert "Suspended 1 token." in text_of(admin.post(path, {"key": "k"}, follow=True))
    assert BulkAct.objects.count() == 1


def test_who_may_not_end_tokens_writes_to_nobody(school: School) -> None:
    cast.token(school.student, now=timezone.now())
    said = {"subject": "S", "words": "W"}
    for who in (school.student, school.teacher):
        assert client_of(who).post("/inventory/mail/?all=yes", said).status_code == 403
    client_of(school.science_admin).post("/inventory/mail/?all=yes", said)
    assert not BulkAct.objects.exists()
