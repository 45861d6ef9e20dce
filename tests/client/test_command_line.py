"""The client, as pip installs it, against a running portal."""

import json
import re
import stat

import pytest
import requests

from tests.client.terminal import SECRET, Browser, Terminal, is_good, kept_token, made_by
from tests.portal import Portal, free_port

ENDS_SOON, NOT_SIGNED_IN, AWAY, LOOK_FIRST, USAGE = 2, 3, 4, 5, 64


def test_whoever_allows_the_code_is_signed_in_until_they_sign_out(terminal: Terminal, running_portal: Portal) -> None:
    assert terminal.run("whoami").require(NOT_SIGNED_IN).err.startswith("tokenportal: You are not signed in.")
    done = terminal.sign_in(Browser(running_portal, "designer"), purpose="My laptop", days="7")
    assert not SECRET.search(done.out + done.err)
    assert "My laptop" in done.out
    token = kept_token(terminal)
    assert is_good(running_portal, token)
    assert stat.S_IMODE(terminal.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(terminal.config.parent.stat().st_mode) == 0o700
    who = json.loads(terminal.run("whoami", "--json").require(0).out)
    assert (who["person"]["login_id"], who["token"]["purpose"]) == ("designer", "My laptop")
    terminal.run("logout").require(0)
    assert not terminal.config.exists()
    assert not is_good(running_portal, token)


def test_whoever_denies_the_code_lets_nobody_in(terminal: Terminal, running_portal: Portal) -> None:
    browser = Browser(running_portal, "designer")
    done = terminal.answered(browser, "login", "--portal", running_portal.url, allow=False).require(1)
    assert "The person has said no." in done.err
    assert not terminal.config.exists()


def test_a_token_from_stdin_signs_in_too(terminal: Terminal, admins: Terminal, running_portal: Portal) -> None:
    secret = made_by(admins, "For a job", "--days", "3")["visible_token"]
    login = ("login", "--with-token", "--portal", running_portal.url)
    terminal.run(*login, stdin=f"{secret}\n").require(0)
    assert kept_token(terminal) == secret
    terminal.run(*login, stdin=secret[:-1] + "?").require(NOT_SIGNED_IN)
    terminal.run(*login).require(USAGE)
    assert kept_token(terminal) == secret


def test_a_token_is_made_shown_rotated_and_ended(admins: Terminal, running_portal: Portal) -> None:
    made = admins.run("create", "--purpose", "Nightly export", "--days", "30").require(0)
    old = made.out.strip()
    assert SECRET.fullmatch(old)  # alone on stdout
    assert "Nightly export" in made.err
    hint = old.split("_")[1]
    shown = admins.run("show", hint[:6]).require(0).out
    assert "Nightly export" in shown
    assert "active" in shown
    assert hint[:8] in admins.run("list").require(0).out
    rotated = admins.run("rotate", hint, "--overlap", "1").require(0)
    new = rotated.out.strip()
    assert "The old secret works until" in rotated.err
    assert (is_good(running_portal, old), is_good(running_portal, new)) == (True, True)
    admins.run("rotate", new.split("_")[1]).require(1)  # while that one works
    number = str(json.loads(admins.run("show", new.split("_")[1], "--json").require(0).out)["id"])
    admins.run("revoke", number).require(USAGE)  # nobody is there to be asked
    admins.run("revoke", number, "--yes", "--reason", "No longer needed").require(0)
    assert not is_good(running_portal, new)
    assert hint[:8] not in admins.run("list").require(0).out
    assert "No longer needed" in admins.run("show", number).require(0).out


def test_a_secret_goes_into_a_file_for_its_owner_alone(admins: Terminal, running_portal: Portal) -> None:
    target = admins.home / "secrets" / "export.token"
    done = admins.run("create", "--purpose", "Into a file", "--days", "3", "--save", str(target)).require(0)
    assert not SECRET.search(done.out + done.err)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert is_good(running_portal, target.read_text().strip())


def test_rotating_ones_own_sign_in_keeps_the_new_secret(terminal: Terminal, running_portal: Portal) -> None:
    terminal.sign_in(Browser(running_portal, "admin"), "--manage", purpose="To be rotated", days="7")
    old, number = kept_token(terminal), json.loads(terminal.run("whoami", "--json").out)["token"]["id"]
    done = terminal.run("rotate", "--overlap", "0").require(0)
    assert json.loads(terminal.run("whoami", "--json").out)["token"]["id"] == number
    assert not SECRET.search(done.out + done.err)
    assert (is_good(running_portal, old), is_good(running_portal, kept_token(terminal))) == (False, True)
    terminal.run("logout").require(0)


def test_a_job_renews_itself_with_a_scope_of_its_own(
    terminal: Terminal, admins: Terminal, running_portal: Portal
) -> None:
    job = made_by(admins, "Weekly job", "--days", "7", "--scope", "tokens:rotate")["visible_token"]
    target = terminal.home / "job.token"
    terminal.run("login", "--with-token", "--portal", running_portal.url, stdin=job).require(0)
    done = terminal.run("rotate", "--save", str(target), "--json").require(0)
    assert not SECRET.search(done.out + done.err)
    assert (is_good(running_portal, job), is_good(running_portal, target.read_text().strip())) == (True, True)
    assert "there is a newer one" in terminal.run("doctor").require(1).out


def test_whose_sign_in_makes_no_tokens_is_asked_in_the_browser(terminal: Terminal, running_portal: Portal) -> None:
    browser = Browser(running_portal, "ta")
    terminal.sign_in(browser, days="7")
    refused = terminal.run("create", "--purpose", "Term project", "--json").require(1)
    assert json.loads(refused.out)["error"]["code"] == "insufficient_scope"
    assert "--browser" in refused.err
    made = terminal.answered(browser, "create", "--purpose", "Term project", "--days", "7", "--browser").require(0)
    assert is_good(running_portal, made.out.strip())
    assert "Term project" in terminal.run("list").require(0).out
    number = json.loads(terminal.run("show", made.out.split("_")[1], "--json").out)["id"]
    assert f"{running_portal.url}/tokens/{number}/revoke/" in terminal.run("revoke", str(number), "--yes").err
    terminal.run("logout").require(0)


def test_what_ends_soon_is_told_by_the_exit_code(admins: Terminal) -> None:
    made = made_by(admins, "Ends soon", "--days", "13")
    done = admins.run("list", "--soon", "14", "--json").require(ENDS_SOON)
    assert made["id"] in [token["id"] for token in json.loads(done.out)]
    admins.run("list", "--soon", "1").require(0)
    admins.run("doctor", "-", stdin=made["visible_token"]).require(ENDS_SOON)
    admins.run("doctor", "-", "--days", "12", stdin=made["visible_token"]).require(0)


def test_the_doctor_finds_what_is_wrong(admins: Terminal, terminal: Terminal, running_portal: Portal) -> None:
    secret = made_by(admins, "For the doctor", "--days", "30")["visible_token"]
    file = terminal.home / "token"
    file.write_text(f"{secret}\n")
    at = ("--portal", running_portal.url)
    well = terminal.run("doctor", str(file), *at).require(0)
    assert "BAD" not in well.out
    assert secret not in well.out
    terminal.set = {"TOKENPORTAL_URL": running_portal.url, "TOKENPORTAL_TOKEN": secret}
    terminal.run("doctor").require(0)
    terminal.set = {}
    swapped = secret[:30] + ("a" if secret[30] != "a" else "b") + secret[31:]
    for bad, words in (
        (secret[:-1], "it has 70 characters, not 71"),
        (f"x{secret}", "it does not begin with tpat_"),
        (swapped, "checksum: wrong"),
        ("-".join([secret[:30], secret[31:]]), "characters in it that no token has"),
    ):
        found = terminal.run("doctor", "-", *at, stdin=bad).require(1)
        assert words in found.out
        assert "portal:" not in found.out  # what is no token was not sent
    admins.run("revoke", secret.split("_")[1], "--yes").require(0)
    assert "Revoked access token." in terminal.run("doctor", str(file), *at).require(NOT_SIGNED_IN).out
    facts = json.loads(terminal.run("doctor", str(file), *at, "--json").require(NOT_SIGNED_IN).out)
    assert [each["ok"] for each in facts["findings"]] == [True, True, True, False]


@pytest.mark.parametrize("words", [("doctor",), ("show",), ("rotate",), ("revoke", "--yes"), ("create", "--purpose")])
def test_a_whole_token_among_the_words_is_refused(
    admins: Terminal, running_portal: Portal, words: tuple[str, ...]
) -> None:
    secret = made_by(admins, "Typed by mistake", "--days", "3")["visible_token"]
    done = admins.run(*words, secret).require(USAGE)
    assert "shell's history" in done.err
    assert secret not in done.out + done.err
    assert is_good(running_portal, secret)


def test_settings_come_from_a_file_that_was_looked_at(admins: Terminal, running_portal: Portal) -> None:
    file = admins.home / "settings.toml"
    file.write_text("grace_days = 21\n[token_policy]\nstudent_cap_days = 60\n")
    plan = json.loads(admins.run("policy", "plan", str(file), "--json").require(0).out)
    assert plan["changed"] == ["student_cap_days"]
    told = admins.run("policy", "plan", str(file)).require(0).out
    assert plan["words"][0] in told
    assert "Quote: " in told
    unseen = admins.run("policy", "apply", str(file)).require(LOOK_FIRST)
    assert "Quote: " in unseen.err
    done = admins.run("policy", "apply", str(file), "--quote", plan["quote"]).require(0)
    assert done.out.strip()
    headers = {"Authorization": f"Bearer {kept_token(admins)}"}
    change = f"{running_portal.url}/api/v1/accounts/self/token_policy/change"
    assert requests.delete(change, headers=headers, timeout=60).status_code == 200


@pytest.mark.parametrize(
    "text", ["[token_policy", "student_cap_days = 60", "tokens = 1\n[token_policy]\nstudent_cap_days = 60"]
)
def test_a_file_that_is_no_file_of_settings_is_refused(admins: Terminal, text: str) -> None:
    file = admins.home / "wrong.toml"
    file.write_text(text)
    assert str(file) in admins.run("policy", "plan", str(file)).require(USAGE).err


def test_a_portal_that_is_away_is_told_from_one_that_says_no(terminal: Terminal) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    assert "does not answer" in terminal.run("login", "--portal", address).require(AWAY).err
    token = f"tpat_{'A' * 16}_{'b' * 49}"
    terminal.set = {"TOKENPORTAL_URL": address, "TOKENPORTAL_TOKEN": token}
    for words in (("whoami",), ("list",), ("doctor",), ("show", "1"), ("create", "--purpose", "Any")):
        done = terminal.run(*words, "--json").require(AWAY)
        assert json.loads(done.out)["error"]["code"] == "portal_away"
        assert token not in done.out + done.err


@pytest.mark.parametrize("address", ["http://tokens.school.example", "ftp://x", "https://me:pw@school.example", ""])
def test_a_token_never_goes_out_unprotected(terminal: Terminal, address: str) -> None:
    terminal.run("login", "--portal", address).require(USAGE)


def test_the_shell_completes_the_commands(terminal: Terminal) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_TOKENPORTAL_COMPLETE" in terminal.run("completion", shell).require(0).out
    terminal.set = {"_TOKENPORTAL_COMPLETE": "bash_complete", "COMP_WORDS": "tokenportal r", "COMP_CWORD": "1"}
    assert re.findall(r"plain,(\w+)", terminal.run().out) == ["revoke", "rotate"]


def test_help_names_every_exit_code(terminal: Terminal) -> None:
    told = " ".join(terminal.run("--help").require(0).out.split())
    for words in ("0 all is well", "2 a token ends soon", "3 not signed in", "4 the portal does not answer"):
        assert words in told
    terminal.run("nonsense").require(USAGE)
    assert terminal.run("--version").require(0).out.strip().endswith("0.1.0")
