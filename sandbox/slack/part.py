"""The Slack workspace as a part of the sandbox."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from sandbox.slack.api import Api
from sandbox.slack.content import accept_message
from sandbox.slack.files import Files
from sandbox.slack.forms import Forms
from sandbox.slack.hands import Hands
from sandbox.slack.methods import Methods
from sandbox.slack.people import APP_TOKEN, BOT_TOKEN, GROUP, OPS_CHANNEL, SIGNING_SECRET, TEAM
from sandbox.slack.posts import PostTransport
from sandbox.slack.replies import Replies
from sandbox.slack.sockets import SocketTransport
from sandbox.slack.state import Settings, State
from sandbox.slack.transport import Acknowledgements
from sandbox.slack.verbs import Verbs
from sandbox.slack.wires import Wires
from sandbox.web import WebHost
from sandbox.world import World, call_verb

TICK_S = 0.1
MAX_BODY = 20 * 1024 * 1024


class SlackWorkspace:
    """A workspace with people, channels and one app: the bot. See ``Settings`` for the settings."""

    name = "slack"

    def __init__(self, world: World, web_host: WebHost, **settings: Any) -> None:
        self._world = world
        self._host = web_host
        self.state = State(world, Settings(**settings))
        acks = Acknowledgements(self.state.record)
        self._sockets = SocketTransport(self.state, web_host, acks)
        wires = Wires(self._sockets, PostTransport(self.state, web_host, acks), acks)
        self._hands = Hands(self.state, wires)
        forms = Forms(self.state, wires, self._hands)
        self._verbs = Verbs(self.state, wires, self._hands, forms)
        self._is_open = False

    def start(self) -> None:
        """Open the port and begin to post scheduled messages and repeat events."""
        port = self._host.serve(self._app())
        self.state.address = f"https://127.0.0.1:{port}"
        self._is_open = True
        asyncio.run_coroutine_threadsafe(self._tick(), self._host.loop)

    def _app(self) -> web.Application:
        api = Api(self.state, Methods(self.state, self._sockets.url).table())
        files, replies = Files(self.state), Replies(self.state)
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post("/api/{method}", api.on_call)
        app.router.add_get("/link", self._sockets.on_link)
        app.router.add_post("/response/{key}", replies.on_post)
        app.router.add_post("/upload/{id}", files.on_upload)
        app.router.add_get("/files/{id}/{name}", files.on_download)
        return app

    async def _tick(self) -> None:
        while self._is_open:
            self._post_scheduled()
            self._hands.send_due_events()
            await asyncio.sleep(TICK_S)

    def _post_scheduled(self) -> None:
        with self._world.lock:
            now = self._world.clock.now().timestamp()
            due = [item for item in self.state.scheduled.values() if item.post_at <= now]
            for item in sorted(due, key=lambda item: item.post_at):
                del self.state.scheduled[item.id]
                self.state.room.post(item.channel, accept_message(item.content))
            if due:
                self._world.notify()

    def stop(self) -> None:
        """End the connections; the port itself closes with the web host."""
        self._is_open = False
        self._host.run(self._sockets.close_all())

    def addresses(self) -> dict[str, Any]:
        """Give what a bot needs to be pointed here."""
        users = self.state.people.users.values()
        return {
            "api_url": f"{self.state.address}/api/",
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "signing_secret": SIGNING_SECRET,
            "team": TEAM,
            "channel": OPS_CHANNEL,
            "group": GROUP,
            "users": {person.name: person.id for person in users if not person.is_bot},
        }

    def control(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Do a control verb; see ``Verbs`` for the list."""
        return call_verb(self._verbs, verb, arguments)
