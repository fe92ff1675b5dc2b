"""楽天ペイ受注API: ``searchOrder`` and ``getOrder`` (spec 4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sandbox.malls.rakuten.order_form import VERSIONS, order_model
from sandbox.malls.rakuten.sales import CANCELLED, PROGRESS, Order, Sales
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.wire import Answer, Call, Json, Refusal

REACH = timedelta(days=730)
WINDOW_MOST = timedelta(days=63)
GET_MOST, PAGE_MOST, PAGE_DEFAULT = 100, 1000, 30
DATE_TYPES: dict[int, tuple[int, ...]] = {1: (), 2: (300,), 3: (700,), 4: (500,), 5: (500,), 6: (700,)}
"""``dateType`` -> the progress codes whose time stands for it; empty for the time of the order."""

# The colon form, other offsets and a missing offset are refused.
TIME_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0900")

SEARCH_FIELDS = (
    *("dateType", "startDatetime", "endDatetime", "orderProgressList", "subStatusIdList", "orderTypeList"),
    *("settlementMethod", "deliveryName", "PaginationRequestModel"),
)
ORDER_TYPES = (1, 4, 5, 6)
SORTS = tuple([{"sortColumn": 1, "sortDirection": direction}] for direction in (1, 2))

Problem = tuple[str, str]
"""(number of the message code, message)"""


class Orders:
    """The functions of the order API over the shop's sales."""

    def __init__(self, sales: Sales, settings: Settings, now: Callable[[], datetime]) -> None:
        self._sales = sales
        self._settings = settings
        self._now = now

    def search(self, call: Call) -> Answer:
        """Answer ``searchOrder``: order numbers, newest first unless asked otherwise."""
        wanted = call.attributes()
        # The fields that are not modelled are refused rather than answered with a wrong list.
        if problems := search_problems(wanted, self._now()):
            raise _refused(
                "SEARCH_ORDER", problems, {"orderNumberList": None, "PaginationResponseModel": None}
            )
        found = sorted(self._found(wanted), key=lambda pair: pair[0], reverse=not _ascending(wanted))
        numbers = [order.number for _moment, order in found[: self._settings.search_cap]]
        total = len(found) if self._settings.search_total == "all" else len(numbers)
        return Answer(200, _page(numbers, total, wanted.get("PaginationRequestModel") or {}))

    def get(self, call: Call) -> Answer:
        """Answer ``getOrder``: unknown numbers get a message of their own, in a success."""
        wanted = call.attributes()
        version, numbers = wanted.get("version"), wanted.get("orderNumberList")
        if problems := get_problems(wanted):
            raise _refused("GET_ORDER", problems, {"OrderModelList": [], "version": version})
        reach = self._now() - REACH
        known = [self._sales.orders.get(number) for number in dict.fromkeys(numbers or [])]
        orders = [order for order in known if order and order.ordered_at >= reach]
        missing = set(numbers or []) - {order.number for order in orders}
        models = [order_model(order, int(version or 0)) for order in orders]
        messages = _get_messages(len(orders), missing, self._settings.unknown_order)
        body = {"MessageModelList": messages, "OrderModelList": models}
        return Answer(200, {**body, "version": version}, given=lambda: _count(orders))

    def _found(self, wanted: Json) -> list[tuple[datetime, Order]]:
        since, until = _moment(wanted["startDatetime"]), _moment(wanted["endDatetime"])
        dated = [(_dated(order, wanted["dateType"]), order) for order in self._sales.orders.values()]
        return [
            (moment, order)
            for moment, order in dated
            if moment and since <= moment.replace(microsecond=0) <= until and _fits(order, wanted)
        ]


def search_problems(wanted: Json, now: datetime) -> list[Problem]:
    """Give one problem for each wrong field of a search; the codes of limits are guesses."""
    problems = _unknown(wanted, SEARCH_FIELDS)
    problems += _missing(wanted, ("dateType", "startDatetime", "endDatetime"))
    if wanted.get("dateType") is not None and not _within(wanted["dateType"], 1, len(DATE_TYPES)):
        problems.append(_wrong_form("dateType"))
    ends = [wanted.get(name) for name in ("startDatetime", "endDatetime")]
    for name, text in zip(("startDatetime", "endDatetime"), ends, strict=True):
        if text and not _is_time(text):
            problems.append(_wrong_form(name))
    times = [_moment(str(text)) for text in ends if _is_time(text)]
    if len(times) == len(ends):
        problems += _window_problems(times[0], times[1], now)
    return problems + _list_problems(wanted) + _paging_problems(wanted)


def get_problems(wanted: Json) -> list[Problem]:
    """Give one problem for each wrong field of ``getOrder``."""
    problems = _unknown(wanted, ("orderNumberList", "version"))
    problems += _missing(wanted, ("orderNumberList", "version"))
    numbers = wanted.get("orderNumberList")
    if numbers and not (isinstance(numbers, list) and all(isinstance(number, str) for number in numbers)):
        problems.append(_wrong_form("orderNumberList"))
    elif numbers and len(numbers) > GET_MOST:
        problems.append(("012", f"orderNumberListは{GET_MOST}件以内で指定して下さい。"))
    if wanted.get("version") is not None and wanted["version"] not in VERSIONS:
        problems.append(_wrong_form("version"))
    return problems


def _unknown(wanted: Json, known: Sequence[str]) -> list[Problem]:
    return [_wrong_form(name) for name in wanted if name not in known]


