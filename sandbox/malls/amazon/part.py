"""One Amazon.co.jp seller on loopback: its API over TLS, and the verbs of shoppers, staff and accidents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.catalogue import GOODS
from sandbox.malls.amazon.account import Account
from sandbox.malls.amazon.admission import Admission
from sandbox.malls.amazon.documents import Documents
from sandbox.malls.amazon.faults import Faults
from sandbox.malls.amazon.feed_queue import FeedQueue
from sandbox.malls.amazon.feed_report import FeedReport
from sandbox.malls.amazon.feeds import Feeds
from sandbox.malls.amazon.gateway import Door, Function, Gateway
from sandbox.malls.amazon.goods import FBA, MERCHANT, Goods, Listing
from sandbox.malls.amazon.keys import FOREIGN_SELLER, Keys
from sandbox.malls.amazon.limits import Limits
from sandbox.malls.amazon.listings import Listings, Submissions
from sandbox.malls.amazon.lwa import TokenEndpoint
from sandbox.malls.amazon.orders import Orders
from sandbox.malls.amazon.paging import Tokens
from sandbox.malls.amazon.reports import Reports
from sandbox.malls.amazon.routes import API_ROUTES, LWA_ROUTES, STORE_ROUTES
from sandbox.malls.amazon.sales import Order, Sales
from sandbox.malls.amazon.search import Search
from sandbox.malls.amazon.settings import Settings
from sandbox.malls.amazon.wire import MARKETPLACE, written
from sandbox.malls.common.orders import wishes_of
from sandbox.malls.common.part import ApiPart
from sandbox.web import WebHost
from sandbox.world import World


class AmazonMall(ApiPart):
    """A seller on Amazon.co.jp. ``settings`` are the fields of ``Settings``.

    In control verbs ``code`` is the 出品者SKU.
    """

    name = "amazon"
    title = "Amazon.co.jp"
    _settings: Settings
    _faults: Faults

    def __init__(self, world: World, web: WebHost, **settings: Any) -> None:
        self._world = world
        self._web = web
        self._settings = Settings(**settings)
        self._keys = Keys(self._settings)
        self._faults = Faults()
        self._goods = Goods()
        self._sales = Sales(self._goods, self._settings)
        self._documents = Documents(self._settings, world.random, world.clock.now)
        submissions = Submissions(self._goods, self._faults, self._settings)
        report = FeedReport(self._goods, submissions, self._settings)
        self._feeds = FeedQueue(self._documents, report, self._settings, world.clock.now)
        self._reports = Reports(self._goods, self._documents, self._settings, world.clock.now)
        self._account = Account(self._keys, self._settings, world.clock.now)
        self._gateway = self._make_gateway(submissions)
        self._gateway.before_each = self._catch_up
        self._counter, self._log = self._gateway.counter, self._gateway.log
        self._api_url = self._lwa_url = ""
        for good in GOODS:
            self._goods.add(good.code, good.name, MERCHANT, good.quantity, self._now)
        self._secret = self._keys.issue_secret(self._now)
        self._refresh = self._keys.authorize(self._now, self._settings.seller_id)

    def _make_gateway(self, submissions: Submissions) -> Gateway:
        now, seconds = self._world.clock.now, self._world.clock.seconds
        limits = Limits(self._settings)
        admission = Admission(self._settings, self._keys, self._faults, limits, now, seconds)
        functions = self._functions(submissions, limits)
        return Gateway(self._world, self._settings, admission, self._faults, limits, functions)

    def _functions(self, submissions: Submissions, limits: Limits) -> Mapping[str, Function]:
        now, seconds = self._world.clock.now, self._world.clock.seconds
        tokens = Tokens(self._world.random, now)
        listings = Listings(self._goods, submissions, self._settings, now)
        feeds = Feeds(
            self._feeds, self._documents, self._faults, limits, tokens, self._settings, now, seconds
        )
        orders = Orders(self._sales, tokens, self._settings, now)
        return {
            "token": TokenEndpoint(self._keys, now).token,
            "participations": self._account.participations,
            "rotate_secret": self._account.rotate_secret,
            "patch_item": listings.patch_item,
            "get_item": listings.get_item,
            "search_items": Search(self._goods, tokens, self._settings).search,
            "create_feed_document": feeds.create_document,
            "create_feed": feeds.create,
            "get_feed": feeds.get,
            "get_feeds": feeds.list_feeds,
            "cancel_feed": feeds.cancel,
            "get_feed_document": feeds.document,
            "create_report": self._reports.create,
            "get_report": self._reports.get,
            "get_report_document": self._reports.document,
            "search_orders": orders.search,
            "get_order": orders.get,
            "v0_orders": orders.v0_search,
            "v0_order": orders.v0_get,
            "v0_order_items": orders.v0_items,
            "upload": self._documents.upload,
            "download": self._documents.download,
        }

    def _catch_up(self) -> None:
        self._feeds.settle(self._now)
        self._goods.settle(self._now)
        self._reports.settle(self._now)

    # ------------------------------------------------------------------ the part

    def start(self) -> None:
        """Open the API, the token endpoint and the file store, each on a free port."""
        self._api_url = self._open(Door("api", API_ROUTES))
        self._lwa_url = self._open(Door("lwa", LWA_ROUTES))
        self._documents.base_url = self._open(Door("store", STORE_ROUTES))

    def _open(self, door: Door) -> str:
        return f"https://127.0.0.1:{self._web.serve(self._gateway.app(door))}"

    def addresses(self) -> dict[str, Any]:
        """Give what an operator enters: addresses, and the credentials the shop starts with."""
        return {
            "api_url": self._api_url,
            "lwa_url": self._lwa_url,
            "token_url": f"{self._lwa_url}/auth/o2/token",
            "client_id": self._keys.client_id,
            "client_secret": self._secret.value,
            "client_secret_issued_at": written(self._secret.issued_at),
            "refresh_token": self._refresh.value,
            "authorized_at": written(self._refresh.authorized_at),
            "seller_id": self._settings.seller_id,
            "marketplace_id": MARKETPLACE,
        }

    # ------------------------------------------------------------------ shoppers and their orders

    def do_order(
        self, lines: list[dict[str, Any]], ago_s: float = 0, status: str = "UNSHIPPED"
    ) -> dict[str, str]:
        """Place an order, ``ago_s`` seconds ago; one of Amazon-fulfilled SKUs is Amazon's to send."""
        wishes = wishes_of(lines)
        order = self._sales.place(wishes, status, self._now - timedelta(seconds=ago_s))
        return {"order_id": order.number}

    def do_cancel(self, order_id: str, by: str = "BUYER") -> None:
        """Cancel an order; ``by`` is BUYER, MERCHANT or AMAZON."""
        self._sales.cancel(self._sales.get(order_id), by, self._now)

    def do_ask_cancel(self, order_id: str) -> None:
        """Let the buyer ask for a cancel, which the seller has not yet granted."""
        self._sales.get(order_id).change(self._now, cancel_asked=True)

    def do_partial_cancel(self, order_id: str, line: int | str, quantity: int) -> None:
        """Cancel pieces of a line: its place from 0, its ``orderItemId`` or its SKU."""
        order = self._sales.get(order_id)
        self._sales.reduce(order, _place(order, line), int(quantity), self._now)

    def do_status(self, order_id: str, status: str) -> None:
        """Set the status of an order: PENDING becomes UNSHIPPED once it is paid."""
        self._sales.set_status(self._sales.get(order_id), status, self._now)

    def do_ship(self, order_id: str, line: int | str | None = None, quantity: int | None = None) -> None:
        """Send an order off, or pieces of one line."""
        order = self._sales.get(order_id)
        place = None if line is None else _place(order, line)
        self._sales.ship(order, place, None if quantity is None else int(quantity), self._now)

    def do_orders(self) -> list[dict[str, Any]]:
        """Give all orders, oldest first."""
        return [_order_row(order) for order in self._sales.orders.values()]

    def do_reported(self, order_id: str) -> dict[str, int]:
        """Say how often the API gave this order, and how often as cancelled."""
        order = self._sales.get(order_id)
        return {"times": order.times_given, "cancelled_times": order.times_given_cancelled}

    # ------------------------------------------------------------------ the shop's staff

    def do_stock(self) -> dict[str, int]:
        """Give what buyers see."""
        return {sku: listing.quantity for sku, listing in self._goods.listings.items()}

    def do_set_stock(self, code: str, quantity: int) -> None:
        """Edit a number by hand in セラーセントラル; shows at once."""
        if not 0 <= int(quantity) <= self._settings.quantity_max:
            raise ValueError(f"a quantity is 0 to {self._settings.quantity_max}")
        listing = self._goods.find(code)
        listing.set_quantity(int(quantity))
        listing.updated = self._now

    def do_add_product(
        self, code: str, name: str, quantity: int = 0, channel: str = MERCHANT
    ) -> dict[str, str]:
        """List something new; with ``channel`` AMAZON_JP it is Amazon-fulfilled."""
        if code in self._goods.listings:
            raise ValueError(f"{code!r} is listed already")
        if channel not in (MERCHANT, FBA):
            raise ValueError(f"channel is {MERCHANT} or {FBA}")
        return {"asin": self._goods.add(code, name, channel, int(quantity), self._now).asin}

    def do_add_numbered(self, count: int = 250, quantity: int = 3) -> None:
        """List this many plain products, ``p00001`` and on, for paging."""
        for number in range(1, int(count) + 1):
            self.do_add_product(f"p{number:05d}", f"商品{number}", quantity)

    def do_remove_product(self, code: str) -> None:
        """Delete a listing: writes to it are accepted and dropped from now on."""
        del self._goods.listings[self._goods.find(code).sku]

    def do_listing(self, code: str) -> dict[str, Any]:
        """Give the channel entries and issues of a listing."""
        listing = self._goods.find(code)
        return {"entries": dict(listing.entries), "fba": listing.is_fba, "issues": list(listing.issues)}

    def do_edit_listing(self, code: str, **fields: Any) -> None:
        """Change a listing: title, product_type; of its own channel: lead_time_to_ship_max_days,
        restock_date; ``channels`` (a list) replaces its channels.
        """
        listing = self._goods.find(code)
        for name, value in fields.items():
            if name in ("title", "product_type"):
                setattr(listing, name, str(value))
            elif name in ("lead_time_to_ship_max_days", "restock_date") and MERCHANT in listing.entries:
                listing.entries[MERCHANT][name] = value
            elif name == "channels":
                _set_channels(listing, value)
            else:
                raise ValueError(f"no field {name!r}")
        listing.updated = self._now

    def do_pending(self) -> list[str]:
        """Give the SKUs whose accepted writes do not show yet."""
        return self._goods.pending()

    def do_incidents(self) -> list[dict[str, str]]:
        """Give the writes that did harm.

        ``default_on_fba``, ``lead_time_wiped``, ``whole_listing_touched`` (UPDATE or DELETE in a feed).
        """
        return list(self._goods.incidents)

    def do_dropped(self) -> list[dict[str, str]]:
        """Give the writes that were accepted and changed nothing."""
        return list(self._goods.dropped)

    def do_feeds(self) -> list[dict[str, Any]]:
        """Give all feeds of the queue, oldest first."""
        return [feed.row(self._now) for feed in self._feeds.feeds.values()]

    def do_queue_feed(self, seconds: float = 8 * 3600) -> None:
        """Put somebody else's work into the queue: feeds after it wait."""
        self._feeds.add("POST_PRODUCT_DATA", "", float(seconds)).foreign = True

    # ------------------------------------------------------------------ credentials

    def do_issue_secret(self) -> dict[str, str]:
        """Rotate the client secret by hand; the one before lives on for some days."""
        secret = self._keys.issue_secret(self._now)
        return {"client_secret": secret.value, "expires_at": written(secret.expires_at)}

    def do_expire_secrets(self) -> None:
        """Let every client secret end now; access tokens go on until their own end."""
        self._keys.expire_secrets(self._now)

    def do_authorize(self) -> dict[str, str]:
        """Let the seller authorize the application again."""
        token = self._keys.authorize(self._now, self._settings.seller_id)
        return {"refresh_token": token.value, "authorized_at": written(token.authorized_at)}

    def do_revoke(self) -> None:
        """Let the seller take every authorization back."""
        self._keys.revoke(self._now)

    def do_foreign_authorization(self) -> dict[str, str]:
        """Give the refresh token of another seller: it works, and opens another shop."""
        return {"refresh_token": self._keys.authorize(self._now, FOREIGN_SELLER).value}

    def do_expire_tokens(self) -> None:
        """Let every access token given so far end now."""
        self._keys.expire_access(self._now)

    def do_tokens(self) -> dict[str, int]:
        """Say how many access tokens were given, and how many of them live."""
        tokens = self._keys.access_tokens.values()
        live = sum(not token.revoked and self._now < token.expires_at for token in tokens)
        return {"given": len(tokens), "live": live}

    def do_notices(self) -> list[dict[str, Any]]:
        """Give what arrived in the queue for rotations of the secret."""
        return list(self._account.queue)

    # ------------------------------------------------------------------ the page

    def _stock_rows(self) -> list[dict[str, Any]]:
        return [_stock_row(listing) for listing in self._goods.listings.values()]

    def _hands(self) -> list[dict[str, Any]]:
        return HANDS

    def _notes(self) -> list[str]:
        secrets = [s for s in self._keys.secrets if s.expires_at > self._now]
        notes = [f"クライアントシークレット: {written(s.expires_at)[:10]} まで" for s in secrets]
        notes += [f"フィード {row['feedId']}: {row['processingStatus']}" for row in self.do_feeds()[-3:]]
        waiting, harm = len(self._goods.pending()), len(self._goods.incidents)
        notes += [f"反映待ちの書き込み: {waiting}件"] if waiting else []
        notes += [f"害のある書き込み: {harm}件"] if harm else []
        return notes + super()._notes()


