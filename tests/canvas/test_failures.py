"""What goes wrong with Canvas changes nothing here, is said in a sentence, and is kept with the run."""

import logging
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from requests.exceptions import ConnectionError as NoConnectionError

from accounts.canvas import asking
from accounts.canvas.asking import Canvas as Asked
from accounts.canvas.syncing import SyncFailed, sync
from accounts.models import User
from accounts.rosters import Outcome, RosterRun, Source, find_last
from tests.accounts.roster import dump
from tests.canvas.conftest import Runner
from tests.canvas.server import TOKEN, Canvas, Handler, served
from tests.cast import NOW

Answer = Callable[[Handler], None]


def at(path: str, answer: Answer, times: int = 1_000) -> Callable[[Handler, str], bool]:
    """Answer so where the path ends like that, so many times."""
    left = [times]

    def instead(handler: Handler, asked: str) -> bool:
        if not asked.endswith(path) or not left[0]:
            return False
        left[0] -= 1
        answer(handler)
        return True

    return instead


def says(status: int, body: Any = b"", **headers: str) -> Answer:
    return lambda handler: handler.say(status, body, {name.replace("_", "-"): each for name, each in headers.items()})


def breaks_off(handler: Handler) -> None:
    """Promise more than comes, as a proxy that is restarted does."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'[{"id": 11, "name": "Ann"')
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def hangs_up(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


USERS = "/api/v1/accounts/self/users"
LAST = "/admins"  # what is asked for last
LINK_ELSEWHERE = '<https://elsewhere.example/api/v1/x>; rel="next"'


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        (USERS, says(401, {"errors": []}, WWW_Authenticate="Bearer"), "Canvas does not accept the token"),
        (USERS, says(401, b"<html>", WWW_Authenticate="Bearer"), "Canvas does not accept the token"),
        (
            USERS,
            says(401, {"errors": [{"message": "user not authorized"}]}),
            "does not let the owner of the token read",
        ),
        (LAST, says(403, {"errors": []}), "does not let the owner of the token read"),
        (USERS, says(404, {}), "Canvas knows no accounts/self/users"),
        (LAST, says(500, b"oops"), "answered with an error of its own"),
        (USERS, says(418, b"oops"), "answered with an error of its own"),
        (USERS, says(400, b"oops"), "answered with an error of its own"),
        (USERS, says(429, b"", Retry_After="3"), "asked too much"),
        (LAST, says(403, b"403 Forbidden (Rate Limit Exceeded)"), "asked too much"),
        (USERS, says(302, b"", Location="https://elsewhere.example/login"), "at another address, elsewhere.example"),
        (USERS, says(200, b'[{"id": 11, "na'), "not what its API documents"),
        (USERS, says(200, b"<html>Maintenance</html>"), "not what its API documents"),
        (USERS, says(200, b"[" * 100_000), "not what its API documents"),
        (USERS, says(200, {"errors": "none"}), "not what its API documents"),
        (USERS, says(200, ["ann", "bob"]), "not what its API documents"),
        (USERS, says(200, "ann"), "not what its API documents"),
        (USERS, says(200, None), "not what its API documents"),
        (USERS, says(200, 7), "not what its API documents"),
        (USERS, says(200, [{"sis_user_id": {"a": 1}}]), "not what its API documents"),
        (USERS, says(200, [{"id": 1}], Link=LINK_ELSEWHERE), "not what its API documents"),
        ("/accounts/self", says(200, []), "not what its API documents"),
        ("/accounts/self", says(200, {"name": "x"}), "not what its API documents"),
        ("/enrollments", says(200, [{"type": "StudentEnrollment", "sis_user_id": "U1"}]), "not what its API documents"),
        ("/enrollments", says(200, [{"user": 7}]), "not what its API documents"),
        (LAST, breaks_off, "broke off in the middle"),
        (USERS, hangs_up, "could not be reached"),
        (USERS, says(200, []), "Canvas shows nobody at all"),
        (USERS, says(200, [{"id": 1, "name": "Ann", "login_id": "ann"}]), "Canvas shows no SIS id of anybody"),
        (USERS, says(200, [{"id": 1, "name": "Ann", "sis_user_id": "U1"}]), "Canvas shows no login id of anybody"),
    ],
)
def test_whatever_canvas_says_wrong_changes_nothing_and_is_said(
    run: Runner, canvas: Canvas, path: str, answer: Answer, why: str
) -> None:
    run()
    before = dump()
    canvas.enrollments[1]["enrollment_state"] = "completed"
    canvas.instead = at(path, answer)
    run.now += timedelta(hours=4)

    said = run.fails()

    assert why in said
    assert dump() == before
    kept = RosterRun.objects.latest("pk")
    assert (kept.outcome, kept.ended_at) == (Outcome.FAILED, run.now)
    good = find_last(Source.CANVAS, good=True)
    assert good is not None
    assert good.ended_at == NOW


@pytest.mark.parametrize("answer", [says(429), says(403, b"Rate Limit Exceeded"), says(503), breaks_off, hangs_up])
def test_what_passes_is_waited_for(run: Runner, canvas: Canvas, answer: Answer) -> None:
    canvas.instead = at(USERS, answer, times=asking.TRIES - 1)

    assert run().report.of("users").created == 4
    assert run.waited == [2.0, 4.0, 8.0, 16.0]


@pytest.mark.parametrize(("said", "waited"), [("7", 7.0), ("0.5", 0.5), ("86400", 300.0), ("soon", 2.0), ("-1", 2.0)])
def test_it_waits_as_long_as_canvas_asks_and_not_for_ever(
    run: Runner, canvas: Canvas, said: str, waited: float
) -> None:
    canvas.instead = at(USERS, says(429, b"", Retry_After=said), times=1)

    run()

    assert run.waited == [waited]


def test_a_course_that_goes_while_canvas_is_read_is_one_that_is_not_looked_into(run: Runner, canvas: Canvas) -> None:
    run()
    canvas.instead = at("/courses/22/enrollments", says(404, {}))

    done = run()

    assert (done.report.changed, done.left_out) == (0, {"gone_meanwhile": 1})


def test_a_wrong_token_is_said_and_shown_nowhere(run: Runner, canvas: Canvas, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    run.token = "wrong-" + TOKEN

    assert "Canvas does not accept the token" in run.fails()
    run.token = TOKEN
    run()

    kept = str(list(RosterRun.objects.values_list())) + caplog.text + str(dump())
    assert TOKEN not in kept
    assert TOKEN[-8:] not in kept


def test_nothing_of_a_mistake_of_ours_says_the_token(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("accounts.canvas.syncing.import_roster", broken)
    with pytest.raises(ZeroDivisionError) as raised:
        run()

    kept = RosterRun.objects.get()
    assert (kept.outcome, kept.code) == (Outcome.FAILED, "broken")
    assert TOKEN not in str(raised.value)


def test_the_token_goes_to_no_address_that_an_answer_names(run: Runner, canvas: Canvas) -> None:
    with served(Canvas()) as elsewhere:
        for answer in (
            says(301, b"", Location=elsewhere.url),
            says(307, b"", Location=elsewhere.url),
            says(200, [{"id": 1}], Link=f'<{elsewhere.url}/api/v1/x>; rel="next"'),
        ):
            canvas.instead = at(USERS, answer)
            run.fails()
    assert elsewhere.asked == []


def test_a_next_page_of_another_host_is_asked_of_canvas_itself(run: Runner, canvas: Canvas) -> None:
    """Where the link only holds our address, canvasapi takes what follows it."""
    link = f'<https://elsewhere.example/?x={canvas.url}/api/v1/accounts/self/users?page=2>; rel="next"'
    canvas.instead = at(USERS, says(200, [], Link=link), times=1)

    run.fails()

    assert any("page=2" in path for path in canvas.asked)


def test_what_a_netrc_says_of_canvas_is_not_sent(run: Runner, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login root password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    assert run().report.of("users").created == 4


def test_pages_that_lead_round_in_a_circle_end(run: Runner, canvas: Canvas) -> None:
    link = f'<{canvas.url}{USERS}?page=1>; rel="next"'
    canvas.instead = at(USERS, says(200, [{"id": 1, "sis_user_id": "U1"}], Link=link))

    assert "not what its API documents" in run.fails()


def test_a_canvas_that_hangs_is_given_up(run: Runner, canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TIMES_OUT", (1, 0.05))
    let_go = threading.Event()

    def hangs(handler: Handler) -> None:
        let_go.wait(60)
        hangs_up(handler)

    canvas.instead = at(USERS, hangs)
    try:
        assert "did not answer in time" in run.fails()
    finally:
        let_go.set()
    assert run.waited == [2.0, 4.0, 8.0, 16.0]


def test_a_canvas_that_is_not_there_is_said(db: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(SyncFailed) as failed:
        sync(Asked(f"http://127.0.0.1:{port}", TOKEN, sleep=lambda _seconds: None), clock=lambda: NOW)

    assert (failed.value.code, failed.value.facts["host"]) == ("away", f"127.0.0.1:{port}")
    assert isinstance(failed.value.__cause__ and failed.value.__cause__.__cause__, NoConnectionError)


def test_what_is_no_text_is_named_and_the_rest_comes_in(run: Runner, canvas: Canvas) -> None:
    canvas.users[11]["name"] = "Ann \ud800"
    canvas.users[12]["name"] = 'Bob\nSmith, "Jr" \u0000'
    canvas.users[13]["name"] = "Ca\u202et\n\n"
    canvas.users[14]["sis_user_id"] = "x" * 300

    done = run()

    assert {"users: is not UTF-8", "users: holds a NUL character"} < set(done.problems)
    assert User.objects.get().name == "Ca\u202et"


def test_one_run_at_a_time(run: Runner) -> None:
    with connection.cursor() as cursor, pytest.MonkeyPatch.context() as patch:
        cursor.execute("SELECT 1")
        patch.setattr("accounts.canvas.syncing.alone", _taken)

        assert run.fails() == "A sync is running already."

    assert not RosterRun.objects.exists()


class _taken:  # noqa: N801  # in the place of a function
    def __init__(self, _key: int) -> None: ...
    def __enter__(self) -> bool:
        return False

    def __exit__(self, *_error: object) -> None: ...


def test_a_run_that_was_cut_off_is_noted_by_the_next(run: Runner) -> None:
    RosterRun.objects.create(source=Source.CANVAS, began_at=NOW)

    run()

    assert list(RosterRun.objects.order_by("pk").values_list("outcome", "code")) == [
        ("failed", "cut_off"),
        ("done", ""),
    ]
