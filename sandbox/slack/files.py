"""Files that the bot sends in three steps, and files that a person puts into a modal."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.slack.errors import SlackError
from sandbox.slack.people import BOT_TOKEN
from sandbox.slack.state import State

Json = dict[str, Any]


class Files:
    """Uploads by ``files.getUploadURLExternal``. Source: spec 6."""

    def __init__(self, state: State) -> None:
        self._state = state

    def start(self, arguments: Json) -> Json:
        """Give an address to send the bytes to."""
        if not arguments.get("filename") or not str(arguments.get("length", "")).isdigit():
            raise SlackError("invalid_arguments")
        key = f"F0SANDBOX{len(self._state.uploads) + 1}"
        name, length = str(arguments["filename"]), int(arguments["length"])
        self._state.uploads[key] = {"id": key, "name": name, "title": name, "length": length, "content": None}
        return {"upload_url": f"{self._state.address}/upload/{key}", "file_id": key}

    def finish(self, arguments: Json) -> list[Json]:
        """Check that the bytes have come and give the files."""
        done = []
        for item in arguments.get("files") or []:
            file = self._state.uploads.get(item.get("id", ""))
            if file is None or file["content"] is None:
                raise SlackError("file_not_found")
            text = file["content"].decode(errors="replace")
            done.append(file | {"title": item.get("title") or file["name"], "content": text})
        if not done:
            raise SlackError("invalid_arguments")
        return done

    def put(self, name: str, held: bytes) -> Json:
        """Keep a file that a person gave and describe it as a ``file_input`` does."""
        key = f"F0SANDBOX{len(self._state.uploads) + 1}"
        file = {"id": key, "name": name, "title": name, "length": len(held), "content": held}
        self._state.uploads[key] = file
        url = f"{self._state.address}/files/{key}/{name}"
        return {
            "id": key,
            "name": name,
            "size": file["length"],
            "url_private_download": url,
            "url_private": url,
        }

    async def on_upload(self, request: web.Request) -> web.Response:
        """Take the bytes of one file."""
        content = await request.read()
        file = self._state.uploads.get(request.match_info["id"])
        self._state.record.add("upload", request.match_info["id"], content.decode(errors="replace"))
        if file is None or file["length"] != len(content):
            return web.Response(status=400)
        file["content"] = content
        return web.Response(text=f"OK - {file['length']}")

    async def on_download(self, request: web.Request) -> web.Response:
        """Give a person's file to the bot's token, if it may read files."""
        file = self._state.uploads.get(request.match_info["id"])
        allowed = "files:read" in self._state.settings.scopes
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}" or not allowed:
            return web.Response(status=403)
        if file is None or file["content"] is None:
            return web.Response(status=404)
        return web.Response(body=file["content"], content_type="application/octet-stream")
