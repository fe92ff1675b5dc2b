"""The switches of the simulated mall: what the spec leaves open, or what a tour wants faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.malls.common.settings import Switches


@dataclass
class Settings(Switches):
    """Defaults are the published behaviour, and the harsher case where nothing is published.

    Args:
        seller_id: merchant token of the shop.
        store_name: name of the shop in ``marketplaceParticipations``.
        participating: the seller takes part in the Japanese marketplace.
        suspended: the seller has suspended listings.
        rates: multiplies every published rate, bursts stay; 0 switches the rate limits off.
        rate_header: answers carry ``x-amzn-RateLimit-Limit`` where the models define it.
        quota_text: message of a 429.
        strict: unknown query parameters and unknown top-level fields of bodies are refused.
        asks_user_agent: a call whose user agent has not Amazon's form is a violation.
        access_token_s: life of an access token.
        refresh_token_days: life of a refresh token; 0 is a private app's, which may never end.
        refresh_rotation: the token answer's refresh token: the same, a new one, a new one only.
        secret_days: life of a client secret.
        old_secret_days: how long the secret before lives on after a rotation.
        revocation_kills_access: access tokens die with the refresh token they came from.
        rotation_queue: a queue is registered, so that the secret can be rotated by a call.
        expired_details: ``details`` of the 403 for an expired access token.
        malformed_status: status for a token that has not the form of one, at feeds and reports.
        not_found_text: message of the 404 for an unknown SKU; ``{sku}`` stands for it.
        unknown_item: whether a search for an unknown SKU leaves it out or gives it with its name alone.
        delay_s: how late an accepted write shows in reads and to buyers.
        merge_creates: ``merge`` makes an entry of a channel that the listing does not have.
        fba_write: what stock for ``DEFAULT`` does to an Amazon-fulfilled listing.
        fba_quantity_shown: Amazon's own quantity stands in ``fulfillmentAvailability``.
        quantity_max: largest quantity of a write.
        feed_queue_s: how long a feed waits though nothing is before it.
        feed_s: how long a feed takes.
        feed_gzip: result documents are compressed.
        fatal_report: a feed that ends ``FATAL`` has a result document all the same.
        report_s: how long a report takes.
        report_form: the catalogue file: cp932 with Japanese headers, or UTF-8 with English ones.
        report_charset: the download names the charset of that file.
        report_gzip: that file is compressed.
        url_s: life of a URL of the file store.
        sale_lowers_stock: an order takes its pieces off the listing's quantity at once.
        returns_stock_on_cancel: a cancelled order gives its pieces back to the listing.
        order_lag_s: how late a new or changed order becomes visible to the order API.
        upper_bound_age_s: how far before now the upper bound of an order search ends.
        cancelled_pieces: which number of a line falls with cancelled pieces.
        unasked_buyer: orders carry ``buyer`` and ``recipient`` that nobody asked for.
        v0_removed_on: day from which the order reads of version 0 are gone.
        buyer: name in the personal data of new orders.
    """

    seller_id: str = "A1SANDBOXSELL"
    store_name: str = "棚番商店"
    participating: bool = True
    suspended: bool = False
    rates: float = 1.0
    rate_header: bool = True
    quota_text: str = "You exceeded your quota for the requested resource."
    strict: bool = True
    asks_user_agent: bool = True
    access_token_s: float = 3600.0
    refresh_token_days: int = 365
    refresh_rotation: Literal["same", "new", "new_only"] = "same"
    secret_days: int = 180
    old_secret_days: int = 7
    revocation_kills_access: bool = True
    rotation_queue: bool = False
    expired_details: str = "The access token you provided has expired."
    malformed_status: Literal[403, 401] = 403
    not_found_text: str = "SKU '{sku}' not found in marketplace A1VC38T7YXB528"
    unknown_item: Literal["absent", "bare"] = "absent"
    delay_s: float = 3.0
    merge_creates: bool = True
    fba_write: Literal["adds", "switches"] = "adds"
    fba_quantity_shown: bool = False
    quantity_max: int = 2**31 - 1
    feed_queue_s: float = 5.0
    feed_s: float = 300.0
    feed_gzip: bool = True
    fatal_report: bool = False
    report_s: float = 30.0
    report_form: Literal["cp932", "utf-8"] = "cp932"
    report_charset: bool = True
    report_gzip: bool = False
    url_s: float = 300.0
    sale_lowers_stock: bool = True
    returns_stock_on_cancel: bool = False
    order_lag_s: float = 0.0
    upper_bound_age_s: float = 120.0
    cancelled_pieces: Literal["unfulfilled", "ordered"] = "unfulfilled"
    unasked_buyer: bool = False
    v0_removed_on: str = "2027-03-27"
    buyer: str = "山田 花子"
