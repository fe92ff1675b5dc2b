"""The words and bounds of the files: which keys stand where. The readers and the schema share them."""

from __future__ import annotations

VERSION = "1"

MAPPING = ("version", "shops", "defaults", "products", "include", "payments", "deliveries")
INCLUDED = ("products",)
SHOP = (
    *("mall", "orders", "orders_reason", "code_field", "on_cancel", "safety_stock"),
    *("cap", "share", "joiner", "on_unlink", "status", "mode", "last_units"),
)
ON_CANCEL = ("return_stock", "mall_returns_stock")
DEFAULTS = ("safety_stock", "last_units")
PRODUCT = ("code", "name", "axes", "listings", "safety_stock", "last_units", "set")
AXIS = ("name", "values")
LEGACY = ("legacy_code", "reason")
TEAM = ("version", "roles", "default_role", "channels", "language", "windows")
CHANNELS = ("ops",)
WINDOW = ("kind", "from", "until", "shops", "reason")

JOINERS = ("-", "")
MOST = 9_999_999  # of any number of pieces

# Regular expressions that the whole text matches, in what Python and ECMAScript share.
CODE_FORM = "[A-Za-z0-9-]+"
SHOP_FORM = "[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"
WORD_FORM = "[A-Za-z][A-Za-z0-9_]{0,39}"
WHOLE_FORM = "0|[1-9][0-9]{0,6}"
WEIGHT_FORM = r"(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,3})?"
USER_FORM = "[UW][A-Z0-9]{2,20}"
GROUP_FORM = "S[A-Z0-9]{2,20}"
CHANNEL_FORM = "[CG][A-Z0-9]{2,20}"
# Folders by name and a wildcard in the last part only: a folder tree is never walked.
INCLUDE_FORM = r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_*?-][A-Za-z0-9._*?-]*\.ya?ml"
