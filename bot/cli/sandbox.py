"""The small world on this machine: the only room that imports it."""

from __future__ import annotations

import argparse
from pathlib import Path

from adapters.errors import ConfigError
from bot.cli.say import Commands


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    demo = commands.add_parser("demo", help="the bot beside a whole small world on this machine")
    demo.add_argument("--tour", action="store_true", help="play six scenes in the terminal and end")
    demo.add_argument("--mapping", type=Path, default=Path(), help="folder of mappings.yaml and team.yaml")
    demo.add_argument("--folder", type=Path, help="keep what it leaves behind here")
    demo.set_defaults(run=_demo)
    group = commands.add_parser("sandbox", help="the small world alone").add_subparsers(required=True)
    serve = group.add_parser("serve", help="serve it until stopped")
    serve.add_argument("folder", type=Path)
    serve.set_defaults(run=_sandbox_serve)
    terminal = group.add_parser("terminal", help="its Slack workspace as text, beside a running demo")
    terminal.add_argument("url", help="the address that the demo shows, http://127.0.0.1:...")
    terminal.add_argument("--user", default="alice", help="who types: alice, bob, carol, guest")
    terminal.set_defaults(run=_sandbox_terminal)


def _demo(options: argparse.Namespace) -> int:
    try:
        from sandbox.demo import run_demo
        from sandbox.tour import run_tour
    except ImportError as error:
        raise ConfigError(
            f"the sandbox is not installed ({error.name}): pip install tanaban[sandbox]"
        ) from error
    return (run_tour if options.tour else run_demo)(options.mapping, options.folder)


def _sandbox_serve(options: argparse.Namespace) -> int:
    from sandbox.__main__ import serve

    return serve(options.folder)


def _sandbox_terminal(options: argparse.Namespace) -> int:
    from sandbox.terminal import run_terminal

    return run_terminal(options.url, options.user)
