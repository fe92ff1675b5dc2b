"""The bot with every library's log at DEBUG: what an operator might switch on when looking for a fault."""

import logging
import sys

import adapters.files
import adapters.http
import adapters.sftp  # noqa: F401 - imported first: it quietens what it uses
import bot.app
from bot.cli import main

LIBRARIES = ("slack_sdk", "slack_bolt", "urllib3", "requests", "git", "paramiko", "alembic", "aiohttp")


def loud(redaction):
    """Set the log up as ever, then let everybody speak; what SQL says is searched in the database."""
    quiet(redaction)
    logging.getLogger().setLevel(logging.DEBUG)
    for name in (*LIBRARIES, *logging.Logger.manager.loggerDict):
        if not name.startswith("sqlalchemy"):
            logging.getLogger(name).setLevel(logging.DEBUG)


if __name__ == "__main__":
    quiet = bot.app.set_up_logging
    bot.app.set_up_logging = loud
    sys.exit(main(sys.argv[1:]))
