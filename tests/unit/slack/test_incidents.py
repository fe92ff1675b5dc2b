"""The records behind what Slack shows: incidents and the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.store.database import open_database
from bot.store.incidents import Incident, Incidents, Severity
from bot.store.outbox import MAX_ATTEMPTS, Outbox, Priority

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def incidents(engine: Engine) -> Incidents:
    return Incidents(engine)


def get(incidents: Incidents, incident_id: int) -> Incident:
    found = incidents.get(incident_id)
    assert found is not None
    return found


def test_same_shop_and_cause_is_one_incident_that_counts(incidents: Incidents) -> None:  # B22
    first = incidents.raise_("a", "auth", {"x": 1, "y": 1}, NOW)
    assert incidents.raise_("a", "auth", {"y": 2}, NOW + MINUTE) == first
    assert incidents.raise_("a", "temporary", {}, NOW) != first
    assert incidents.raise_("b", "auth", {}, NOW) != first
    found = get(incidents, first)
    assert (found.count, found.params, found.last_at) == (2, {"x": 1, "y": 2}, NOW + MINUTE)
    assert len(incidents.open()) == 3


def test_what_was_told_is_untold_again_after_a_change(incidents: Incidents) -> None:
    found = incidents.raise_("a", "auth", {}, NOW)
    [untold] = incidents.untold()
    incidents.raise_("a", "auth", {}, NOW)
    incidents.told(found, untold.version, "C1", "1.0")
    assert [i.incident_id for i in incidents.untold()] == [found]
    incidents.told(found, get(incidents, found).version, "C1", "1.0")
    assert incidents.untold() == []


def test_recovery_closes_one_cause_or_all_of_a_shop_once(incidents: Incidents) -> None:
    first, second = incidents.raise_("a", "auth", {}, NOW), incidents.raise_("a", "temporary", {}, NOW)
    other = incidents.raise_("b", "auth", {}, NOW)
    assert incidents.recover("a", "auth", NOW) == [first]
    assert incidents.recover("a", None, NOW) == [second]
    assert incidents.recover("a", None, NOW) == []
    assert [i.incident_id for i in incidents.open()] == [other]


def test_incident_that_comes_back_within_ten_minutes_is_the_same(incidents: Incidents) -> None:
    first = incidents.raise_("a", "auth", {}, NOW)
    incidents.acknowledge(first, "U0BOB0001", NOW)
    incidents.recover("a", "auth", NOW)
    assert incidents.raise_("a", "auth", {}, NOW + 9 * MINUTE) == first
    found = get(incidents, first)
    assert (found.times, found.closed_at, found.acked_by) == (2, None, "")
    incidents.recover("a", "auth", NOW + 10 * MINUTE)
    assert incidents.raise_("a", "auth", {}, NOW + 21 * MINUTE) != first


def test_snoozed_incident_only_counts_and_a_worse_one_wakes_it(incidents: Incidents) -> None:
    found = incidents.raise_("a", "auth", {}, NOW, "warning")
    incidents.snooze(found, NOW + 60 * MINUTE, "U0BOB0001")
    incidents.told(found, get(incidents, found).version, "C1", "1.0")
    incidents.raise_("a", "auth", {}, NOW + MINUTE, "warning")
    assert incidents.untold() == []
    assert get(incidents, found).count == 2
    incidents.raise_("a", "auth", {}, NOW + MINUTE, Severity.CRITICAL)
    [woken] = incidents.untold()
    assert (woken.snoozed_until, woken.root_ts, woken.moved_from) == (None, "", ("C1", "1.0"))


def test_end_of_a_snooze_asks_for_a_new_root_once(incidents: Incidents) -> None:
    found = incidents.raise_("a", "auth", {}, NOW)
    incidents.told(found, 1, "C1", "1.0")
    incidents.snooze(found, NOW + MINUTE, "U0BOB0001")
    assert incidents.end_snoozes(NOW) == []
    assert incidents.end_snoozes(NOW + MINUTE) == [found]
    assert incidents.end_snoozes(NOW + MINUTE) == []
    assert get(incidents, found).moved_from == ("C1", "1.0")


def test_only_the_first_acknowledgement_counts(incidents: Incidents) -> None:
    found = incidents.raise_("a", "auth", {}, NOW)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: incidents.acknowledge(found, f"U{n}", NOW), range(4)))
    assert sorted(done) == [False, False, False, True]


def test_many_at_once_lose_no_count(incidents: Incidents) -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(lambda _: incidents.raise_("a", "auth", {}, NOW), range(20)))
    assert len(ids) == 1
    assert get(incidents, ids.pop()).count == 20


def test_incident_joins_the_callers_transaction(engine: Engine, incidents: Incidents) -> None:
    with pytest.raises(RuntimeError), engine.begin() as work:
        incidents.raise_("a", "auth", {}, NOW, connection=work)
        raise RuntimeError
    assert incidents.open() == []


def test_outbox_gives_the_most_urgent_first_then_the_oldest(engine: Engine) -> None:
    outbox = Outbox(engine)
    thread = outbox.put("C1", {"text": "thread"}, Priority.THREAD, NOW)
    news = [outbox.put("C1", {"text": str(n)}, Priority.NEWS, NOW) for n in range(2)]
    other = outbox.put("C2", {"text": "other"}, Priority.THREAD, NOW, "1.0")
    order = []
    while (message := outbox.next(NOW)) is not None:
        order.append(message.message_id)
        outbox.sent(message.message_id, "1.0", NOW)
    assert order == [*news, thread, other]
    assert outbox.waiting() == 0


def test_outbox_passes_over_busy_channels_and_gives_up_what_is_refused_for_good(engine: Engine) -> None:
    outbox = Outbox(engine)
    refused = outbox.put("C1", {"text": "a"}, Priority.NEWS, NOW)
    outbox.put("C2", {"text": "b"}, Priority.THREAD, NOW)
    message = outbox.next(NOW, busy=["C1"])
    assert message is not None
    assert message.channel == "C2"
    for _ in range(MAX_ATTEMPTS):
        outbox.failed(refused, "invalid_arguments")
    message = outbox.next(NOW)
    assert message is not None
    assert message.channel == "C2"
