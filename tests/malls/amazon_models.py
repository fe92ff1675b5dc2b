"""Amazon's own models as a measure: what a request may hold, and what an answer may look like.

The models are Swagger 2.0 and draft 7; only the keywords that occur in them are known here, and
any other is an error, so that nothing is passed over in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from adapters.http import Request

FOLDER = Path(__file__).parents[3] / "shared" / "specs" / "amazon"

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_SAYS_NOTHING = frozenset(
    {"description", "title", "example", "examples", "default", "$comment", "$schema", "collectionFormat"}
)


class Broken(AssertionError):
    """A value is not as the model says."""


class Model:
    """One of Amazon's files."""

    def __init__(self, name: str, *, closed: bool = False) -> None:
        self.content = json.loads((FOLDER / name).read_text(encoding="utf-8"))
        self._closed = closed  # a key that the schema does not name is an error

    def check(self, schema: Mapping[str, Any], value: Any, at: str = "") -> None:
        """Hold a value against a schema of this file."""
        for keyword, wanted in schema.items():
            if keyword in _SAYS_NOTHING or keyword.startswith("x-"):
                continue
            rule = getattr(self, "_" + keyword.replace("$", ""), None)
            if rule is None:
                raise Broken(f"{at}: the keyword {keyword} is not known here")
            rule(wanted, value, at, schema)

    def answers(self, operation: str) -> Iterator[dict[str, Any]]:
        """Give Amazon's own sample answers of an operation that succeeded, held against their schema."""
        for _, found in self._operations():
            if found["operationId"] != operation:
                continue
            for status, response in found["responses"].items():
                if status.startswith("2"):
                    for sample in response.get("x-amzn-api-sandbox", {}).get("static", []):
                        self.check(response["schema"], sample["response"], operation)
                        yield sample["response"]

    def request(self, request: Request) -> str:
        """Hold a request against the operation that it is; give the operation's name."""
        path = urlsplit(request.url).path
        for (template, method), operation in self._operations():
            pattern = re.sub(r"\{\w+\}", "([^/]+)", template)
            if method == request.method.lower() and re.fullmatch(pattern, path):
                self._parameters(operation, request)
                return str(operation["operationId"])
        raise Broken(f"no operation for {request.method} {unquote(path)}")

    def quotas(self) -> Iterator[tuple[str, float, int]]:
        """Give the rate and burst of each operation, which the models tell in prose."""
        for _, found in self._operations():
            table = re.search(r"\| ([\d.]+) \| (\d+) \|", found["description"])
            if table:
                yield found["operationId"], float(table[1]), int(table[2])

    def _operations(self) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
        for template, methods in self.content["paths"].items():
            for method, operation in methods.items():
                if method in ("get", "post", "patch", "put", "delete"):
                    yield (template, method), operation

    def _parameters(self, operation: Mapping[str, Any], request: Request) -> None:
        declared = {(spec["in"], spec["name"]): spec for spec in operation.get("parameters", [])}
        for name, text in request.params.items():
            spec = declared.get(("query", name))
            if spec is None:
                raise Broken(f"{operation['operationId']} has no parameter {name}")
            rules = {key: rule for key, rule in spec.items() if key not in ("in", "name", "required")}
            self.check(rules, _query_value(spec, text), name)
        for (place, name), spec in declared.items():
            if place == "query" and spec.get("required") and name not in request.params:
                raise Broken(f"{operation['operationId']} lacks {name}")
            if place == "body":
                self.check(spec["schema"], json.loads(request.body or b"null"), name)

    # ------------------------------------------------------------------ the keywords

    def _ref(self, wanted: str, value: Any, at: str, _: object) -> None:
        self.check(self.content["definitions"][wanted.rsplit("/", 1)[1]], value, at)

    def _type(self, wanted: str, value: Any, at: str, _: object) -> None:
        right = isinstance(value, _TYPES[wanted]) and isinstance(value, bool) is (wanted == "boolean")
        self._demand(right, at, f"is no {wanted}")

    def _required(self, wanted: list[str], value: Any, at: str, _: object) -> None:
        self._demand(not isinstance(value, dict) or set(wanted) <= set(value), at, f"needs {wanted}")

    def _properties(self, wanted: Mapping[str, Any], value: Any, at: str, schema: Any) -> None:
        for name, inner in value.items() if isinstance(value, dict) else ():
            if name in wanted:
                self.check(wanted[name], inner, f"{at}.{name}")
            else:
                open_ended = schema.get("additionalProperties", not self._closed)
                self._demand(bool(open_ended), f"{at}.{name}", "is not in the model")

    def _additionalProperties(self, wanted: Any, value: Any, at: str, schema: Any) -> None:  # noqa: N802
        for name, inner in value.items() if isinstance(wanted, dict) and isinstance(value, dict) else ():
            if name not in schema.get("properties", {}):
                self.check(wanted, inner, f"{at}.{name}")

    def _items(self, wanted: Mapping[str, Any], value: Any, at: str, _: object) -> None:
        for place, inner in enumerate(value if isinstance(value, list) else ()):
            self.check(wanted, inner, f"{at}[{place}]")

    def _enum(self, wanted: list[Any], value: Any, at: str, _: object) -> None:
        self._demand(value in wanted, at, f"is none of {wanted}")

    def _const(self, wanted: Any, value: Any, at: str, _: object) -> None:
        self._demand(value == wanted, at, f"is not {wanted}")

    def _pattern(self, wanted: str, value: Any, at: str, _: object) -> None:
        self._demand(bool(re.search(wanted, value)), at, f"does not match {wanted}")

    def _format(self, wanted: str, value: Any, at: str, _: object) -> None:
        if wanted == "date-time":
            self._demand(datetime.fromisoformat(value).tzinfo is not None, at, "is no date-time")

    def _minimum(self, wanted: int, value: Any, at: str, _: object) -> None:
        self._demand(value >= wanted, at, f"is below {wanted}")

    def _maximum(self, wanted: int, value: Any, at: str, _: object) -> None:
        self._demand(value <= wanted, at, f"is above {wanted}")

    def _minItems(self, wanted: int, value: Any, at: str, _: object) -> None:
        self._demand(len(value) >= wanted, at, f"has fewer than {wanted}")

    def _maxItems(self, wanted: int, value: Any, at: str, _: object) -> None:
        self._demand(len(value) <= wanted, at, f"has more than {wanted}")

    _minLength = _minProperties = _minItems  # noqa: N815

    def _oneOf(self, wanted: list[Mapping[str, Any]], value: Any, at: str, _: object) -> None:
        self._demand(sum(self._fits(inner, value) for inner in wanted) == 1, at, "fits not one of the forms")

    def _fits(self, schema: Mapping[str, Any], value: Any) -> bool:
        try:
            self.check(schema, value)
        except Broken:
            return False
        return True

    @staticmethod
    def _demand(right: bool, at: str, what: str) -> None:  # noqa: FBT001
        if not right:
            raise Broken(f"{at} {what}")


def _query_value(spec: Mapping[str, Any], text: str) -> Any:
    if spec["type"] == "array":
        return text.split(",")
    return int(text) if spec["type"] == "integer" else text
