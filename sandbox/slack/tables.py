"""Checks of tables and charts. Source: spec 7.3."""

from __future__ import annotations

from typing import Any

from sandbox.slack.checker import Checker

Json = dict[str, Any]

MAX_COLUMNS = 20
CELLS = "raw_text raw_number rich_text"


def check_table(checker: Checker, block: Json, pointer: str) -> None:
    """Check a ``table`` block."""
    _check_rows(checker, block["rows"], f"{pointer}/rows", least=1, most=100, cell_least=0)
    for place, setting in checker.items(
        block.get("column_settings"), f"{pointer}/column_settings", MAX_COLUMNS
    ):
        if setting is not None and checker.mapping(setting, place):
            checker.keys(setting, place, required="", optional="align is_wrapped")
            checker.choice(setting.get("align"), f"{place}/align", ("left", "center", "right"))


def check_data_table(checker: Checker, block: Json, pointer: str) -> None:
    """Check a ``data_table`` block."""
    checker.string(block["caption"], f"{pointer}/caption", 3000)
    checker.number(block.get("page_size"), f"{pointer}/page_size", 1, 100)
    checker.number(
        block.get("row_header_column_index"), f"{pointer}/row_header_column_index", 0, MAX_COLUMNS - 1
    )
    _check_rows(checker, block["rows"], f"{pointer}/rows", least=2, most=201, cell_least=1)
    rows = block["rows"]
    first = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else []
    for number, cell in enumerate(first):
        if isinstance(cell, dict) and cell.get("type") == "rich_text":
            checker.fail(f"{pointer}/rows/0/{number}", "header cells must be raw_text or raw_number")


def _check_rows(checker: Checker, rows: Any, pointer: str, *, least: int, most: int, cell_least: int) -> None:
    widths = set()
    for place, row in checker.items(rows, pointer, most, least):
        cells = list(checker.items(row, place, MAX_COLUMNS))
        widths.add(len(cells))
        for cell_place, cell in cells:
            _check_cell(checker, cell, cell_place, cell_least)
    if len(widths) > 1:
        checker.fail(pointer, "all rows must have the same number of cells")


def _check_cell(checker: Checker, cell: Any, pointer: str, least: int) -> None:
    if not checker.mapping(cell, pointer):
        return
    kind = cell.get("type")
    if kind not in CELLS.split():
        checker.fail(f"{pointer}/type", f"must be one of: {CELLS.replace(' ', ', ')}")
    elif kind == "raw_number":
        checker.keys(cell, pointer, required="value text")
        checker.string(cell.get("text"), f"{pointer}/text", 10_000)
        if isinstance(cell.get("value"), bool) or not isinstance(cell.get("value"), int | float):
            checker.fail(f"{pointer}/value", "must be a valid number")
    elif kind == "raw_text" and checker.keys(cell, pointer, required="text"):
        checker.string(cell["text"], f"{pointer}/text", 20_000, least)


def check_chart(checker: Checker, block: Json, pointer: str) -> None:
    """Check a ``data_visualization`` block."""
    checker.string(block["title"], f"{pointer}/title", 50)
    chart, place = block["chart"], f"{pointer}/chart"
    if not checker.mapping(chart, place):
        return
    if chart.get("type") == "pie":
        _check_pie(checker, chart, place)
    elif chart.get("type") in ("bar", "area", "line"):
        _check_axes(checker, chart, place)
    else:
        checker.fail(f"{place}/type", "must be one of: area, bar, line, pie")


def _check_pie(checker: Checker, chart: Json, pointer: str) -> None:
    if not checker.keys(chart, pointer, required="segments"):
        return
    for place, segment in checker.items(chart["segments"], f"{pointer}/segments", 12):
        _check_point(checker, segment, place)
        if (
            isinstance(segment, dict)
            and isinstance(segment.get("value"), int | float)
            and segment["value"] <= 0
        ):
            checker.fail(f"{place}/value", "must be more than 0")


def _check_axes(checker: Checker, chart: Json, pointer: str) -> None:
    if not checker.keys(chart, pointer, required="series axis_config"):
        return
    axis = chart["axis_config"]
    if not checker.mapping(axis, f"{pointer}/axis_config"):
        return
    checker.keys(axis, f"{pointer}/axis_config", required="categories", optional="x_label y_label")
    for label in ("x_label", "y_label"):
        checker.string(axis.get(label), f"{pointer}/axis_config/{label}", 50)
    categories = list(checker.items(axis.get("categories"), f"{pointer}/axis_config/categories", 20))
    for place, category in categories:
        checker.string(category, place, 20)
    names = set()
    for place, series in checker.items(chart["series"], f"{pointer}/series", 12):
        if not checker.mapping(series, place):
            continue
        _check_series(checker, series, place, [name for _place, name in categories])
        if series.get("name") in names:
            checker.fail(f"{place}/name", "series names must be unique")
        names.add(series.get("name"))


def _check_series(checker: Checker, series: Json, pointer: str, categories: list[str]) -> None:
    if not checker.keys(series, pointer, required="name data"):
        return
    checker.string(series["name"], f"{pointer}/name", 20)
    points = list(checker.items(series["data"], f"{pointer}/data", 20))
    for place, point in points:
        _check_point(checker, point, place)
    labels = [point.get("label") for _place, point in points if isinstance(point, dict)]
    if sorted(map(str, labels)) != sorted(map(str, categories)):
        checker.fail(f"{pointer}/data", "must have exactly one value per category")


def _check_point(checker: Checker, point: Any, pointer: str) -> None:
    if checker.mapping(point, pointer) and checker.keys(point, pointer, required="label value"):
        checker.string(point["label"], f"{pointer}/label", 20)
        if isinstance(point["value"], bool) or not isinstance(point["value"], int | float):
            checker.fail(f"{pointer}/value", "must be a valid number")
