"""The shell: ``tanaban COMMAND``, one room per group of commands. The only place that prints.

What is heavy is imported where it is used: ``tanaban --help`` waits for nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from adapters.errors import TanabanError
from bot.answers import Refused
from bot.cli import (
    credentials,
    drift,
    guard,
    listing,
    manifest,
    mapping,
    outages,
    pausing,
    products,
    readiness,
    renewing,
    running,
    sandbox,
    setup,
    shops,
    stock,
    sync,
    why,
)
from bot.cli.say import say

ROOMS = (
    running,
    readiness,
    setup,
    pausing,
    sync,
    drift,
    guard,
    shops,
    products,
    renewing,
    credentials,
    stock,
    listing,
    mapping,
    outages,
    why,
    manifest,
    sandbox,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status: 0 done, 1 problems found, 2 not understood or failed."""
    options = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except Refused as refused:
        print(say(refused.key, **refused.params), file=sys.stderr)
    except TanabanError as error:
        print(f"tanaban: {error}", file=sys.stderr)
    except _database_errors() as error:
        print(
            f"tanaban: the state cannot be used now ({error}); what was not done yet was left",
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        pass
    return 2


def _database_errors() -> tuple[type[Exception], ...]:
    """Give what the database raises; nothing where no command has opened it."""
    module = sys.modules.get("sqlalchemy.exc")
    return (module.DBAPIError,) if module else ()


def parser() -> argparse.ArgumentParser:
    """Give the grammar of the shell."""
    parser = argparse.ArgumentParser(
        prog="tanaban", description="Keeps one merchant's stock equal on every mall."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for room in ROOMS:
        room.add(commands)
    return parser
