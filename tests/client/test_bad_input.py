"""What nobody ought to give the client: each has a sentence and an exit code, and changes nothing."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.client.terminal import SECRET, Browser, Done, Terminal, is_good, kept_token, made_by
from tests.portal import Portal

FAILED, NOT_SIGNED_IN, USAGE = 1, 3, 64
UNWRITABLE = "/proc/self/fd/0"  # what stands on stdin; no file can be made beside it, not even by root
WELL_FORMED = f"tpat_{'A' * 16}_{'b' * 49}"
OF_ANOTHER_PROGRAM = ["{}", "[1, 2]", "[" * 100_000, '{"access_token": {"prefix": 1}}']


def ends_by(done: Done, code: int, words: str = "") -> None:
    """It ended by itself, in a sentence."""
    done.require(code)
    assert "Traceback" not in done.err
    assert words in done.err


@contextmanager
def answering(body: str) -> Iterator[str]:
    """The address of a server that answers everything with this."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("token", ["pässwort€", "abc\ndef", "abc\x7fdef"])
def test_a_token_that_no_header_can_carry_is_sent_nowhere(
    terminal: Terminal, running_portal: Portal, token: str
) -> None:
    terminal.set = {"TOKENPORTAL_URL": running_portal.url, "TOKENPORTAL_TOKEN": token}
    done = terminal.run("whoami")
    ends_by(done, NOT_SIGNED_IN, "characters in this token that no token has")
    assert token not in done.err
    ends_by(terminal.run("doctor"), FAILED)
    ends_by(terminal.run("login", "--with-token", "--portal", running_portal.url, stdin=token), NOT_SIGNED_IN)


def test_the_doctor_looks_at_any_file_and_at_no_more_of_it_than_a_token(
    terminal: Terminal, running_portal: Portal
) -> None:
    bytes_of_anything = terminal.home / "bytes"
    bytes_of_anything.write_bytes(bytes(range(128, 256)))
    for file in (bytes_of_anything, Path("/dev/zero")):
        done = terminal.run("doctor", str(file), "--portal", running_portal.url)
        ends_by(done, FAILED)
        assert "BAD  shape: it does not begin with tpat_; tokens of another system are not examined" in done.out
    ends_by(terminal.run("doctor", "nowhere", "--portal", running_portal.url), USAGE, "No such file")


def test_the_mark_at_the_beginning_of_a_file_is_no_part_of_the_token(admins: Terminal, running_portal: Portal) -> None:
    file = admins.home / "of-an-editor"
    secret = made_by(admins, "Saved by an editor", "--days", "30")["visible_token"]
    file.write_bytes(f"{secret}\r\n".encode("utf-8-sig"))
    admins.run("doctor", str(file)).require(0)


@pytest.mark.parametrize("address", ["http://[::1", "http://localhost:port", "https://localhost:99999"])
def test_what_is_no_address_is_told(terminal: Terminal, address: str) -> None:
    ends_by(terminal.run("login", "--portal", address), USAGE, "is no address of a portal")


@pytest.mark.parametrize("days", ["0", "-1", "3000000", "99999999999999999999", "x"])
def test_an_end_that_no_calendar_has_is_told(admins: Terminal, days: str) -> None:
    for words in (("create", "--purpose", "For ever"), ("rotate", "1")):
        ends_by(admins.run(*words, "--days", days), USAGE, "--days")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.json", "[" * 100_000),
        ("deep.toml", "a = " + "[" * 5_000),
        ("list.json", "[1]"),
        ("number.toml", "[token_policy]\nstudent_cap_days = inf\n"),
        ("latin.toml", "[token_policy]\ncreation_guidance = '\xe9'\n"),
        ("large.toml", "#" * 1_000_001),
    ],
)
def test_what_is_no_file_of_settings_is_told(admins: Terminal, name: str, text: str) -> None:
    file = admins.home / name
    file.write_bytes(text.encode("latin-1"))
    ends_by(admins.run("policy", "plan", str(file)), USAGE, name)


def test_a_file_of_settings_may_begin_with_a_mark_and_hold_dates(admins: Terminal) -> None:
    file = admins.home / "settings-of-an-editor.toml"
    file.write_bytes("[token_policy]\nstudent_cap_days = 2027-05-01\n".encode("utf-8-sig"))
    ends_by(admins.run("policy", "plan", str(file)), FAILED, "The student limit must be a whole number of days")


@pytest.mark.parametrize("body", OF_ANOTHER_PROGRAM, ids=range(len(OF_ANOTHER_PROGRAM)))
def test_another_program_at_the_address_is_told_from_a_portal(terminal: Terminal, body: str) -> None:
    with answering(body) as address:
        terminal.set = {"TOKENPORTAL_URL": address, "TOKENPORTAL_TOKEN": WELL_FORMED}
        for words in (("whoami",), ("rotate",), ("doctor",), ("login", "--no-browser")):
            done = terminal.run(*words)
            ends_by(done, FAILED, "TokenPortal")
            assert WELL_FORMED not in done.out + done.err


