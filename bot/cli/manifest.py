"""The manifest of the Slack app: what a person pastes when they make the app."""

from __future__ import annotations

import argparse
import json

from adapters.errors import ConfigError
from bot.cli.say import Commands, config_option, language
from bot.config import Config, load_config


def add(commands: Commands) -> None:
    """Add the command of this room."""
    summary = "print the manifest of the Slack app, to make it from at api.slack.com/apps"
    manifest = config_option(commands.add_parser("manifest", help=summary, description=summary))
    manifest.add_argument("--http", metavar="URL", default="", help="Slack calls the bot there (https)")
    manifest.add_argument("--json", action="store_true", help="JSON; else YAML")
    manifest.set_defaults(run=_manifest)


def _manifest(options: argparse.Namespace) -> int:
    import yaml

    from bot.slack.manifest import manifest, problems
    from bot.slack.voice import Voice

    config = load_config(options.config) if options.config.exists() else Config()
    made = manifest(Voice(language(), config.slack.command), options.http)
    if wrong := list(problems(made)):
        raise ConfigError("; ".join(wrong))
    if options.json:
        print(json.dumps(made, ensure_ascii=False, indent=2))
    else:
        print(yaml.safe_dump(made, allow_unicode=True, sort_keys=False), end="")
    return 0
