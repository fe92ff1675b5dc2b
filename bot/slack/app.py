"""The Slack face as one thing: start it, wake it, stop it."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, ServerErrorRetryHandler
from sqlalchemy import Engine

from adapters.contract import Clock
from adapters.errors import ConfigError
from adapters.secret import Secret
from bot.slack.blocks import escape
from bot.slack.desk import Desk
from bot.slack.listeners import Listeners, open_view
from bot.slack.people import People
from bot.slack.ports import Actions
from bot.slack.sender import Sender, Surroundings
from bot.slack.socket import SocketAddress, SocketBridge
from bot.slack.views import notice
from bot.slack.voice import Voice
from bot.slack.work import Work
from bot.store.incidents import Incidents
from bot.store.outbox import Outbox, Priority

log = logging.getLogger(__name__)

LISTENERS = 32
"""Bolt's default of 5 lets five busy listeners hold up every acknowledgement."""
LONGEST_WAIT_S = 60.0

_TOKEN_ERRORS = {
    "invalid_auth": "Slack does not know the bot token",
    "not_authed": "the bot token is empty",
    "account_inactive": "the bot's account or workspace was deleted",
    "token_revoked": "the bot token was revoked",
    "token_expired": "the bot token has expired",
    "not_allowed_token_type": "the bot token is of another kind; it must begin with xoxb-",
    "missing_scope": "the bot token lacks a scope of the app's manifest",
}
_APP_TOKEN_ERRORS = {
    "invalid_auth": "Slack does not know the app token",
    "not_authed": "the app token is empty",
    "not_allowed_token_type": "the app token is of another kind; it must begin with xapp-",
    "missing_scope": "the app token lacks the scope connections:write",
    "token_revoked": "the app token was revoked",
}


@dataclass(frozen=True)
class SlackSettings:
    """How to reach Slack. ``rates`` above 1 makes the sender faster: for the sandbox only."""

    bot_token: Secret
    app_token: Secret
    api_url: str = "https://slack.com/api/"
    ca_file: Path | None = None
    command: str = "/zaiko"
    rates: float = 1.0


