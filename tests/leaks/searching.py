"""How a credential may be written, where it is looked for, and how one is planted there.

Each place has a search and a plant: what is planted must be found, or the search proves nothing.
"""

import base64
import json
import os
import re
import ssl
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from slack_sdk import WebClient

_SHORTEST = 16  # what is shorter may stand in base64 by chance


def forms(secret):
    """Give a secret as it might be written: plain, in an address, in JSON, in base64 at any offset."""
    texts = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
    texts |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    yield from (text.encode() for text in texts)
    raw = secret.encode()
    if len(raw) >= _SHORTEST:
        for skip in range(3):  # what stands before it, as the user of a Basic header
            coded = base64.b64encode(b"\0" * skip + raw)[4 if skip else 0 : -4]
            yield from {coded, coded.translate(bytes.maketrans(b"+/", b"-_"))}


def hits(content, secrets):
    """Give the beginnings of the secrets that stand in some bytes, in any form."""
    return {secret[:6] for secret in secrets if any(form in content for form in forms(secret))}


class Seen(NamedTuple):
    """One process at one moment. ``mode``: who may read its environment."""

    words: tuple[bytes, ...]
    environment: tuple[tuple[bytes, bytes], ...]
    mode: int

    @property
    def is_git(self):
        """Whether it is git or one of its helpers."""
        return bool(re.fullmatch(rb"(\S*/)?git(-\S+)?", self.words[0]))


def look_at(root):
    """Give a process and all under it, as they are this moment."""
    found = set()
    for pid in _descendants(root):
        folder = Path(f"/proc/{pid}")
        with suppress(OSError):
            words = tuple((folder / "cmdline").read_bytes().split(b"\0"))
            pairs = (line.partition(b"=") for line in (folder / "environ").read_bytes().split(b"\0"))
            mode = (folder / "environ").stat().st_mode & 0o777
            found.add(Seen(words, tuple((name, value) for name, _, value in pairs), mode))
    return found


def _descendants(root):
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {root}
    for _ in range(4):  # git's helpers are three below
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found


# ---------------------------------------------------------------------- the places


def in_state(demo, secrets):
    """Search the state folder but for the vault, whose content is sealed and searched all the same."""
    kept = [path for path in (demo.folder / "state").rglob("*") if path.is_file()]
    return {(path.name, start) for path in kept for start in hits(path.read_bytes(), secrets)}


def in_log(demo, secrets):
    """Search the bot's log and its settings."""
    return {
        (path.name, start)
        for path in (demo.folder / "bot.log", demo.config)
        for start in hits(path.read_bytes(), secrets)
    }


def in_print(demo, secrets):
    """Search what the commands printed."""
    return hits("\n".join(demo.printed).encode(), secrets)


def in_slack(demo, secrets):
    """Search every request that Slack ever had."""
    return {secret[:6] for secret in secrets if any(demo.slack.seen(form.decode()) for form in forms(secret))}


def in_command_lines(demo, secrets):
    """Search the command lines of all processes that ran."""
    return hits(b"\n".join(word for seen in demo.children for word in seen.words), secrets)


def in_environments(demo, secrets):
    """Search the environments of all processes that ran; gives the variables."""
    pairs = {(name, value) for seen in demo.children for name, value in seen.environment}
    return {(name.decode(), start) for name, value in pairs for start in hits(value, secrets)}


PLACES = {
    "state": in_state,
    "log": in_log,
    "print": in_print,
    "slack": in_slack,
    "command lines": in_command_lines,
    "environments": in_environments,
}


# ---------------------------------------------------------------------- the plants


def _into_state(demo, text):
    (demo.folder / "state" / "planted").write_text(text)


def _into_log(demo, text):
    with (demo.folder / "bot.log").open("a") as log:
        log.write(f"{text}\n")


def _into_print(demo, text):
    demo.run([sys.executable, "-c", "import sys; print(sys.argv[1], file=sys.stderr)", text])


def _into_slack(demo, text):
    a = demo.addresses["slack"]
    tls = ssl.create_default_context(cafile=demo.addresses["ca_file"])
    WebClient(a["bot_token"], base_url=a["api_url"], ssl=tls).chat_postMessage(channel="C0ZAIKO01", text=text)


def _into_process(demo, *words, **variables):
    command = [sys.executable, "-c", "input()", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | variables) as child:
        while not any(seen.words[1:2] == (b"-c",) for seen in look_at(child.pid)):
            pass  # not yet the program that was asked for
        demo.children |= look_at(child.pid)
        child.communicate(b"\n")


PLANTS = {
    "state": _into_state,
    "log": _into_log,
    "print": _into_print,
    "slack": _into_slack,
    "command lines": lambda demo, text: _into_process(demo, text),
    "environments": lambda demo, text: _into_process(demo, PLANTED=text),
}
