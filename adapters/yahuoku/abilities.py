"""What a shop of Yahoo!オークション can and cannot do, for each of the two ways of listing."""

from __future__ import annotations

from dataclasses import replace

from adapters.contract import Abilities, Ability, LowersOwnStock

_READ = "2026-11-21"  # when the sources were last read
_TOOLS = "manuals of zaiko Robot (su-yauc-default-setting) and ネクストエンジン (yahoo-auction)"
_ORDER_LIST = "page 注文検索API (orderList), change history of 2021-09-01 and 2021-11-18"
_NO_API = "タテンポガイド, auc-sws-manual: the stores' interface (SWS) is for system vendors"
_ONE_STOCK = "a fixed-price listing is an item of the Yahoo!ショッピング shop, whose stock it has"

# 管理番号 of a delegated listing is the item's own code there, so its letters and length are those.
CROSS_LISTED = Abilities(
    mall="yahuoku",
    name_ja="ヤフオク!",
    name_en="Yahoo! Auctions",
    code_field="管理番号",
    code_pattern=r"[0-9A-Za-z-]{1,99}(?::[0-9A-Za-z-]{1,99})?",
    code_max_bytes=199,
    quantity_max=999_999_999,
    readable=Ability(False, _ONE_STOCK, _TOOLS, _READ),
    products=Ability(False, "the items are those of the Yahoo!ショッピング shop", _TOOLS, _READ),
    orders=Ability(False, "orders arrive at the Yahoo!ショッピング shop", _ORDER_LIST, _READ),
    relative_write=Ability(False, _ONE_STOCK, _TOOLS, _READ),
    write_batch=None,
    read_batch=None,
    quotas={},
    credentials=(),
    lowers_own_stock=LowersOwnStock.NO,
    visible_after_s=0,
    look_back_s=0,
    address_is_code=True,
    code_screen="ストアクリエイターPro → 商品管理 → 商品ページ編集",
    writable=Ability(False, f"{_ONE_STOCK}; a second write would count twice", _TOOLS, _READ),
)

AUCTION = replace(
    CROSS_LISTED,
    code_pattern=r"[0-9A-Za-z-]{1,32}",
    code_max_bytes=32,
    quantity_max=99,
    readable=Ability(False, "競りナビ shows its listings to a person only, 50 a page", _NO_API, _READ),
    products=Ability(False, "競りナビ has pages only; its upload file can be imported", _NO_API, _READ),
    orders=Ability(
        False,
        "orders arrive at the Yahoo!ショッピング shop (orders: via), else a person brings the order export",
        _ORDER_LIST,
        _READ,
    ),
    relative_write=Ability(False, "there is no call for stock at all", _NO_API, _READ),
    write_batch=1000,
    expected_delay_s=3600,
    code_screen="競りナビ → 商品の管理番号",
    writable=Ability(
        False,
        "a running auction is changed by a person only; pieces are listed by an upload file, and held",
        _NO_API,
        _READ,
    ),
)
