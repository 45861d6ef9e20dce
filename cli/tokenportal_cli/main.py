"""`tokenportal`: the commands, and the exit code that each ends with."""

import json
import os
import sys
import traceback
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from tokenportal_cli import VERSION
from tokenportal_cli.doctor import doctor
from tokenportal_cli.policy import policy
from tokenportal_cli.problems import FAILED, INTERRUPTED, USAGE, Problem
from tokenportal_cli.rotating import rotate
from tokenportal_cli.signing import login, logout, whoami
from tokenportal_cli.tokens import create, listing, revoke, show

PROGRAM = "tokenportal"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name=PROGRAM)
@click.pass_context
def cli(context: click.Context) -> None:
    """Your access tokens, from the command line.

    Exit codes: 0 all is well; 1 refused or failed; 2 a token ends soon (doctor, list --soon); 3 not signed in, or
    the token is good no more; 4 the portal does not answer; 5 a plan has to be looked at first; 64 wrong usage.

    Jobs set TOKENPORTAL_URL and TOKENPORTAL_TOKEN instead of signing in.
    """
    context.ensure_object(dict)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(*, shell: str) -> None:
    """Write what lets your shell complete these commands, for example: eval "$(tokenportal completion bash)"."""
    found = get_completion_class(shell)
    if found is None:
        raise Problem(f"There is no completion for {shell}.")
    # Not `.source()` of bash, which starts bash to ask for its version.
    kept = found(cli, {}, PROGRAM, "_TOKENPORTAL_COMPLETE")
    click.echo(kept.source_template % kept.source_vars())


for command in (login, logout, whoami, listing, show, create, rotate, revoke, doctor, policy):
    cli.add_command(command)


def main() -> None:
    """Run, and exit as the help says."""
    state: dict[str, object] = {}
    try:
        cli.main(prog_name=PROGRAM, obj=state, standalone_mode=False)
        code = state.get("code", 0)
    except Problem as problem:
        code = problem.exit_code
        _say(str(problem), problem.code, state)
    except click.UsageError as error:
        code = USAGE
        _say(error.format_message(), "usage", state)
        click.echo(f"Try: {error.ctx.command_path if error.ctx else PROGRAM} --help", err=True)
    except click.Abort:
        code = INTERRUPTED
        click.echo("Nothing was done.", err=True)
    except click.ClickException as error:
        code = FAILED
        _say(error.format_message(), "failed", state)
    except OSError as error:
        code = FAILED
        _say(f"It cannot be written: {error.strerror}.", "failed", {})
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python tries the rest again at its end
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        code = FAILED
        words = (
            f"What the portal answers is not understood ({_place_of(error)}). Is it a TokenPortal, and no newer one?"
        )
        _say(words, "failed", state)
    sys.exit(int(str(code)))


def _place_of(error: Exception) -> str:
    """Where in the client it was, for whoever mends it; not the error's own words, in which a token may stand."""
    *_callers, last = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}"


def _say(words: str, code: str, state: dict[str, object]) -> None:
    """An error: for people on stderr, for programs besides on stdout."""
    click.echo(f"{PROGRAM}: {words}", err=True)
    if state.get("json"):
        click.echo(json.dumps({"error": {"code": code, "message": words}}, ensure_ascii=False))