def _missing(wanted: Json, names: Sequence[str]) -> list[Problem]:
    absent = [("009", f"{name}の項目を指定して下さい。") for name in names if wanted.get(name) is None]
    empty = [("010", f"{name}の値を指定して下さい。") for name in names if wanted.get(name) in ("", [])]
    return absent + empty


def _wrong_form(name: str) -> Problem:
    return "011", f"{name}の書式が不正です。"


def _window_problems(since: datetime, until: datetime, now: datetime) -> list[Problem]:
    problems = []
    if since < now - REACH:
        problems.append(("014", f"startDatetimeは過去{REACH.days}日以内で指定して下さい。"))
    if not since <= until <= since + WINDOW_MOST:
        what = f"endDatetimeはstartDatetimeから{WINDOW_MOST.days}日以内で指定して下さい。"
        problems.append(("015", what))
    return problems


def _list_problems(wanted: Json) -> list[Problem]:
    problems = []
    for name, known in (("orderProgressList", tuple(PROGRESS)), ("orderTypeList", ORDER_TYPES)):
        chosen = wanted.get(name, [])
        if not isinstance(chosen, list) or any(code not in known for code in chosen):
            problems.append(_wrong_form(name))
    if wanted.get("subStatusIdList") == [-1] and not wanted.get("orderProgressList"):
        problems.append(("009", "orderProgressListの項目を指定して下さい。"))
    return problems


def _paging_problems(wanted: Json) -> list[Problem]:
    if "PaginationRequestModel" not in wanted:
        return []
    paging = wanted["PaginationRequestModel"]
    if not isinstance(paging, dict):
        return [_wrong_form("PaginationRequestModel")]
    problems = _unknown(paging, ("requestRecordsAmount", "requestPage", "SortModelList"))
    problems += _missing(paging, ("requestRecordsAmount", "requestPage"))
    amount, page = paging.get("requestRecordsAmount", 1), paging.get("requestPage", 1)
    if not _within(amount, 1, PAGE_MOST):
        problems.append(_wrong_form("requestRecordsAmount"))
    if not _within(page, 1, 10**9):
        problems.append(_wrong_form("requestPage"))
    if paging.get("SortModelList", []) not in ([], *SORTS):
        problems.append(_wrong_form("SortModelList"))
    return problems


def _within(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _refused(function: str, problems: list[Problem], rest: Mapping[str, Any]) -> Refusal:
    messages = [_message(function, f"ERROR_{code}", text) for code, text in problems]
    answer = Answer(400, {"MessageModelList": messages, **rest})
    return Refusal(answer, "; ".join(text for _code, text in problems))


def _message(function: str, code: str, text: str) -> Json:
    kind = code.partition("_")[0]
    return {"messageType": kind, "messageCode": f"ORDER_EXT_API_{function}_{code}", "message": text}


def _page(numbers: list[str], total: int, paging: Json) -> Json:
    amount, page = paging.get("requestRecordsAmount", PAGE_DEFAULT), paging.get("requestPage", 1)
    if not numbers:
        message = _message("SEARCH_ORDER", "INFO_102", "注文検索に成功しました。(検索結果０件)")
        response: Json = {"totalRecordsAmount": None, "totalPages": None, "requestPage": None}
    else:
        message = _message("SEARCH_ORDER", "INFO_101", "注文検索に成功しました。")
        response = {"totalRecordsAmount": total, "totalPages": -(-total // amount), "requestPage": page}
    shown = numbers[(page - 1) * amount : page * amount]
    return {"orderNumberList": shown, "MessageModelList": [message], "PaginationResponseModel": response}


def _get_messages(count: int, missing: set[str], how: str) -> list[Json]:
    done = (
        [_message("GET_ORDER", "INFO_101", f"受注情報取得に成功しました。(取得件数{count}件)")]
        if count
        else []
    )
    if how == "absent":
        return done
    code = "ERROR_102" if how == "error" else "INFO_102"
    absent = _message("GET_ORDER", code, "受注情報が取得できませんでした。")
    return done + [{**absent, "orderNumber": number} for number in sorted(missing)]


def _count(orders: list[Order]) -> None:
    for order in orders:
        order.times_given += 1
        order.times_given_cancelled += order.progress == CANCELLED


def _is_time(text: object) -> bool:
    if not isinstance(text, str) or not TIME_FORM.fullmatch(text):
        return False
    try:
        _moment(text)
    except ValueError:
        return False
    return True


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")


def _ascending(wanted: Json) -> bool:
    sorts = (wanted.get("PaginationRequestModel") or {}).get("SortModelList") or [{}]
    return bool(sorts[0].get("sortDirection", 2) == 1)


def _dated(order: Order, date_type: int) -> datetime | None:
    codes = DATE_TYPES[date_type]
    return (
        next((order.reached[code] for code in codes if code in order.reached), None)
        if codes
        else order.ordered_at
    )


def _fits(order: Order, wanted: Json) -> bool:
    progress, types = wanted.get("orderProgressList"), wanted.get("orderTypeList")
    return (
        (not progress or order.progress in progress)
        and wanted.get("subStatusIdList") in (None, [-1])
        and (not types or 1 in types)
        and wanted.get("settlementMethod") in (None, order.payment)
        and wanted.get("deliveryName") in (None, order.delivery)
    )
