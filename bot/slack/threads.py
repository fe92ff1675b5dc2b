"""What an alert's thread gets beside the root: details, a timeline, all lines as a file. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.slack import alerts
from bot.slack.blocks import cut, escape
from bot.slack.voice import Voice
from bot.store.incidents import Incident

FILE_EVERY = timedelta(hours=1)
"""A list that keeps changing comes as a file this often at most."""

_LOGGED, _TIMELINE, _FILE = "_log_told", "_timeline_told", "_file_told"
_INSTEAD = 2900  # characters of a list that is told as text, where no file is taken

Bodies = Sequence[dict[str, Any]]


def details(incident: Incident, voice: Voice, now: datetime) -> tuple[Bodies, dict[str, Any]]:
    """Give what the thread does not have yet, and what to remember of it."""
    bodies: list[dict[str, Any]] = []
    kept: dict[str, Any] = {}
    log, told = incident.logged, int(incident.kept.get(_LOGGED, 0))
    if len(log) > max(1, told):  # a single detail stands in the root itself
        head = voice("alert.logged", **_names(incident, voice))
        bodies.append({"text": cut(f"{head}\n{alerts.log_message(log[told:], voice).text}", 2900)})
        kept[_LOGGED] = len(log)
    text = str(incident.params.get("timeline", ""))
    if text and _hash(text) != incident.kept.get(_TIMELINE):
        bodies.append(alerts.timeline(text).body())
        kept[_TIMELINE] = _hash(text)
    if incident.closed_at is None and _is_due(incident, now):
        bodies.append(_file(incident, voice))
        kept[_FILE] = [_hash("\n".join(incident.params["all"])), now.isoformat()]
    return bodies, kept


def _is_due(incident: Incident, now: datetime) -> bool:
    lines = incident.params.get("all")
    if not lines:
        return False
    before, at = incident.kept.get(_FILE, ("", ""))
    changed = _hash("\n".join(lines)) != before
    return changed and (not at or now - datetime.fromisoformat(at) >= FILE_EVERY)


def _file(incident: Incident, voice: Voice) -> dict[str, Any]:
    name, content = alerts.lines_file(incident)
    lines: Sequence[str] = incident.params["all"]
    text = voice("alert.file", count=f"{len(lines):,}", **_names(incident, voice))
    listed = cut("\n".join([text, *(escape(line) for line in lines)]), _INSTEAD)
    return {"text": text, "instead": listed, "file": {"name": name, "content": content}}


def _names(incident: Incident, voice: Voice) -> dict[str, str]:
    return {"shop": escape(incident.shop) or voice("alert.bot"), "title": alerts.title(incident, voice)}


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