class SlackFace:
    """Hears and speaks for the bot in one workspace. ``stop`` set from outside ends it as well."""

    def __init__(
        self, actions: Actions, engine: Engine, settings: SlackSettings, clock: Clock, stop: Event
    ) -> None:
        self._actions = actions
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._stop = stop
        self._tls = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        self._client = self._web_client(timeout_s=10, retried=True)
        self._work = Work()
        self._sender = self._make_sender()
        self._bridge: SocketBridge | None = None
        self._waiting: Thread | None = None
        self.app: App | None = None
        self.team_id = ""

    def _web_client(self, *, timeout_s: int, retried: bool) -> WebClient:
        handlers = [ConnectionErrorRetryHandler(), ServerErrorRetryHandler()] if retried else []
        settings = self._settings
        return WebClient(
            token=settings.bot_token.reveal(),
            base_url=settings.api_url,
            ssl=self._tls,
            timeout=timeout_s,
            retry_handlers=handlers,
        )

    def _make_sender(self) -> Sender:
        around = Surroundings(self._voice, self._actions.ops_channel, self._where, self._actions.now)
        client = self._web_client(timeout_s=10, retried=False)
        return Sender(client, self._engine, around, self._clock, stop=self._stop, rates=self._settings.rates)

    def start(self) -> None:
        """Connect. While Slack is out of reach this goes on in the background.

        Raises:
            ConfigError: Slack refuses the bot token; the message says why.
        """
        quiet_loggers()
        try:
            self._open()
        except (OSError, HTTPException):
            log.warning("Slack cannot be reached; the bot works on and keeps trying")
            self._waiting = Thread(target=self._open_later, name="slack-start", daemon=True)
            self._waiting.start()

    def _open(self) -> None:
        self.team_id = self._check_token()
        self._check_app_token()
        self.app = self._make_app()
        address = SocketAddress(self._settings.api_url, self._settings.app_token, self._tls)
        self._bridge = SocketBridge(self.app, address, self._stop)
        self._bridge.start()
        self._sender.start()

    def _open_later(self) -> None:
        wait_s = 1.0
        while not self._clock.wait(self._stop, wait_s):
            try:
                self._open()
                return
            except (OSError, HTTPException):
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            except ConfigError as error:
                log.error("%s", error)
                return

    def _check_token(self) -> str:
        try:
            return str(self._client.auth_test()["team_id"])
        except SlackApiError as error:
            code = str(error.response.get("error", ""))
            if code in _TOKEN_ERRORS:
                raise ConfigError(f"SLACK_BOT_TOKEN: {_TOKEN_ERRORS[code]} ({code})") from None
            raise ConnectionError(f"auth.test: {code}") from None

    def _check_app_token(self) -> None:
        """A bot that can speak and hears nothing would look alive: so this token is tried as well."""
        try:
            self._client.apps_connections_open(app_token=self._settings.app_token.reveal())
        except SlackApiError as error:
            code = str(error.response.get("error", ""))
            if code in _APP_TOKEN_ERRORS:
                raise ConfigError(f"SLACK_APP_TOKEN: {_APP_TOKEN_ERRORS[code]} ({code})") from None
            raise ConnectionError(f"apps.connections.open: {code}") from None

    def _make_app(self) -> App:
        app = App(
            client=self._client,
            name="tanaban",
            signing_secret="unused in Socket Mode",
            listener_executor=ThreadPoolExecutor(LISTENERS, thread_name_prefix="slack-listener"),
            raise_error_for_unhandled_request=True,
        )
        Listeners(self._make_desk(), self._work, self._tls).listen(app)
        return app

    def _make_desk(self) -> Desk:
        return Desk(
            actions=self._actions,
            people=People(self._client, self.team_id, self._clock),
            incidents=Incidents(self._engine),
            outbox=Outbox(self._engine),
            clock=self._clock,
            command=self._settings.command,
            open_view=partial(open_view, self._client),
            wake=self.wake,
        )

    def _voice(self) -> Voice:
        return Voice(self._actions.language(), self._settings.command)

    def _where(self, shop: str) -> str:
        """Name a shop as people call it, ready for mrkdwn."""
        voice = self._voice()
        for known in self._actions.status().shops:
            if known.shop == shop:
                mall = voice.label(known.mall_ja, known.mall_en)
                return voice("alert.shop", mall=mall, shop=escape(shop))
        return escape(shop) or voice("alert.bot")

    def say(self, key: str, params: Mapping[str, str | datetime]) -> None:
        """Say something in the ops channel: a key of ``bot.messages`` and its plain parameters."""
        channel = self._actions.ops_channel()
        if not channel:
            return
        message = notice(key, params, self._where(str(params.get("shop", ""))), self._voice())
        Outbox(self._engine).put(channel, message.body(), Priority.NEWS, self._actions.now())
        self.wake()

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait until commands can be heard."""
        return self._bridge is not None and self._bridge.wait_connected(timeout_s)

    def wake(self) -> None:
        """Send what waits now: an incident or the outbox has changed."""
        self._sender.wake()

    def stop(self) -> None:
        """End every thread; what was not sent stays in the database."""
        self._stop.set()
        if self._waiting is not None:
            self._waiting.join(15)
        self._work.stop()
        if self._bridge is not None:
            self._bridge.join()
        self._sender.join()


def quiet_loggers() -> None:
    """Keep Slack's libraries from printing payloads: they do so below these levels."""
    for name, level in (("slack_sdk", logging.INFO), ("slack_bolt", logging.INFO)):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, level))
    verification = logging.getLogger("slack_bolt.RequestVerification")
    verification.setLevel(max(verification.level, logging.WARNING))
