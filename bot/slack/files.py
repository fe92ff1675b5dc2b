"""Files for one person: by direct message, as an answer that only they see cannot hold a file."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Iterable, Sequence
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.answers import Refused

log = logging.getLogger(__name__)

_FILE_HOST = "files.slack.com"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Files:
    """Sends files."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def send(self, user: str, name: str, content: str, text: str) -> bool:
        """Send a file to a person; False where Slack takes it not now."""
        data = content.encode("utf-8-sig")  # with its mark Excel reads it
        try:
            # A file goes to a channel's id only; a message to a person tells the id of theirs.
            channel = self._client.chat_postMessage(channel=user, text=text)["channel"]
            self._client.files_upload_v2(channel=channel, filename=name, title=name, content=data)
        except (OSError, HTTPException, SlackClientError) as error:
            log.warning("a file did not reach Slack: %s", type(error).__name__)
            return False
        return True

    def fetch(self, url: str, most: int) -> bytes:
        """Fetch a file that a person brought. The token goes to Slack's own hosts alone.

        Raises:
            Refused: it cannot be had, or is longer than ``most``.
        """
        found, own = urlsplit(url), urlsplit(str(self._client.base_url)).hostname
        if found.scheme != "https" or found.hostname not in (_FILE_HOST, own):
            raise Refused("upload_not_fetched")
        request = Request(url, headers={"Authorization": f"Bearer {self._client.token}"})  # noqa: S310
        opener = build_opener(HTTPSHandler(context=self._client.ssl), _NoRedirect())
        try:
            with opener.open(request, timeout=10) as reply:
                content: bytes = reply.read(most + 1)
        except (OSError, HTTPException) as error:
            log.warning("a file could not be fetched: %s", type(error).__name__)
            raise Refused("upload_not_fetched") from None
        if len(content) > most:
            raise Refused("upload_size")
        if content.lstrip()[:9].lower() == b"<!doctype":  # what Slack shows where the scope is missing
            raise Refused("upload_not_fetched")
        return content


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: a redirect would carry the token along."""

    def redirect_request(self, *_arguments: Any) -> None:
        """Follow none."""


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write rows as CSV; a foreign text that a spreadsheet would run as a formula is shown as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
