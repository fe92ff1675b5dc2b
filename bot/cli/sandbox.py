"""The small world on this machine: the only room that imports it."""

from __future__ import annotations

import argparse
from pathlib import Path

from adapters.errors import ConfigError
from bot.cli.say import Commands

REHEARSALS = {
    "expired-key": "rehearse: the Rakuten licence key expires while the shop sells on",
    "maintenance": "rehearse: Rakuten closes for maintenance",
    "sale-rush": "rehearse: every mall sells at once, and the last pieces twice",
    "csv-half-written": "rehearse: TEMPOSTAR's order file is cut in the middle",
    "mapping-mistake": "rehearse: a mistyped code, then a merge that takes out too much",
    "two-systems": "rehearse: another service writes at the same mall",
}


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    demo = commands.add_parser("demo", help="the bot beside a whole small world on this machine")
    demo.add_argument("--tour", action="store_true", help="play six scenes in the terminal and end")
    demo.add_argument("--mapping", type=Path, default=Path(), help="folder of mappings.yaml and team.yaml")
    demo.add_argument("--folder", type=Path, help="keep what it leaves behind here")
    demo.set_defaults(run=_demo)
    sandbox = commands.add_parser("sandbox", help="the small world: alone, or with trouble to live through")
    sandbox.add_argument("--list", action="store_true", help="name the rehearsals")
    sandbox.set_defaults(run=_list)
    group = sandbox.add_subparsers(metavar="COMMAND")
    serve = group.add_parser("serve", help="serve it until stopped")
    serve.add_argument("folder", type=Path)
    serve.set_defaults(run=_sandbox_serve)
    terminal = group.add_parser("terminal", help="its Slack workspace as text, beside a running demo")
    terminal.add_argument("url", help="the address that the demo shows, http://127.0.0.1:...")
    terminal.add_argument("--user", default="alice", help="who types: alice, bob, carol, guest")
    terminal.set_defaults(run=_sandbox_terminal)
    for name, summary in REHEARSALS.items():
        rehearsal = group.add_parser(name, help=summary, description=summary)
        rehearsal.add_argument("--auto", action="store_true", help="play the person's part too, and end")
        rehearsal.add_argument("--mapping", type=Path, default=Path(), help="as of 'tanaban demo'")
        rehearsal.add_argument("--folder", type=Path, help="keep what it leaves behind here")
        rehearsal.set_defaults(run=_rehearse, rehearsal=name)


def _demo(options: argparse.Namespace) -> int:
    try:
        from sandbox.demo import run_demo
        from sandbox.tour import run_tour
    except ImportError as error:
        raise _not_installed(error) from error
    _check_folders(options)
    return (run_tour if options.tour else run_demo)(options.mapping, options.folder)


def _check_folders(options: argparse.Namespace) -> None:
    """Refuse folders that a demo cannot begin in.

    Raises:
        ConfigError: there is no mapping to begin with, or another demo was here before.
    """
    for name in ("mappings.yaml", "team.yaml"):
        if not (options.mapping / name).is_file():
            where = options.mapping.resolve()
            raise ConfigError(
                f"{where} has no {name}: start in the project's folder, or name one by --mapping"
            )
    if options.folder and (options.folder / "world").exists():
        raise ConfigError(f"{options.folder} holds an earlier demo: name another folder, or remove it")


def _not_installed(error: ImportError) -> ConfigError:
    return ConfigError(f"the sandbox is not installed ({error.name}): pip install tanaban[sandbox]")


def _list(_options: argparse.Namespace) -> int:
    try:
        from sandbox.rehearsals.playing import list_rehearsals
    except ImportError as error:
        raise _not_installed(error) from error
    return list_rehearsals()


def _rehearse(options: argparse.Namespace) -> int:
    try:
        from sandbox.rehearsals.playing import run_rehearsal
    except ImportError as error:
        raise _not_installed(error) from error
    _check_folders(options)
    return run_rehearsal(options.rehearsal, options.mapping, options.folder, auto=options.auto)


def _sandbox_serve(options: argparse.Namespace) -> int:
    from sandbox.__main__ import serve

    return serve(options.folder)


def _sandbox_terminal(options: argparse.Namespace) -> int:
    from sandbox.terminal import run_terminal

    return run_terminal(options.url, options.user)
