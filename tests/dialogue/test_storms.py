"""Many alerts at once, Slack away for an hour, a kill at the worst moment: nothing lost, no flood."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from conftest import Stage, until
from slack_sdk import WebClient
from sqlalchemy import Engine

from adapters.clock import SystemClock
from bot.slack.blocks import plain
from bot.slack.crowd import CALM, MOST_WAITING, Crowd
from bot.slack.desk import Person
from bot.slack.reports import Report
from bot.slack.sender import Sender, Surroundings
from bot.slack.voice import Voice
from bot.store.database import open_database
from bot.store.incidents import Incidents
from bot.store.outbox import Outbox, Priority
from sandbox.slack.part import SlackWorkspace
from sandbox.web import WebHost
from sandbox.world import World

CAUSES = ("temporary", "not_sent", "unexpected_reply", "rate_limited")
MALLS = tuple(f"mall-{n}" for n in range(1, 7))


def posted(stage: Stage, before: int) -> list[dict[str, Any]]:
    return [m for m in stage.control("messages", user="carol") if m["revision"] > before]


def settled(stage: Stage) -> bool:
    return not stage.incidents().untold() and not stage.outbox().waiting()


def test_a_thousand_failures_of_six_malls_make_few_posts_and_show_every_cause(stage: Stage) -> None:
    before, calls = stage.control("revision"), len(stage.control("journal"))
    rng, started = random.Random(1), time.monotonic()
    for _ in range(20):
        with stage.engine.begin() as work:
            for n in range(50):
                facts = rng.choice(MALLS), rng.choice(CAUSES), {"detail": f"failure {n % 3}"}
                stage.incidents().raise_(*facts, stage.now(), connection=work)
        stage.face.wake()
    assert time.monotonic() - started < 10
    until(lambda: settled(stage), within_s=30)
    messages = posted(stage, before)
    assert len(messages) <= 12
    shown = "\n".join(message["plain"] for message in messages)
    for mall in MALLS:
        assert mall in shown
    for title in ("一時的なエラー", "接続できません", "想定外の返事", "アクセス制限中"):
        assert title in shown
    [root] = [m for m in messages if "同時に起きました" in m["text"]]
    pages = [m for m in messages if m["thread_ts"] == root["ts"]]
    assert sum(page["plain"].count("次にすること") for page in pages) >= 23
    outcomes = [entry["outcome"] for entry in stage.control("journal")[calls:] if entry["kind"] == "call"]
    assert not any(
        pair == ("ratelimited", "ratelimited") for pair in zip(outcomes, outcomes[1:], strict=False)
    )


def storm(stage: Stage) -> dict[str, Any]:
    before = stage.control("revision")
    for mall in MALLS:
        for cause in ("temporary", "not_sent"):
            stage.incidents().raise_(mall, cause, {}, stage.now())
    stage.face.wake()
    root = stage.sees("carol", "同時に起きました", after=before)
    until(lambda: settled(stage))
    return root


def test_a_storms_page_has_buttons_and_the_storm_is_over_once(stage: Stage) -> None:
    root = storm(stage)
    page = next(m for m in stage.control("messages", user="bob") if m["thread_ts"] == root["ts"])
    stage.control("click", user="bob", label="確認した", message_ts=page["ts"])
    seen = stage.sees("bob", "確認済み <@U0BOB0001>", after=page["revision"])
    assert seen["ts"] == page["ts"]
    for mall in MALLS:
        stage.incidents().recover(mall, None, stage.now())
    stage.face.wake()
    over = stage.sees("carol", "はすべて復旧しました", after=seen["revision"])
    assert over["ts"] == root["ts"]
    until(lambda: settled(stage))
    assert stage.incidents().open() == []
    lines = [
        m for m in posted(stage, seen["revision"]) if "に復旧しました（" in m["plain"] and m["thread_ts"]
    ]
    assert len([m for m in lines if m["thread_ts"] == root["ts"] and "操作は要りません" in m["text"]]) <= 1


def test_what_gets_worse_in_a_storm_has_a_root_of_its_own(stage: Stage) -> None:
    root = storm(stage)
    inside = next(i for i in stage.incidents().open() if i.storm)
    stage.incidents().raise_(inside.shop, inside.cause, {}, stage.now(), "critical")
    stage.face.wake()
    worse = stage.sees("carol", "🔴", after=root["revision"])
    assert not worse["thread_ts"]

    def left() -> int:
        page = next(m for m in stage.control("messages", user="carol") if m["ts"] == inside.root_ts)
        return int(page["plain"].count("次にすること"))

    until(lambda: left() == 7)


def test_an_hour_without_slack_ends_in_one_root_a_cause_with_the_right_count(stage: Stage) -> None:
    before = stage.control("revision")
    stage.control("fault", name="down")
    for minute in range(60):
        at = stage.now() - timedelta(minutes=62 - minute)
        for place, mall in enumerate(MALLS):
            if minute >= place * 5:
                stage.incidents().raise_(mall, "temporary", {"detail": f"at {minute}"}, at)
    stage.incidents().raise_("mall-9", "not_sent", {}, stage.now() - timedelta(minutes=30))
    stage.incidents().recover("mall-9", "not_sent", stage.now() - timedelta(minutes=20))
    stage.control("clear_faults")
    until(lambda: settled(stage), within_s=30)
    roots = [m for m in posted(stage, before) if not m["thread_ts"]]
    for place, mall in enumerate(MALLS):
        [root] = [m for m in roots if mall in m["text"]]
        assert f"{60 - place * 5}回" in root["text"]
    assert not [m for m in roots if "mall-9" in m["text"]]


class Killed(BaseException):
    """The process is gone."""


def dying(sender: Sender, at: int) -> Sender:
    """Let a sender's process end at its n-th step between Slack and the database."""
    steps = [at]

    def step(act: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
        def stepped(*args: Any, **kwargs: Any) -> Any:
            steps[0] -= 1
            if steps[0] < 0 and not after:
                raise Killed
            done = act(*args, **kwargs)
            if steps[0] < 0:
                raise Killed
            return done

        return stepped

    sender.wire.post = step(sender.wire.post, after=True)  # type: ignore[method-assign]
    sender._told = step(sender._told, after=False)  # type: ignore[method-assign]
    return sender


@pytest.fixture
def quiet(stage: Stage) -> Iterator[Callable[[], Sender]]:
    """The face's own sender is away; what is given makes others."""
    stage.face.stop()

    def make() -> Sender:
        client = WebClient(
            token=stage.settings.bot_token.reveal(),
            base_url=stage.settings.api_url,
            ssl=stage.face._tls,
            retry_handlers=[],
        )
        around = Surroundings(
            lambda: Voice("ja"), lambda: stage.actions.channel, lambda shop: shop, stage.now
        )
        return Sender(client, stage.engine, around, SystemClock(), stop=Event(), rates=20)

    yield make


@pytest.mark.parametrize("at", range(4))
def test_a_kill_between_post_and_record_makes_at_most_one_double_root(
    stage: Stage, quiet: Callable[[], Sender], at: int
) -> None:
    before = stage.control("revision")
    for mall in MALLS[:3]:
        stage.incidents().raise_(mall, "temporary", {}, stage.now())
    first = dying(quiet(), at)
    with pytest.raises(Killed):
        for _ in range(100):
            first.turn()
            time.sleep(0.01)
    second = quiet()
    until(lambda: second.turn() is False and settled(stage))
    roots = [m["text"] for m in posted(stage, before)]
    for mall in MALLS[:3]:
        assert 1 <= sum(mall in text for text in roots) <= 2
    assert len(roots) <= 4


def test_many_lines_come_as_a_file_or_as_text_where_no_file_is_taken(stage: Stage) -> None:
    before = stage.control("revision")
    lines = [f"sku-{n:04d}: =refused" for n in range(300)]
    params = {"lines": "\n".join(lines[:20]), "count": "300", "all": lines}
    stage.incidents().raise_("rakuten-main", "line_rejected", params, stage.now())
    stage.face.wake()
    root = stage.sees("carol", "一部の商品が反映されません", after=before)
    listed = stage.sees("carol", "全300件", after=before)
    assert listed["thread_ts"] == root["ts"]
    assert "rakuten-main,sku-0299,'=refused" in listed["files"][0]["content"]
    stage.control("fault", name="refuse", method="files.getUploadURLExternal", error="missing_scope")
    stage.incidents().raise_("roomclip-main", "line_rejected", params, stage.now())
    stage.face.wake()
    instead = stage.sees("carol", "sku-0007: =refused", after=listed["revision"])
    until(lambda: settled(stage))
    told = [m for m in posted(stage, listed["revision"]) if "全300件" in m["text"]]
    assert [m["files"] for m in told] == [[]]
    assert instead["plain"]


def test_a_root_that_was_deleted_is_posted_anew(stage: Stage) -> None:
    before = stage.control("revision")
    stage.incidents().raise_("rakuten-main", "auth", {}, stage.now())
    stage.face.wake()
    root = stage.sees("carol", "認証エラー", after=before)
    until(lambda: settled(stage))
    stage.control("delete", ts=root["ts"])
    stage.incidents().acknowledge(stage.incidents().open()[0].incident_id, "U0BOB0001", stage.now())
    stage.face.wake()
    again = stage.sees("carol", "確認済み", after=root["revision"])
    assert again["ts"] != root["ts"]


def test_what_is_open_for_a_day_is_posted_anew_with_a_link_to_the_old(stage: Stage) -> None:
    before, day = stage.control("revision"), timedelta(hours=24)
    found = stage.incidents().raise_("rakuten-main", "auth", {}, stage.now() - day)
    stage.face.wake()
    root = stage.sees("carol", "認証エラー", after=before)
    until(lambda: settled(stage))
    channel, ts = stage.actions.channel, root["ts"]
    stage.incidents().told(found, 1, channel, "", now=stage.now() - day)
    stage.incidents().told(found, 1, channel, ts, now=stage.now() - day)
    assert stage.incidents().move_lasting(stage.now()) == [found]
    stage.face.wake()
    again = stage.sees("carol", "前のメッセージ", after=root["revision"])
    assert again["ts"] != ts
    old = stage.sees("carol", "新しいメッセージに移りました", after=root["revision"])
    assert old["ts"] == ts
    assert again["ts"].replace(".", "") in str(old["blocks"])
    assert stage.incidents().move_lasting(stage.now()) == []


def test_a_chart_that_is_refused_comes_as_a_table_with_pages_a_plain_one_then_as_text(
    stage: Stage,
) -> None:  # E14
    from bot.slack.charts import chart

    before = stage.control("revision")
    drawn = chart("bar", "速さ", ["rakuten-main"], {"p50": [1.5], "p95": [3]}, "分")
    body = {"text": "速さの表", "blocks": [drawn]}
    forms = ("data_visualization", "data_table", "table", "section", None)
    for refusals, kind in enumerate(forms):
        stage.control("clear_faults")
        if refusals:
            stage.control(
                "fault", name="refuse", method="chat.postMessage", times=refusals, error="invalid_blocks"
            )
        stage.outbox().put(stage.actions.channel, body, 20, stage.now())
        stage.face.wake()
        seen = stage.sees("carol", "速さ", after=before)
        assert (seen["blocks"][0]["type"] if seen["blocks"] else None) == kind
        before = seen["revision"]


# ---------------------------------------------------------------------- a queue that is too long

QUICK = 200.0
"""Three hundred messages at Slack's own pace take five minutes."""


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[tuple[SlackWorkspace, Callable[[Engine], Sender]]]:
    """A workspace that takes messages quickly; what is given makes a sender for it."""
    world = World(tmp_path / "world")
    host = WebHost(world)
    host.start()
    part = SlackWorkspace(world, host, rates=QUICK)
    part.start()
    tls = ssl.create_default_context(cafile=str(world.ca_file))
    channel, token = part.addresses()["channel"], part.addresses()["bot_token"]

    def make(engine: Engine) -> Sender:
        client = WebClient(token=token, base_url=part.addresses()["api_url"], ssl=tls, retry_handlers=[])
        around = Surroundings(lambda: Voice("ja"), lambda: channel, lambda shop: shop or "ボット", now)
        return Sender(client, engine, around, SystemClock(), stop=Event(), rates=QUICK)

    yield part, make
    assert part.control("violations", {}) == []
    part.stop()
    host.stop()


def now() -> datetime:
    return datetime.now(UTC)


def work_off(sender: Sender, jobs: int = 1000, within_s: float = 30) -> None:
    """Let a sender send so many messages, or all that there are."""
    deadline = time.monotonic() + within_s
    idle = 0
    while jobs and idle < 40:
        assert time.monotonic() < deadline, "it did not happen in time"
        sent = sender.turn()
        jobs, idle = jobs - sent, 0 if sent else idle + 1
        if not sent:
            time.sleep(0.002)


def roots_told(part: SlackWorkspace) -> list[str]:
    return [m["text"] for m in part.control("messages", {"user": "carol"}) if not m["thread_ts"]]


def test_of_three_hundred_that_waited_every_root_comes_with_one_summary_and_counts_last(
    tmp_path: Path, quick: tuple[SlackWorkspace, Callable[[Engine], Sender]]
) -> None:
    part, make = quick
    engine = open_database(tmp_path / "state")
    incidents, before = Incidents(engine), now() - timedelta(hours=1)
    for name in ("counted", "worsened"):
        incidents.raise_(name, "temporary", {}, before)
    sender = make(engine)
    work_off(sender)
    for n in range(300):  # nobody sends meanwhile
        severity = "critical" if n == 299 else "warning"
        incidents.raise_(f"shop-{n:03}", "temporary", {}, before + timedelta(seconds=n), severity)
    for _ in range(6):
        incidents.raise_("counted", "temporary", {}, now())
    incidents.raise_("worsened", "temporary", {}, now(), "critical")
    Outbox(engine).put(part.addresses()["channel"], {"text": "put before the end"}, Priority.NEWS, now())

    work_off(sender, jobs=100)
    told = roots_told(part)
    assert "溜まっています" in told[2], "the summary is the first of all"
    assert {text[0] for text in told[3:5]} == {"🔴"}, "and the worst come next"
    assert not [text for text in told if "7回" in text]
    engine.dispose()

    engine = open_database(tmp_path / "state")  # another process, the same queue
    work_off(make(engine))
    told = roots_told(part)
    for name in (f"shop-{n:03}" for n in range(300)):
        assert sum(name in text for text in told) == 1, name
    assert [text[0] for text in told if "溜まっています" in text] == ["✅"]
    assert [text[0] for text in told if "worsened" in text and "移りました" not in text] == ["🔴"]
    assert [text.count("7回") for text in told if "counted" in text] == [1]
    assert "put before the end" in told
    assert not Incidents(engine).untold()
    engine.dispose()


def test_progress_is_left_out_while_too_much_waits(stage: Stage) -> None:
    before = stage.control("revision")
    crowd = Crowd(stage.incidents())
    assert not crowd.look(MOST_WAITING, stage.now())
    assert crowd.look(MOST_WAITING + 1, stage.now())
    assert stage.face._homes is not None
    desk, person = stage.face._homes._desk, Person("U0BOB0001", "T0SANDBOX")
    report = Report(desk, person, plain(["an errand"]))
    report.progress(1000, 2000)
    report.ended("errand.sync_done", shop="rakuten-main", count="2,000")
    stage.sees("carol", "2,000件の見直しが終わりました", after=before)
    assert "1,000 / 2,000" not in stage.texts("carol")
    assert not Crowd(stage.incidents()).look(CALM + 1, stage.now()), "a restart knows of it"
    assert Crowd(stage.incidents()).look(CALM, stage.now())
