"""The rows of bulk calls, their quantities, and the answers that tell of them (spec 7.2, 7.4, 11.6)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from sandbox.malls.qoo10.settings import BulkShape
from sandbox.malls.qoo10.wire import (
    BULK_FAILED,
    BULK_TOO_MANY,
    EXCEPTION,
    NO_API,
    PROCESSING,
    SUCCESS,
    TEXTS,
    Answer,
    Call,
    Json,
    Refusal,
    gate_refusal,
    refusal,
)

ROWS_MOST = 500
QUANTITY_MAX = 2_147_483_647
UNCHANGED = "unchanged"

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """How one row of a bulk call went."""

    row: Fields
    code: int = 0
    message: str = SUCCESS

    @classmethod
    def of(cls, call: Call, row: Fields, work: Callable[[], None]) -> Outcome:
        """Do the work of a row and tell how it went."""
        try:
            work()
        except Refusal as refused:
            if refused.violation:
                call.notes.append(refused.violation)
            body = refused.answer.body or {}
            return cls(row, int(body["ResultCode"]), str(body["ResultMsg"]))
        return cls(row)


def bulk_rows(call: Call, known: Sequence[str]) -> list[dict[str, str]]:
    """Give the rows of ``ItemInfoJson``, all values as text.

    Raises:
        Refusal: there are too many, one holds null, or the text is no list of objects.
    """
    call.required("ItemInfoJson")
    try:
        found = json.loads(call.get("ItemInfoJson"))
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise refusal(EXCEPTION, "Invalid JSON primitive.", "ItemInfoJson is no list of objects")
    if len(found) > ROWS_MOST:
        raise refusal(BULK_TOO_MANY)
    if any(value is None for row in found for value in row.values()):
        raise gate_refusal(NO_API, "null in ItemInfoJson")
    return [_texts(call, row, known) for row in found]


def _texts(call: Call, row: Json, known: Sequence[str]) -> dict[str, str]:
    if stray := sorted(set(row) - set(known)):
        call.notes.append(f"unknown keys in a row: {', '.join(stray)}")
    if others := sorted(name for name, value in row.items() if not isinstance(value, str)):
        call.notes.append(f"not text in a row: {', '.join(others)}")
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in row.items()}


def quantity_of(call: Call, fields: Fields, default: int | None, *, words: bool) -> int | None:
    """Give the quantity to set, None to keep what is there; ``words`` allows ``unchanged``.

    Raises:
        Refusal: it is not a number in range.
    """
    text = fields.get("Qty", "")
    if text == "":
        call.notes.append("Qty is missing")
        return default
    if words and text == UNCHANGED:
        return None
    if not (text.isascii() and text.isdecimal()):
        wrong = "Input string was not in a correct format."
        raise refusal(PROCESSING if words else EXCEPTION, wrong, f"Qty {text!r}")
    if int(text) > QUANTITY_MAX:
        wrong = "Value was either too large or too small for an Int32."
        raise refusal(PROCESSING if words else EXCEPTION, wrong, f"Qty {text}")
    return int(text)


def bulk_answer(outcomes: list[Outcome], shape: BulkShape, dice: random.Random) -> Answer:
    """Answer a bulk call; how the rows are told is up to ``shape``."""
    failed = any(outcome.code for outcome in outcomes)
    code, message = (BULK_FAILED, TEXTS[BULK_FAILED]) if failed else (0, SUCCESS)
    chosen = dice.choice(get_args(BulkShape)[1:]) if shape == "random" else shape
    told: dict[str, Callable[[], Any]] = {
        "failed": lambda: [_told(outcome) for outcome in outcomes if outcome.code],
        "all": lambda: [_told(outcome) for outcome in outcomes],
        "pairs": lambda: [{"Key": place, "Value": outcome.message} for place, outcome in enumerate(outcomes)],
        "counted": lambda: _counted(outcomes),
        "none": lambda: None,
    }
    return Answer({"ResultObject": told[chosen](), "ResultCode": code, "ResultMsg": message})


def _told(outcome: Outcome) -> Json:
    codes = {name: outcome.row.get(name, "") for name in ("ItemCode", "SellerCode")}
    return {**codes, "ResultCode": outcome.code, "ResultMsg": outcome.message}


def _counted(outcomes: list[Outcome]) -> Json:
    good = sum(outcome.code == 0 for outcome in outcomes)
    return {"Count": len(outcomes), "Keys": {"Count": good}, "Values": {"Count": len(outcomes) - good}}
