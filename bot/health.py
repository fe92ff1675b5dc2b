"""Turns what became of a run into the state of its shop and into incidents that people hear of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Engine

from adapters.errors import Alert, AuthError, MallError, Retry, TanabanError
from bot.messages import JST
from bot.store import shops
from bot.store.incidents import Incidents
from bot.sync.desk import Report
from bot.sync.outage import Account
from bot.sync.productlist import Listed

_FIRST = 20  # so many codes are named in an alert
_MOST = 5_000  # and so many are in the file of its thread

STANDING = (
    "line_rejected",
    "unlisted",
    "unmapped",
    "overdue",
    "outcome_unknown",
    "unknown_name",
    "at_risk",
    "guard",
    "shrunk",
    "drift",
    "drift_stopped",
    "expiring",
    "key_refused",
    "beyond",
    "oversold",
)
"""Causes that stop no shop: open as long as there are lines to name."""

_CRITICAL = ("drift_stopped",)


class Health:
    """Keeps the health of all shops. One instance a process; each shop is told by its own worker."""

    def __init__(self, engine: Engine, incidents: Incidents, alert_after: int) -> None:
        self._engine = engine
        self.incidents = incidents
        self._alert_after = alert_after
        self._failures: dict[str, int] = {}

    def went_well(
        self, report: Report, now: datetime, *, orders_read: bool, standing: Mapping[str, list[str]]
    ) -> None:
        """Record a turn that went through, with the lines that did not.

        Args:
            orders_read: whether the mall was asked; a turn that only looked recovers nothing.
            standing: cause -> what is to be named; an empty list recovers, an absent cause stands.
        """
        shop = report.shop
        self._failures[shop] = 0
        if orders_read or report.written:  # a look that found nothing leaves no trace
            values: dict[str, object] = {"failing_cause": "", "failing_since": None, "detail": ""}
            values |= {"orders_read_at": now} if orders_read else {}
            values |= {"written_at": now} if report.written else {}
            with self._engine.begin() as connection:
                shops.change(connection, shop, **values)
            self._recover_failures(shop, now)
        for cause, lines in standing.items():
            self._standing(shop, cause, lines, now)

    def went_wrong(self, shop: str, error: TanabanError, now: datetime) -> None:
        """Record a turn that failed; tell people when its class says so, or when it lasts."""
        self._failures[shop] = self._failures.get(shop, 0) + 1
        blocked = {"blocked": True} if isinstance(error, AuthError) else {}
        with self._engine.begin() as connection:
            since = shops.record(connection, shop).failing_since or now
            shops.change(
                connection, shop, failing_cause=error.cause, failing_since=since, detail=str(error), **blocked
            )
        if self._is_told(shop, error):
            hint = error.hint if isinstance(error, MallError) else ""
            params = {"detail": str(error), "hint": hint, "since": since.isoformat()}
            severity = "critical" if error.retry is Retry.NEVER else "warning"
            self.incidents.raise_(shop, error.cause, params, now, severity)

    def _is_told(self, shop: str, error: TanabanError) -> bool:
        if error.alert is Alert.NONE:
            return self._failures[shop] >= 10 * self._alert_after  # a quota that never lets go
        passing = error.retry is not Retry.NEVER and error.cause in ("temporary", "not_sent")
        return not passing or self._failures[shop] >= self._alert_after

    def risks(self, found: set[tuple[str, str]], shops: Iterable[str], now: datetime) -> None:
        """Tell of codes that blind shops may have sold out, as long as they are held back."""
        for shop in shops:
            self._standing(shop, "at_risk", [code for blind, code in found if blind == shop], now)

    def beyond(self, account: Account, now: datetime) -> None:
        """Tell of a time that a mall no longer gives the orders of: open until a person has checked it."""
        oldest, newest = account.beyond or (account.blind_from, account.blind_to)
        params: dict[str, object] = {"begin": account.blind_from, "end": account.blind_to}
        params |= {"orders": str(account.orders), "beyond_begin": oldest, "beyond_end": newest}
        params |= {"uncertain": str(len(account.uncertain)), **_listed(list(account.uncertain))}
        self.incidents.raise_(account.shop, "beyond", _printed(params), now, "critical")

    def unblock(self, shop: str, now: datetime) -> None:
        """Let a shop work again after its credential was renewed."""
        with self._engine.begin() as connection:
            shops.change(connection, shop, blocked=False, failing_cause="", failing_since=None, detail="")
        self.incidents.recover(shop, "auth", now)

    def shrunk(self, shop: str, listed: Listed, now: datetime) -> None:
        """Tell of a product list that seems cut short, and once that one came that does not."""
        open_ = any((item.shop, item.cause) == (shop, "shrunk") for item in self.incidents.open())
        if listed.taken and open_:
            self.incidents.recover(shop, "shrunk", now)
        elif not listed.taken:
            params = {"count": f"{listed.count:,}", "before": f"{listed.before:,}"}
            self.incidents.raise_(shop, "shrunk", params, now, "warning")

    def _recover_failures(self, shop: str, now: datetime) -> None:
        for incident in self.incidents.open():
            if incident.shop == shop and incident.kind not in STANDING:
                self.incidents.recover(shop, incident.cause, now)

    def _standing(self, shop: str, cause: str, lines: list[str], now: datetime) -> None:
        """Tell of lines as long as they are there, and once that they are gone."""
        mine = [item for item in self.incidents.open() if (item.shop, item.cause) == (shop, cause)]
        if not lines and mine:
            self.incidents.recover(shop, cause, now)
        elif lines and (not mine or mine[0].params != _listed(lines)):
            severity = "critical" if cause in _CRITICAL else "warning"
            self.incidents.raise_(shop, cause, _listed(lines), now, severity)


def _printed(params: Mapping[str, object]) -> dict[str, object]:
    """Print times as people in the shop read them: they are kept as text."""
    moments = {name: value for name, value in params.items() if isinstance(value, datetime)}
    return {**params, **{name: f"{at.astimezone(JST):%m/%d %H:%M}" for name, at in moments.items()}}


def _listed(lines: list[str]) -> dict[str, str | list[str]]:
    unique = sorted(set(lines))
    more = f" … (+{len(unique) - _FIRST})" if len(unique) > _FIRST else ""
    listed: dict[str, str | list[str]] = {"lines": "\n".join(unique[:_FIRST]) + more}
    # an empty one takes the place of an older list
    return {**listed, "count": str(len(unique)), "all": unique[:_MOST] if more else []}
