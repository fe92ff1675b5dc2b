"""Takes what the bot wants shown, and refuses what Slack refuses."""

from __future__ import annotations

from typing import Any

from sandbox.slack.errors import SlackError
from sandbox.slack.limits import (
    MAX_BLOCK_TEXT,
    MAX_TEXT,
    block_text_length,
    check_message,
    check_view,
    view_is_too_large,
)
from sandbox.slack.room import Draft

Json = dict[str, Any]


def accept_message(arguments: Json, *, needs_text: bool = True) -> Draft:
    """Check the content of a message and give it.

    Raises:
        SlackError: ``no_text``, ``invalid_blocks``, ``msg_blocks_too_long``.
    """
    blocks, attachments = arguments.get("blocks") or [], arguments.get("attachments") or []
    text = str(arguments.get("text") or arguments.get("markdown_text") or "")
    if problems := check_message(blocks, attachments):
        raise SlackError("invalid_blocks", messages=problems)
    if block_text_length(blocks) > MAX_BLOCK_TEXT:
        raise SlackError("msg_blocks_too_long")
    if needs_text and not (text or blocks or attachments):
        raise SlackError("no_text")
    return Draft(
        text=text[:MAX_TEXT],
        blocks=blocks,
        attachments=attachments,
        thread_ts=str(arguments.get("thread_ts") or ""),
        broadcast=str(arguments.get("reply_broadcast", "")).lower() in ("1", "true"),
    )


def accept_view(view: Any, *kinds: str) -> Json:
    """Check a view and give it.

    Raises:
        SlackError: ``view_too_large``, ``invalid_blocks`` [the code for views is a guess].
    """
    if view_is_too_large(view):
        raise SlackError("view_too_large")
    if problems := check_view(view, kinds):
        raise SlackError("invalid_blocks", messages=problems)
    accepted: Json = view
    return accepted
