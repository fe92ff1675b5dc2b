"""How the workspace says no."""

from __future__ import annotations

from typing import Any

from aiohttp import web


class SlackError(Exception):
    """A refusal, in the form of the Web API.

    Args:
        messages: what ``response_metadata.messages`` holds.
        extra: further fields beside ``ok`` and ``error``.
        retry_after_s: makes it a 429 with that wait.
    """

    def __init__(
        self,
        code: str,
        *,
        messages: list[str] | None = None,
        extra: dict[str, Any] | None = None,
        retry_after_s: int = 0,
        status: int = 200,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
        self._extra = extra or {}
        self._retry_after_s = retry_after_s
        self._status = 429 if retry_after_s else status

    def response(self) -> web.Response:
        """Build the HTTP answer."""
        body: dict[str, Any] = {"ok": False, "error": self.code, **self._extra}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        headers = {"Retry-After": str(self._retry_after_s)} if self._retry_after_s else {}
        return web.json_response(body, status=self._status, headers=headers)
