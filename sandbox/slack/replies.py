"""``POST /response/<key>``: answers to commands and buttons after the acknowledgement."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.slack.content import accept_message
from sandbox.slack.errors import SlackError
from sandbox.slack.people import BOT_USER
from sandbox.slack.state import State
from sandbox.slack.tickets import ResponseTicket

Json = dict[str, Any]


_STATUS = {"": 200, "service_unavailable": 503}


class Replies:
    """Takes posts to response URLs: five uses within 30 minutes. Source: spec 9.2."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def on_post(self, request: web.Request) -> web.Response:
        """Do one post."""
        content = await request.json()
        entry = self._state.record.add("reply", "response_url", content)
        world = self._state.world
        try:
            with world.lock:
                error = self._reply(request.match_info["key"], content)
                world.notify()
        except SlackError as refused:
            entry.outcome = refused.code
            self._state.record.violation(f"response_url: {refused.code} {'; '.join(refused.messages)}")
            return web.Response(status=400, text=refused.code)
        entry.outcome = error or "ok"
        return web.Response(status=_STATUS.get(error, 404), text=error or "ok")

    def _reply(self, key: str, content: Json) -> str:
        if self._state.faults.has("down"):
            return "service_unavailable"
        ticket, error = self._state.tickets.redeem_response(key)
        if ticket is None:
            return error
        if content.get("delete_original"):
            return self._delete(ticket)
        show_answer(self._state, content, ticket)
        return ""

    def _delete(self, ticket: ResponseTicket) -> str:
        if ticket.origin is None or ticket.origin not in self._state.room.messages:
            return "message_not_found"
        self._state.room.delete(ticket.origin)
        return ""


def show_answer(state: State, content: Json, ticket: ResponseTicket) -> Json:
    """Show an answer: ephemeral unless it says otherwise, in place of the original if it says so.

    Raises:
        SlackError: what Slack would refuse.
    """
    draft = accept_message(content)
    origin = ticket.origin
    if content.get("replace_original") and origin is not None and origin in state.room.messages:
        origin.attachments = draft.attachments
        state.room.edit(origin, draft.text, draft.blocks)
        return state.room.as_json(origin)
    kind = content.get("response_type", "ephemeral")
    if kind not in ("ephemeral", "in_channel"):
        state.record.violation(f"unknown response_type {kind!r}")
    to = "" if kind == "in_channel" else ticket.user
    return state.room.as_json(state.room.post(ticket.channel, draft, author=BOT_USER, to=to))
