"""The Slack face as one thing: start it, wake it, stop it."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, ServerErrorRetryHandler
from sqlalchemy import Engine

from adapters.contract import Clock
from adapters.errors import ConfigError
from adapters.secret import Secret
from bot.slack.alerts import Card
from bot.slack.blocks import escape
from bot.slack.cards import cards_of
from bot.slack.deadman import DeadMan
from bot.slack.desk import Desk
from bot.slack.files import Files
from bot.slack.groups import Groups
from bot.slack.home import Homes
from bot.slack.http import HttpAddress, HttpBridge
from bot.slack.listeners import Listeners, open_view, publish_home
from bot.slack.people import People
from bot.slack.ports import Actions
from bot.slack.sender import Sender, Surroundings
from bot.slack.socket import SocketAddress, SocketBridge
from bot.slack.views import notice
from bot.slack.voice import Voice
from bot.slack.weekly import weekly_message
from bot.slack.work import Work
from bot.store.incidents import Incident, Incidents
from bot.store.outbox import Outbox, Priority
from bot.weekly import Week

log = logging.getLogger(__name__)

LISTENERS = 32
"""Bolt's default of 5 lets five busy listeners hold up every acknowledgement."""
LONGEST_WAIT_S = 60.0
STOP_CALL_S = 2  # a stop does not wait longer for Slack to take the alarm back

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


class Bridge(Protocol):
    """One of the two ways in: a socket that the bot opens, or posts that it listens for."""

    def start(self) -> None:
        """Begin to hear."""

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait until commands can be heard."""

    def join(self) -> None:
        """Wait for the end, after the bot's stop was set."""


@dataclass(frozen=True)
class SlackSettings:
    """How to reach Slack. ``rates`` above 1 makes the sender faster: for the sandbox only."""

    bot_token: Secret
    app_token: Secret | None = None  # for Socket Mode
    http: HttpAddress | None = None  # where Slack posts to instead
    api_url: str = "https://slack.com/api/"
    ca_file: Path | None = None
    command: str = "/zaiko"
    rates: float = 1.0


