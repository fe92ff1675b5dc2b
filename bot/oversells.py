"""Finds oversells and tells of each with its autopsy: one alert a code, the timeline in its thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine

from bot.autopsy import STOPS_READING, Case, Move, Race, Reading, Sale, Stop, Verdict, Write, judge
from bot.autopsy import timeline as events_of
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import Team, WindowKind
from bot.messages import JST, say
from bot.store import ledger, readback, timeline
from bot.store.database import reading
from bot.store.incidents import Incident, Incidents
from bot.store.notes import Remembered
from bot.store.switches import ALL, listing_target

KIND = "oversold"
LOOKED_BACK = timedelta(days=3)
REFINED_FOR = timedelta(hours=1)
"""So long a number read at the mall may still change the verdict."""

_SEQ = "oversells.seq"
_MOST_LINES = 60
_CAUSES = {
    "auth": Race.EXPIRED_KEY,
    "maintenance": Race.MAINTENANCE,
    **dict.fromkeys(("not_sent", "temporary", "mall", "rate_limited", "unexpected_reply"), Race.OUTAGE),
}


class Oversells:
    """Looks after each turn that took orders in. Workers of several shops may call at once."""

    def __init__(
        self,
        engine: Engine,
        incidents: Incidents,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
    ) -> None:
        self._engine = engine
        self._incidents = incidents
        self._in_force = in_force
        self._desks = desks
        self._remembered = Remembered(engine)
        self._lock = Lock()

    def look(self, now: datetime) -> None:
        """Tell of what was sold too often since the last look, and end what is made good."""
        with self._lock:
            self._find(now)
            for incident in self._incidents.open():
                if incident.kind == KIND:
                    self._follow(incident, now)

    def _find(self, now: datetime) -> None:
        before = self._remembered.get(_SEQ)
        with reading(self._engine) as connection:
            newest = timeline.newest(connection)
            if before is not None and newest == int(before):
                return
            found = timeline.oversold_since(connection, int(before or 0)) if before is not None else []
        for code, left in found:
            self._tell(code, left, now, now)
        self._remembered.set(_SEQ, str(newest))

    def _tell(self, code: str, left: int, detected_at: datetime, now: datetime) -> None:
        case = self.case(code, left, detected_at)
        verdict = judge(case)
        if verdict is None:
            return
        known = next((i for i in self._incidents.open() if i.cause == f"{KIND}:{code}"), None)
        shop = known.shop if known else verdict.sale.shop
        params = self._params(case, verdict)
        if known is None or known.params != {**known.params, **params}:
            self._incidents.raise_(shop, f"{KIND}:{code}", params, now, "critical")
        if not verdict.sure:  # what stands there will tell
            with self._engine.begin() as connection:
                readback.read_again(connection, verdict.sale.shop, [verdict.sale.listed])

    def _follow(self, incident: Incident, now: datetime) -> None:
        code = incident.cause.partition(":")[2]
        with reading(self._engine) as connection:
            left = ledger.balance_of(connection, code).available
        if left >= 0:
            self._incidents.recover(incident.shop, incident.cause, now)
        elif not incident.params.get("sure") and now - incident.opened_at <= REFINED_FOR:
            detected = datetime.fromisoformat(str(incident.params["detected_at"]))
            self._refine(incident, code, left, detected, now)

    def _refine(self, incident: Incident, code: str, left: int, detected_at: datetime, now: datetime) -> None:
        """Judge again, now that the number at the mall was read."""
        case = self.case(code, left, detected_at)
        verdict = judge(case)
        if verdict is not None and verdict.sure:
            params = self._params(case, verdict)
            self._incidents.raise_(incident.shop, incident.cause, params, now, "critical")

    # --- what is kept

    def case(self, code: str, left: int, detected_at: datetime) -> Case:
        """Gather all that is kept of a code around an oversell."""
        mapping, since = self._in_force().mapping, detected_at - LOOKED_BACK
        codes = [code, *mapping.sets_using(code)]
        with reading(self._engine) as connection:
            rows = timeline.sales(connection, code, since)
            codes = list(dict.fromkeys([*codes, *(str(row["listed"]) for row in rows)]))
            return Case(
                code,
                detected_at,
                left,
                timeline.before(connection, code, since),
                [_made(Sale, row) for row in rows],
                [_made(Write, row) for row in timeline.writes(connection, codes, since)],
                [Reading(*row) for row in timeline.readings(connection, codes, since)],
                self._stops(connection, codes, since),
                [_made(Move, row) for row in timeline.moves(connection, code, since)],
                {name: self._desks.abilities(shop).visible_after_s for name, shop in mapping.shops.items()},
            )

    def _stops(self, connection: Connection, codes: list[str], since: datetime) -> list[Stop]:
        shops, team = list(self._in_force().mapping.shops), self._in_force().team
        found = [
            Stop(_CAUSES[cause], shop, begin, end)
            for shop, cause, begin, end in timeline.failures(connection, since)
            if cause in _CAUSES
        ]
        for row in timeline.pauses_since(connection, since):
            target = str(row.pop("target"))
            names = [shop for shop in shops if self._pauses(target, shop, codes)]
            found += [_made(Stop, {"kind": Race.PAUSED, "shop": shop, **row}) for shop in names]
        for target, who, at in timeline.switched_off(connection):
            found.append(Stop(Race.PAUSED, "" if target == ALL else target, at, None, who))
        return found + _windows(team)

    def _pauses(self, target: str, shop: str, codes: list[str]) -> bool:
        entry = self._in_force().mapping.entry(codes[0])
        own = [listing_target(shop, code) for code in codes]
        return target in (ALL, shop, *codes, *own, entry.code if entry else "")

    # --- what is said

    def _params(self, case: Case, verdict: Verdict) -> dict[str, Any]:
        lang, sale, other = self._in_force().team.language, verdict.sale, verdict.other
        facts = {
            "code": case.code,
            "pieces": str(-case.available),
            "order": sale.order_id,
            "sold_at": f"{sale.ordered_at.astimezone(JST):%m/%d %H:%M:%S}",
            "sold_on": sale.shop,
            "other_order": other.order_id if other else "-",
            "other_shop": other.shop if other else "-",
            "stop_shop": self._stopped(verdict),
        }
        return {
            **facts,
            "race": verdict.race.value,
            "sure": verdict.sure,
            "detected_at": case.detected_at.isoformat(),
            "lines": "\n".join(_said(verdict, facts, lang)),
            "timeline": "\n".join(_timeline(case, lang)),
        }

    @staticmethod
    def _stopped(verdict: Verdict) -> str:
        if verdict.stop is None:
            return "-"
        reads = verdict.race in STOPS_READING and verdict.stop.shop not in ("", verdict.sale.shop)
        return verdict.stop.shop if reads else verdict.sale.shop


def _said(verdict: Verdict, facts: Mapping[str, str], lang: str) -> list[str]:
    race = f"race.{verdict.race}"
    sure = [] if verdict.sure else [say("race.unsure", lang)]
    return [say(f"{race}.what", lang, **facts), say(f"{race}.next", lang, **facts), *sure]


def _timeline(case: Case, lang: str) -> list[str]:
    lines = [
        f"{event.at.astimezone(JST):%m/%d %H:%M:%S}  {say(event.key, lang, **event.params)}"
        for event in events_of(case)
    ]
    return lines if len(lines) <= _MOST_LINES else ["…", *lines[-_MOST_LINES:]]


def _windows(team: Team) -> list[Stop]:
    return [
        Stop(Race.MAINTENANCE, shop, window.starts_at, window.ends_at, reason=window.reason)
        for window in team.windows
        if window.kind is WindowKind.MAINTENANCE
        for shop in window.shops or ("",)
    ]


def _made(kind: type[Any], row: Mapping[str, object]) -> Any:
    """Make a value of a row whose columns have its names."""
    return kind(**row)
