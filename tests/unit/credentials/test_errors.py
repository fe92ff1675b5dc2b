"""The catalogue of errors: each that an adapter knows has its cause and its cure, in both languages."""

from datetime import UTC, datetime

import pytest

from adapters import registry
from adapters.amazon import tokens as amazon_tokens
from adapters.amazon import wire as amazon
from adapters.errors import AuthError, LineRejectedError, MallError, TanabanError
from adapters.futureshop import wire as futureshop
from adapters.http import Reply
from adapters.qoo10 import wire as qoo10
from adapters.rakuten import wire as rakuten
from adapters.yahoo import wire as yahoo
from bot.messages import LANGUAGES, say

MALLS = [name for name in registry.MALLS if name != "memory"]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = [(mall, known) for mall in MALLS for known in registry.known_errors(mall)]


def causes(kind):
    return {kind.cause} | {cause for child in kind.__subclasses__() for cause in causes(child)}


@pytest.mark.parametrize(("mall", "known"), ROWS, ids=[f"{mall}-{known.pattern}" for mall, known in ROWS])
def test_every_entry_gives_its_cure(mall, known):  # C9
    for language in LANGUAGES:
        for part in ("cause", "cure"):
            text = say(f"error.{known.key}.{part}", language, command="tanaban", shop="a")
            assert len(text) > 10, (mall, language, part)
    assert known.cause in causes(TanabanError)
    assert known.source


@pytest.mark.parametrize("mall", MALLS)
def test_no_entry_is_hidden_behind_another(mall):
    pairs = [(known.pattern, known.cause) for known in registry.known_errors(mall)]
    assert len(set(pairs)) == len(pairs)


CODES = {
    "rakuten": (rakuten._COMMON.keys(), rakuten.LINE_CODES),
    "yahoo": (yahoo._CODES.keys(), yahoo.LINE_CODES),
    "qoo10": (map(str, qoo10._CLASSES), ("-10001", "-10002", "-10009")),
    "futureshop": (futureshop._COMMON.keys(), futureshop.LINE_CODES),
    "amazon": (amazon_tokens._REFUSED.keys(), ()),
}


@pytest.mark.parametrize("mall", CODES)
def test_every_code_that_the_wire_tells_apart_is_in_the_catalogue(mall):  # C9
    known = {entry.pattern for entry in registry.known_errors(mall)}
    assert {code for codes in CODES[mall] for code in codes} - known == set()


def reply(status, body=b"{}"):
    return Reply(status, {}, body)


UNAUTHORISED = b'{"errors":[{"code":"GA0001","message":"Un-Authorised"}]}'
SOURCE_IP = b"<Error><Message>no</Message><Code>px-04306</Code></Error>"
ANSWERED = [
    ("rakuten", rakuten.failure(rakuten.SEARCH, reply(401, UNAUTHORISED), (), NOW), "rakuten_key"),
    ("rakuten", rakuten.failure(rakuten.SEARCH, reply(503), (), NOW), "maintenance"),
    ("rakuten", rakuten.failure(rakuten.SEARCH, reply(403), (), NOW), "quota"),
    ("yahoo", yahoo.failure(yahoo.GET_STOCK, reply(403, SOURCE_IP), (), NOW), "yahoo_source_ip"),
    ("amazon", amazon.failure(amazon.SEARCH_ORDERS, reply(403), (), NOW), "amazon_denied"),
    ("amazon", amazon.failure(amazon.SEARCH_ORDERS, reply(429), (), NOW), "quota"),
    ("futureshop", futureshop.failure(futureshop.STOCK, reply(403), (), NOW), "futureshop_keys"),
    ("roomclip", AuthError("log in: 530 no", vendor_code="530"), "password"),
    ("roomclip", AuthError("no folder /netstock/9; there is: 1"), "roomclip_shop_code"),
    ("ponpare", LineRejectedError("a", "不正"), "ponpare_row"),
]


@pytest.mark.parametrize(("mall", "error", "key"), ANSWERED)
def test_error_of_the_wire_is_found_in_the_catalogue(mall, error: MallError, key):  # C9 C17
    assert next(known.key for known in registry.known_errors(mall) if known.fits(error)) == key


def test_only_the_malls_that_want_it_name_the_address():  # C17
    assert {mall for mall in MALLS if registry.abilities(mall).registers_address} == {"yahoo", "futureshop"}


def test_credential_item_and_mall_errors_each_ask_for_what_their_class_says():  # C11
    """Only the first needs a human: it stops the shop, a line is left out, a mall is tried again."""
    told = {known.cause for _, known in ROWS}
    assert {"auth", "line_rejected", "temporary"} <= told
    for _, known in ROWS:
        if known.cause in ("temporary", "maintenance") and known.key in ("temporary", "maintenance"):
            assert "Nothing to do" in say(f"error.{known.key}.cure", "en", command="", shop="")