class SlackFace:
    """Hears and speaks for the bot in one workspace. ``stop`` set from outside ends it as well."""

    def __init__(
        self,
        actions: Actions,
        engine: Engine,
        settings: SlackSettings,
        clock: Clock,
        stop: Event,
        *,
        retry: Callable[[str], bool] = lambda _shop: False,
        longest_s: Callable[[], float] = lambda: 0.0,
        heard: Callable[[str, str], None] = lambda _kind, _refusal: None,
    ) -> None:
        """Make it.

        Args:
            retry: has a shop take its turn now.
            longest_s: gives the seconds that may pass between two turns of the busiest worker.
            heard: told of each of Slack's credentials (kind, why it was refused) what came of its use.
        """
        self._heard = heard
        self._retry = retry
        self._longest_s = longest_s
        self._actions = actions
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._stop = stop
        self._tls = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        self._client = self._web_client(timeout_s=10, retried=True)
        self._work = Work()
        self._deadman = self._make_deadman()
        self._sender = self._make_sender()
        self._sender.wire.heard = partial(heard, "bot_token")
        self._bridge: Bridge | None = None
        self._homes: Homes | None = None
        self._waiting: Thread | None = None
        self.app: App | None = None
        self.team_id = ""
        self._team_url = ""

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

    def _make_deadman(self) -> DeadMan:
        client = self._web_client(timeout_s=STOP_CALL_S, retried=False)
        return DeadMan(
            client, self._engine, self._clock, self._actions.ops_channel, self._voice, self._longest_s
        )

    def _make_sender(self) -> Sender:
        around = Surroundings(
            self._voice,
            self._actions.ops_channel,
            self._where,
            self._actions.now,
            self._cards,
            self._address,
        )
        client = self._web_client(timeout_s=10, retried=False)
        return Sender(
            client,
            self._engine,
            around,
            self._clock,
            stop=self._stop,
            rates=self._settings.rates,
            watch=self._deadman.turn,
        )

    def _cards(self, incident: Incident) -> list[Card]:
        return cards_of(incident, self._actions, self._voice())

    def _address(self, channel: str, ts: str) -> str:
        """Give the address of a message, "" while the workspace's own is not known."""
        return f"{self._team_url}archives/{channel}/p{ts.replace('.', '')}" if self._team_url and ts else ""

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
        http, token = self._settings.http, self._settings.app_token or Secret("")
        if http is None:
            self._check_app_token(token)
        self.app = self._make_app()
        self._bridge = (
            HttpBridge(self.app, http, self._clock, self._stop)
            if http
            else SocketBridge(self.app, SocketAddress(self._settings.api_url, token, self._tls), self._stop)
        )
        self._bridge.start()
        self._sender.start()
        if self._homes is not None:
            self._homes.start()

    @property
    def port(self) -> int:
        """The port that it listens on in HTTP mode, 0 in the other."""
        return self._bridge.port if isinstance(self._bridge, HttpBridge) else 0

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
            found = self._client.auth_test()
            self._heard("bot_token", "")
            self._team_url = str(found.get("url", ""))
            return str(found["team_id"])
        except SlackApiError as error:
            code = str(error.response.get("error", ""))
            if code in _TOKEN_ERRORS:
                self._heard("bot_token", code)
                raise ConfigError(f"SLACK_BOT_TOKEN: {_TOKEN_ERRORS[code]} ({code})") from None
            raise ConnectionError(f"auth.test: {code}") from None

    def _check_app_token(self, token: Secret) -> None:
        """A bot that can speak and hears nothing would look alive: so this token is tried as well."""
        try:
            self._client.apps_connections_open(app_token=token.reveal())
        except SlackApiError as error:
            code = str(error.response.get("error", ""))
            if code in _APP_TOKEN_ERRORS:
                self._heard("app_token", code)
                raise ConfigError(f"SLACK_APP_TOKEN: {_APP_TOKEN_ERRORS[code]} ({code})") from None
            raise ConnectionError(f"apps.connections.open: {code}") from None

    def _make_app(self) -> App:
        app = App(
            client=self._client,
            name="tanaban",
            signing_secret="unused",  # a post is checked before Bolt reads it; a socket needs none
            request_verification_enabled=False,
            listener_executor=ThreadPoolExecutor(LISTENERS, thread_name_prefix="slack-listener"),
            process_before_response=True,  # no thread that looks a hundred times a second whether it is done
            raise_error_for_unhandled_request=True,
        )
        app.use(self._note_request)
        publish = partial(publish_home, self._client)
        listeners = Listeners(self._make_desk(), self._work, self._tls, publish, self._stop)
        listeners.listen(app)
        self._homes = listeners.homes
        return app

    def _note_request(self, next: Callable[[], None]) -> None:  # noqa: A002 - Bolt gives it by its name
        """Keep that what lets a request in serves: the socket's token, or the secret that signs posts."""
        self._heard("signing_secret" if self._settings.http else "app_token", "")
        next()

    def _make_desk(self) -> Desk:
        return Desk(
            actions=self._actions,
            people=People(self._client, self.team_id, self._clock),
            groups=Groups(self._client, self._clock),
            files=Files(self._client),
            incidents=Incidents(self._engine),
            outbox=Outbox(self._engine),
            clock=self._clock,
            command=self._settings.command,
            open_view=partial(open_view, self._client),
            wake=self.wake,
            retry=self._retry,
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

    def tell_week(self, week: Week) -> None:
        """Put the weekly report into the ops channel."""
        if channel := self._actions.ops_channel():
            body = weekly_message(week, self._where, self._voice()).body()
            Outbox(self._engine).put(channel, body, Priority.NEWS, self._actions.now())
            self.wake()

    def wait_connected(self, timeout_s: float) -> bool:
        """Wait until commands can be heard."""
        return self._bridge is not None and self._bridge.wait_connected(timeout_s)

    def wake(self) -> None:
        """Send what waits now: an incident or the outbox has changed."""
        self._sender.wake()

    def beat(self) -> None:
        """Say that a worker has done its turn: the alarm may be put off."""
        self._deadman.beat()

    def stop(self, *, orderly: bool = False) -> None:
        """End every thread; what was not sent stays in the database.

        Args:
            orderly: a person stopped the bot, so no alarm is to come.
        """
        self._stop.set()
        if self._waiting is not None:
            self._waiting.join(15)
        self._work.stop()
        if self._bridge is not None:
            self._bridge.join()
        self._sender.join()
        if self._homes is not None:
            self._homes.join()
        if orderly:
            self._deadman.stop(self._sender.wire)


def quiet_loggers() -> None:
    """Keep Slack's libraries from printing payloads: they do so below these levels."""
    for name, level in (("slack_sdk", logging.INFO), ("slack_bolt", logging.INFO)):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, level))
    verification = logging.getLogger("slack_bolt.RequestVerification")
    verification.setLevel(max(verification.level, logging.WARNING))
