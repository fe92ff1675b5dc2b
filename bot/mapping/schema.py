"""The JSON Schema of the files (draft 2020-12), for editors and for other programs.

It is made from what the readers themselves use: their key lists, their lists of words, their forms and
bounds. A schema sees one file as an editor reads it, so what needs other files or other lines (two equal
codes, a loop of sets) only the check finds. Editors read YAML 1.2: a code of digits alone is a number
there, which is why a code may be one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum

from bot.mapping import keys
from bot.mapping.codes import MAX_CODE
from bot.mapping.load import MAX_TEXT
from bot.mapping.model import LastUnits, OnUnlink, OrderSource, ShopStatus, WindowKind
from bot.mapping.products import MAX_AXES, MAX_PARTS
from bot.mapping.team import ROLES, DefaultRole, Language
from bot.messages.mapping_keys import KEYS

Schema = dict[str, object]

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def mapping_schema(malls: Iterable[str]) -> Schema:
    """Give the schema of ``mappings.yaml``; ``malls`` are those that there are adapters for."""
    top = _table("", keys.MAPPING, _mapping_shapes(list(malls)), ("version", "shops"))
    return _file("mappings.yaml", {**top, "anyOf": [{"required": ["products"]}, {"required": ["include"]}]})


def products_schema() -> Schema:
    """Give the schema of a file that ``include`` names."""
    shapes = {"products": _products()}
    return _file("products/*.yaml", _table("", keys.INCLUDED, shapes, keys.INCLUDED))


def team_schema() -> Schema:
    """Give the schema of ``team.yaml``."""
    return _file("team.yaml", _table("team.", keys.TEAM, _team_shapes(), ("version",)))


def _file(title: str, schema: Schema) -> Schema:
    return {"$schema": DRAFT, "title": f"tanaban {title}", **schema}


# ------------------------------------------------------------------ mappings.yaml


def _mapping_shapes(malls: list[str]) -> dict[str, Schema]:
    names = _named(_text_list(), {"minLength": 1})
    return {
        "version": _version(),
        "shops": {**_named(_shop(malls), _whole_text(keys.SHOP_FORM)), "minProperties": 1},
        "defaults": _table("defaults.", keys.DEFAULTS, {"safety_stock": _whole(), "last_units": _last()}),
        "products": _products(),
        "include": _list(_text(keys.INCLUDE_FORM)),
        "payments": names,
        "deliveries": names,
    }


def _shop(malls: list[str]) -> Schema:
    sources = "|".join(source for source in OrderSource if source is not OrderSource.VIA)
    shapes: dict[str, Schema] = {
        "mall": {"enum": malls},
        "orders": _text(f"(?:{sources})|{OrderSource.VIA} .+"),
        "orders_reason": _text(),
        "code_field": _text(keys.WORD_FORM),
        "on_cancel": _table("on_cancel.", keys.ON_CANCEL, dict.fromkeys(keys.ON_CANCEL, _flag())),
        "safety_stock": _whole(),
        "cap": _whole(1),
        "share": _weight(),
        "joiner": {"enum": list(keys.JOINERS)},
        "on_unlink": _choice(OnUnlink),
        "status": _choice(ShopStatus),
        "mode": _text(keys.WORD_FORM),
        "last_units": _last(),
    }
    silent = {"properties": {"orders": {"const": OrderSource.NONE.value}}, "required": ["orders"]}
    table = _table("shop.", keys.SHOP, shapes, ("mall", "orders"))
    return {**table, "if": silent, "then": {"required": ["orders_reason"]}}


def _products() -> Schema:
    listing = {"anyOf": [_named(_mall_code(), _code_text()), _mall_code()], **_told("listing")}
    shapes: dict[str, Schema] = {
        "code": _code(),
        "name": _text(),
        "axes": {**_list(_axis()), "maxItems": MAX_AXES},
        "listings": _named(listing, _whole_text(keys.SHOP_FORM)),
        "safety_stock": _whole(),
        "last_units": _last(),
        "set": {**_named(_whole(1), _code_text()), "minProperties": 1, "maxProperties": MAX_PARTS},
    }
    product = _table("product.", keys.PRODUCT, shapes, ("code",))
    return _list({**product, "not": {"required": ["set", "axes"], "properties": {"axes": {"minItems": 1}}}})


def _axis() -> Schema:
    values = {**_list(_code()), "minItems": 1, "uniqueItems": True}
    return _table("axis.", keys.AXIS, {"name": _text(), "values": values}, keys.AXIS)


def _mall_code() -> Schema:
    legacy: Schema = {"type": ["string", "number"], "minLength": 1, "maxLength": MAX_CODE}
    shapes = {"legacy_code": legacy, "reason": _text()}
    return {"anyOf": [{"const": False}, _code(), _table("legacy.", keys.LEGACY, shapes, keys.LEGACY)]}


# ------------------------------------------------------------------ team.yaml


def _team_shapes() -> dict[str, Schema]:
    person = _text(f"{keys.USER_FORM}|{keys.GROUP_FORM}")
    channel = _text(keys.CHANNEL_FORM)
    return {
        "version": _version(),
        "roles": _table("roles.", ROLES, dict.fromkeys(ROLES, {**_list(person), "uniqueItems": True})),
        "default_role": _choice(DefaultRole),
        "channels": _table("channels.", keys.CHANNELS, dict.fromkeys(keys.CHANNELS, channel)),
        "language": _choice(Language),
        "windows": _list(_window()),
    }


def _window() -> Schema:
    moment = _text(r".*[T ].*(?:Z|[+-][0-9]{2}:?[0-9]{2})")  # never without its zone
    shapes: dict[str, Schema] = {
        "kind": _choice(WindowKind),
        "from": moment,
        "until": moment,
        "shops": _list(_text(keys.SHOP_FORM)),
        "reason": _text(),
    }
    return _table("window.", keys.WINDOW, shapes, ("from", "until"))


# ------------------------------------------------------------------ shapes


def _table(
    part: str, known: Collection[str], shapes: Mapping[str, Schema], required: Collection[str] = ()
) -> Schema:
    """Give a table of exactly the keys that its reader knows; a key without a shape is a KeyError."""
    found: Schema = {
        "type": "object",
        "properties": {str(key): {**_told(part + key), **shapes[key]} for key in known},
        "additionalProperties": False,
    }
    return {**found, "required": list(required)} if required else found


def _told(key: str) -> Schema:
    ja, en = KEYS[key]["ja"], KEYS[key]["en"]
    return {"title": key.rpartition(".")[2], "description": f"{ja}\n{en}"}


def _named(value: Schema, name: Schema) -> Schema:
    return {"type": "object", "propertyNames": name, "additionalProperties": value}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _text_list() -> Schema:
    return _list(_text())


def _version() -> Schema:
    return {"enum": [int(keys.VERSION), keys.VERSION]}


def _whole_text(form: str) -> Schema:
    return {"pattern": f"^(?:{form})$"}


def _text(form: str = "") -> Schema:
    """Give a text; one without a form of its own may look like a number, a date or a word of YAML."""
    if form:
        return {"type": "string", **_whole_text(form)}
    return {"type": ["string", "number", "boolean"], "minLength": 1, "maxLength": MAX_TEXT}


def _code_text() -> Schema:
    return {**_whole_text(keys.CODE_FORM), "maxLength": MAX_CODE}


def _code() -> Schema:
    return {"type": ["string", "number"], **_code_text()}


def _whole(low: int = 0) -> Schema:
    form = keys.WHOLE_FORM if low == 0 else f"(?!0){keys.WHOLE_FORM.partition('|')[2]}"
    return {"type": ["integer", "string"], "minimum": low, "maximum": keys.MOST, **_whole_text(form)}


def _weight() -> Schema:
    number: Schema = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 10_000}
    return {"anyOf": [number, {"const": "auto"}, {"type": "string", **_whole_text(keys.WEIGHT_FORM)}]}


def _last() -> Schema:
    return {"anyOf": [_choice(LastUnits), _whole()]}


def _flag() -> Schema:
    return {"enum": [True, False, "true", "false"]}


def _choice(words: type[StrEnum]) -> Schema:
    return {"enum": [word.value for word in words]}


SCHEMAS: Mapping[str, Callable[[Iterable[str]], Schema]] = {
    "mapping": mapping_schema,
    "products": lambda _malls: products_schema(),
    "team": lambda _malls: team_schema(),
}
"""What ``tanaban mapping schema`` prints, by name; each is given the malls that there are."""
