"""The `suffice` command: its subcommands, and what becomes of an error."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from typing import Annotated

import typer

from suffice import __version__
from suffice.cli import (
    advise,
    answer,
    audit,
    bundle,
    calibrate,
    classify,
    clean,
    collect,
    compare,
    demo,
    diagnose,
    diff,
    drift,
    evaluate,
    export,
    fit,
    init,
    ledger,
    models,
    parity,
    report,
    review,
    runs,
    serve,
    train,
)
from suffice.errors import Problem, SufficeError

OUR_FAULT, USERS_TURN, INTERRUPTED = 1, 2, 130
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

app = typer.Typer(
    name="suffice",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Finds, trains, proves and serves the smallest model that does a narrow task well enough.",
    epilog="Exit codes: 0 done, 1 our fault, 2 yours to fix, 3 the target was not shown to be met, or messages drift.",
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"suffice {__version__}")
        raise typer.Exit


@app.callback()
def _every(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    del version


for command in (
    init,
    advise,
    audit,
    review,
    clean,
    diff,
    fit,
    diagnose,
    classify,
    answer,
    calibrate,
    serve,
    drift,
    collect,
    train,
    evaluate,
    compare,
    report,
    bundle,
    export,
    parity,
    demo,
):
    app.command(name=command.__name__.rpartition(".")[2])(command.run)
app.add_typer(runs.app, name="runs")
app.add_typer(models.app, name="models")
app.add_typer(ledger.app, name="ledger")


def main() -> None:
    """Runs the command line, and ends the process with its exit code."""
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
        if code == INTERRUPTED:
            raise KeyboardInterrupt  # Typer turns it into an exit code.
    except SufficeError as error:
        _tell(str(error))
        return USERS_TURN
    except typer.TyperException as error:
        _tell(f"suffice: {error.format_message()}\nsee `suffice COMMAND --help`")
        return USERS_TURN
    except (KeyboardInterrupt, typer.Abort):
        begin = "\n" if sys.stderr.isatty() else ""  # A prompt or a bar may stand on the line.
        print(f"{begin}interrupted; the same command again goes on where this one was cut off", file=sys.stderr)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # Whoever read our output has seen enough; Typer exits on that.
        _drop_output()
        return 0
    except Exception as error:
        return _failed(error)
    return code if isinstance(code, int) else 0


def _failed(error: Exception) -> int:
    """A full disk behind standard output is the person's to mend; everything else that gets here is our fault."""
    if isinstance(error, OSError) and error.errno in FULL:
        rule, got = "must take what is written", os.strerror(error.errno)
        fix = "free some space, and run the same command again"
        _tell(str(Problem(where=str(error.filename or "standard output"), rule=rule, got=got, fix=fix)))
        _drop_output()
        return USERS_TURN
    traceback.print_exc()
    print("this is a fault of suffice, not yours: please report it with the lines above", file=sys.stderr)
    return OUR_FAULT


def _tell(text: str) -> None:
    from suffice.cli.problems import tell  # What it needs takes time to load, and --help has none.

    tell(text)


def _drop_output() -> None:
    """Python writes out what is left when it ends, and would complain of a pipe or disk that takes no more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
