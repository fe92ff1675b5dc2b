"""Amazon's own model files as judges: a small JSON Schema check, stricter than the drafts.

A property that a schema with named properties does not name is a flaw here. Covers what the models
use: references, types, required, enum, const, bounds, items, allOf, oneOf.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "shared/specs/amazon"
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
OPERATIONS = {
    "participations": ("sellers.json", "getMarketplaceParticipations"),
    "patch_item": ("listingsItems_2021-08-01.json", "patchListingsItem"),
    "get_item": ("listingsItems_2021-08-01.json", "getListingsItem"),
    "search_items": ("listingsItems_2021-08-01.json", "searchListingsItems"),
    "create_feed_document": ("feeds_2021-06-30.json", "createFeedDocument"),
    "create_feed": ("feeds_2021-06-30.json", "createFeed"),
    "get_feed": ("feeds_2021-06-30.json", "getFeed"),
    "get_feeds": ("feeds_2021-06-30.json", "getFeeds"),
    "cancel_feed": ("feeds_2021-06-30.json", "cancelFeed"),
    "get_feed_document": ("feeds_2021-06-30.json", "getFeedDocument"),
    "create_report": ("reports_2021-06-30.json", "createReport"),
    "get_report": ("reports_2021-06-30.json", "getReport"),
    "get_report_document": ("reports_2021-06-30.json", "getReportDocument"),
    "search_orders": ("orders_2026-01-01.json", "searchOrders"),
    "get_order": ("orders_2026-01-01.json", "getOrder"),
    "v0_orders": ("ordersV0.json", "getOrders"),
    "v0_order": ("ordersV0.json", "getOrder"),
    "v0_order_items": ("ordersV0.json", "getOrderItems"),
    "rotate_secret": ("application_2023-11-30.json", "rotateApplicationClientSecret"),
}
"""Function of the simulator -> model file and its operation."""


@cache
def model(name: str) -> Any:
    """Read a model file."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@cache
def operation(function: str) -> Any:
    """Give the model's description of a function."""
    file, wanted = OPERATIONS[function]
    paths = model(file)["paths"].values()
    found = (op for path in paths for name, op in path.items() if name != "parameters")
    return next(op for op in found if op["operationId"] == wanted)


def answer_flaws(function: str, status: int, body: Any) -> list[str]:
    """Say what the model has against an answer."""
    responses = operation(function)["responses"]
    if str(status) not in responses:
        return [f"{function}: status {status} is not in the model"]
    schema = responses[str(status)].get("schema")
    if schema is None:
        return [] if body is None else [f"{function}: {status} has no body in the model"]
    return list(flaws(body, schema, model(OPERATIONS[function][0]), f"{function} {status}"))


def request_flaws(function: str, body: Any) -> list[str]:
    """Say what the model has against the body of a request."""
    given = [p for p in operation(function).get("parameters", []) if p["in"] == "body"]
    return [f for p in given for f in flaws(body, p["schema"], model(OPERATIONS[function][0]), function)]


def flaws(value: Any, schema: Any, root: Any, at: str) -> Iterator[str]:
    """Give every flaw of a value."""
    if schema is False:
        yield f"{at}: must not be there"
        return
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        yield from flaws(value, root["definitions"][schema["$ref"].split("/")[-1]], root, at)
        return
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or isinstance(value, bool) != (kind == "boolean")):
        yield f"{at}: {value!r} is no {kind}"
        return
    yield from _plain(value, schema, at)
    for part in schema.get("allOf", ()):
        yield from flaws(value, part, root, at)
    fits = [not list(flaws(value, part, root, at)) for part in schema.get("oneOf", ())]
    if fits and fits.count(True) != 1:
        yield f"{at}: fits {fits.count(True)} of {len(fits)} forms"
    if isinstance(value, dict):
        yield from _members(value, schema, root, at)
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            yield from flaws(entry, schema.get("items"), root, f"{at}[{place}]")


def _plain(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not among {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    size = len(value) if isinstance(value, (str, list, dict)) else value
    for low in ("minimum", "minLength", "minItems", "minProperties"):
        if low in schema and size < schema[low]:
            yield f"{at}: below {low} {schema[low]}"
    for high in ("maximum", "maxLength", "maxItems"):
        if high in schema and size > schema[high]:
            yield f"{at}: above {high} {schema[high]}"


def _members(value: dict[str, Any], schema: dict[str, Any], root: Any, at: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}: {name} is missing"
    named = schema.get("properties", {})
    more = schema.get("additionalProperties", not named)
    # A branch of ``oneOf`` names some properties only; the whole names them all.
    partial = "type" not in schema
    for name, member in value.items():
        if name in named:
            yield from flaws(member, named[name], root, f"{at}.{name}")
        elif more is False and not partial:
            yield f"{at}: {name} is not in the model"
        else:
            yield from flaws(member, more if isinstance(more, dict) else {}, root, f"{at}.{name}")
