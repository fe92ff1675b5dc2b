"""Logging: whatever is logged, and by whomever, no secret comes out."""

import io
import logging

import pytest

from adapters.secret import Secret
from bot.logs import Redaction, set_up_logging

FORMS = [
    "xoxb-made-up-1111",
    "xapp-1-made-up-2222",
    "SL123456_madeupmadeup",
    "SP123456_madeupmadeup",
    "Authorization: Basic bWFkZTp1cA==",
    "authorization: ESA bWFkZXVwbWFkZXVw",
    "'Authorization': 'ESA bWFkZXVwbWFkZXVw'",
    "'Authorization': 'Bearer made.up.token'",
    "GET /es/1.0/license?licenseKey=madeupmadeup&x=1",
    "https://robot:made-up-password@forge.example/merchant/mapping.git",
]
HIDDEN = ("made", "bWFk")


@pytest.fixture
def redaction():
    return Redaction()


@pytest.fixture
def logged(redaction):
    """What comes out on standard error, for anything logged anywhere."""
    root, noisy = (
        logging.getLogger(),
        ("slack_sdk", "slack_bolt", "urllib3", "git", "alembic", "schedule", "paramiko"),
    )
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in noisy}
    set_up_logging(redaction)
    out = io.StringIO()
    root.handlers[0].setStream(out)
    yield out.getvalue
    root.handlers, levels = before[0], before[2]
    root.setLevel(before[1])
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize("text", FORMS)
def test_what_looks_like_a_secret_is_taken_out(redaction, text):
    cleaned = redaction.clean(f"before {text} after")
    assert not any(part in cleaned for part in HIDDEN)
    assert cleaned.startswith("before ") and cleaned.endswith(" after")


def test_plain_words_stay(redaction):
    text = "rakuten-main: order 123456-20261121-0001 read from https://api.example/es/2.0 in 3 s"
    assert redaction.clean(text) == text


def test_known_value_is_taken_out_wherever_it_stands(redaction, logged):
    redaction.know(Secret("plantedvalue"))
    logging.getLogger("requests").info("GET /?x=plantedvalue%s", "-and-more")
    assert "planted" not in logged()
    assert "***-and-more" in logged()


def test_longer_value_is_taken_out_whole_though_another_is_part_of_it(redaction):
    redaction.know(Secret("planted"))
    redaction.know(Secret("planted-longer"))
    assert redaction.clean("x planted-longer planted y") == "x *** *** y"


def test_value_too_short_to_be_one_takes_no_words_apart(redaction):
    redaction.know(Secret("tee"))
    assert redaction.clean("tee-red-m") == "tee-red-m"


def test_traceback_is_cleaned(redaction, logged):
    redaction.know(Secret("plantedvalue"))
    try:
        raise ValueError("refused: plantedvalue")
    except ValueError:
        logging.getLogger("x").exception("failed")
    assert "plantedvalue" not in logged()
    assert "ValueError: refused: ***" in logged()


def test_stack_of_a_record_is_cleaned(redaction, logged):
    redaction.know(Secret("stack_info=True"))  # this very line stands in the stack
    logging.getLogger("x").warning("where", stack_info=True)
    assert "stack_info=True" not in logged()


def test_slip_in_a_log_call_stops_nobody(redaction, logged):
    redaction.know(Secret("plantedvalue"))
    logging.getLogger("some.library").info("%d pieces", "plantedvalue")
    assert "%d pieces" in logged()
    assert "planted" not in logged()


def test_secret_is_never_printed_in_any_way():
    secret = Secret("plantedvalue")
    shown = f"{secret} {secret!r} {secret:>40} {[secret]} { ({'key': secret}) } %s" % secret
    assert "planted" not in shown


def test_record_passes_once_cleaned_however_many_handlers_there_are(redaction):
    record = logging.LogRecord("x", logging.INFO, "f", 1, "key xoxb-made-up %s", ("xapp-made-up",), None)
    assert redaction.filter(record) and redaction.filter(record)
    assert record.getMessage() == "key *** ***"