HANDS: list[dict[str, Any]] = [
    {"title": "クライアントシークレットを失効させる", "verb": "expire_secrets"},
    {"title": "新しいシークレットを発行", "verb": "issue_secret"},
    {"title": "認可を取り消す", "verb": "revoke"},
    {"title": "もう一度認可する", "verb": "authorize"},
    {"title": "アクセストークンを失効させる", "verb": "expire_tokens"},
    {"title": "フィードの列を8時間ふさぐ", "verb": "queue_feed"},
    {"title": "メンテナンスに入る", "verb": "fault", "arguments": {"name": "maintenance"}},
    {"title": "500エラーを返す", "verb": "fault", "arguments": {"name": "status", "code": 500}},
    {
        "title": "書き込みの返事をなくす",
        "verb": "fault",
        "arguments": {"name": "cut_after", "function": "patch_item", "count": 1},
    },
]
"""What the page offers a person to try at this mall."""


def _place(order: Order, line: int | str) -> int:
    for place, found in enumerate(order.now.lines):
        if line in (place, found.item_id, found.sku):
            return place
    raise ValueError(f"order {order.number} has no line {line!r}; its places start at 0")


def _set_channels(listing: Listing, channels: list[str]) -> None:
    old = listing.entries
    listing.entries = {code: old.get(code, {"fulfillment_channel_code": code}) for code in channels}


def _stock_row(listing: Listing) -> dict[str, Any]:
    title = f"{listing.title}（FBA）" if listing.is_fba else listing.title
    return {"code": listing.sku, "name": title, "quantity": listing.quantity}


def _order_row(order: Order) -> dict[str, Any]:
    lines = [
        {"line": place, "item_id": line.item_id, "code": line.sku, "quantity": line.standing}
        for place, line in enumerate(order.now.lines)
    ]
    return {"order_id": order.number, "lines": lines, "state": order.now.status}
