"""Tables, and the simpler forms of a message that Slack refuses."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.slack.charts import chart
from bot.slack.files import csv_text
from bot.slack.listeners import MOST_FORMS, post_somehow
from bot.slack.tables import DATA_ROWS, TABLE_ROWS, data_table, fits, forms, select
from bot.store.database import open_database
from bot.store.outbox import Outbox, thread_of


def kinds(body: dict) -> list[str]:
    return [block["type"] for block in body["blocks"]]


def test_refused_table_becomes_a_simpler_one_and_then_text() -> None:
    rows = [[f"code-{n}", str(n)] for n in range(DATA_ROWS)]
    assert fits(rows)
    body = {"text": "all", "blocks": [data_table("codes", ["code", "n"], rows)]}
    found = forms(body)
    assert [kinds(form) for form in found] == [["data_table"], ["table"], ["section"], []]
    assert len(found[0]["blocks"][0]["rows"]) == DATA_ROWS + 1
    assert len(found[1]["blocks"][0]["rows"]) == TABLE_ROWS + 1
    assert {form["text"] for form in found} == {"all"}


def test_refused_chart_becomes_a_table_with_pages_a_plain_one_and_then_text() -> None:  # E14
    body = {"text": "all", "blocks": [chart("line", "tee", ["11/01", "11/03"], {"left": [3, 2]})]}
    found = [kinds(form) for form in forms(body)]
    assert found == [["data_visualization"], ["data_table"], ["table"], ["section"], []]
    assert len(found) <= MOST_FORMS
    assert forms({"text": "plain"}) == [{"text": "plain"}]


def test_too_many_rows_or_characters_are_no_table() -> None:
    assert not fits([["x"]] * (DATA_ROWS + 1))
    assert not fits([["x" * 500]] * 100)


def test_menu_is_within_slacks_limits() -> None:
    made = select("why:shop:tee", "why?", {f"shop-{n}" * 20: "{}" for n in range(150)})
    assert len(made["options"]) == 100
    assert all(len(option["text"]["text"]) <= 75 for option in made["options"])


def test_csv_runs_no_formula_of_a_foreign_name() -> None:
    assert csv_text(["a"], [["=1+1"], ["@x"], [3], ["plain"]]) == "a\r\n'=1+1\r\n'@x\r\n3\r\nplain\r\n"


class Refusing(BaseHTTPRequestHandler):
    """Takes bodies without blocks only, as Slack does with blocks that it does not know."""

    seen: list[bytes] = []

    def do_POST(self) -> None:  # noqa: N802 - the name that the server calls
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(content)
        self.send_response(400 if b'"type"' in content else 200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Refusing.seen = []
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_answer_that_slack_refuses_comes_in_its_next_form(url: str) -> None:
    body = {"text": "all", "blocks": [data_table("codes", ["code"], [["tee"]])]}
    post_somehow(url, forms(body), ssl.create_default_context())
    assert len(Refusing.seen) == 4
    assert b'"type"' not in Refusing.seen[-1]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "state")
    yield engine
    engine.dispose()


def test_line_of_a_thread_hangs_on_a_message_that_was_not_sent_yet(engine: Engine) -> None:
    outbox, now = Outbox(engine), datetime.now(UTC)
    root = outbox.put("C1", {"text": "root"}, 20, now)
    line = outbox.put("C1", {"text": "line"}, 30, now, thread_of(root))
    first = outbox.next(now)
    assert first is not None
    assert (first.message_id, first.thread_ts) == (root, "")
    outbox.sent(root, "12.34", now)
    second = outbox.next(now)
    assert second is not None
    assert (second.message_id, second.thread_ts) == (line, "12.34")