def test_an_answer_that_cannot_be_written_fails(admins: Terminal) -> None:
    line = [str(admins.script), "list"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(line, env=admins.environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (FAILED, "tokenportal: It cannot be written: No space left on device.\n")


def test_a_secret_that_cannot_be_saved_is_shown_and_lies_nowhere_else(admins: Terminal, running_portal: Portal) -> None:
    place = admins.home / "a-directory"
    place.mkdir()
    done = admins.run("create", "--purpose", "Into a directory", "--days", "3", "--save", str(place))
    ends_by(done, FAILED, "cannot be written: Is a directory. Here is the secret, this once.")
    assert is_good(running_portal, done.out.strip())
    secret = done.out.strip().encode()
    assert not [each for each in admins.home.iterdir() if each.is_file() and secret in each.read_bytes()]


def test_a_new_secret_that_the_sign_in_cannot_keep_is_shown(terminal: Terminal, running_portal: Portal) -> None:
    terminal.sign_in(Browser(running_portal, "admin"), "--manage", purpose="On a full disk", days="7")
    kept = terminal.config.read_text()
    terminal.set = {"TOKENPORTAL_CONFIG": UNWRITABLE}
    done = terminal.run("rotate", "--overlap", "0", stdin=kept)
    ends_by(done, FAILED, "cannot be written")
    assert is_good(running_portal, done.out.strip())


def test_a_sign_in_that_cannot_be_kept_leaves_no_token_behind(terminal: Terminal, running_portal: Portal) -> None:
    browser, login = Browser(running_portal, "admin"), ("login", "--portal", running_portal.url)
    terminal.sign_in(browser, purpose="To look with", days="7")
    looking = Terminal(terminal.script, terminal.home)
    terminal.set = {"TOKENPORTAL_CONFIG": "/proc/self/nowhere/sign-in.json"}
    ends_by(terminal.answered(browser, *login, purpose="Never kept", days="7"), FAILED, "cannot be written")
    states = {row["purpose"]: row["state"] for row in json.loads(looking.run("list", "--all", "--json").out)}
    assert states["Never kept"] == "revoked"


def test_a_token_is_named_as_the_pages_show_it_and_never_by_a_part_of_its_secret(admins: Terminal) -> None:
    secret = made_by(admins, "Copied from a page", "--days", "3")["visible_token"]
    for named in (f"{secret[:10]}…", f"{secret[:10]}...", secret[:10]):
        assert "Copied from a page" in admins.run("show", named).require(0).out
    ends_by(admins.run("show", secret[:-2]), USAGE, "names nothing")


def test_a_refusal_for_want_of_a_scope_says_which_sign_in_has_it(
    admins: Terminal, terminal: Terminal, running_portal: Portal
) -> None:
    made = made_by(admins, "May read people", "--days", "3", "--scope", "url:GET|/api/v1/users/:id")
    terminal.set = {"TOKENPORTAL_URL": running_portal.url, "TOKENPORTAL_TOKEN": made["visible_token"]}
    ends_by(terminal.run("rotate"), FAILED, "sign in with: tokenportal login --scope tokens:rotate")
    ends_by(terminal.run("list"), FAILED, "--scope 'url:GET|/api/v1/users/:user_id/user_generated_tokens'")
    file = terminal.home / "settings.toml"
    file.write_text("[token_policy]\nstudent_cap_days = 60\n")
    ends_by(terminal.run("policy", "apply", str(file), "--quote", "x"), FAILED, "tokenportal login --manage")


def test_an_earlier_secret_is_told_when_it_stops_and_days_are_those_of_the_calendar(admins: Terminal) -> None:
    old = made_by(admins, "To be replaced", "--days", "20")["visible_token"]
    assert "(in 20 days)" in admins.run("show", old[:12]).require(0).out
    new = admins.run("rotate", old[:12], "--overlap", "3").require(0)
    assert SECRET.search(new.out)
    said = admins.run("doctor", "-", stdin=old).require(FAILED).out
    assert "(in 3 hours)" in said or "(in 2 hours)" in said  # of whole seconds, less than one may have passed


def test_a_kept_sign_in_is_told_apart_from_a_file_that_is_none(terminal: Terminal, admins: Terminal) -> None:
    terminal.config.parent.mkdir()
    for text in ("", "{}", "[]", "\xff", '{"portal": "http://[::1", "token": "x"}'):
        terminal.config.write_bytes(text.encode("latin-1"))
        done = terminal.run("whoami")
        assert done.code in (FAILED, USAGE)
        ends_by(done, done.code)
    assert kept_token(admins)
