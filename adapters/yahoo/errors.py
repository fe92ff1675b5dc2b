"""The errors of Yahoo!ショッピング: what each is, and under which words it is explained.

The most exact come first. The sentences are in ``bot/messages``.
"""

from adapters.contract import KnownError

_SOURCE = "Yahoo! pages setStock, getStock, help, faq"
_SOURCE_2 = "Yahoo! pages yconnect/v2 and public key (X-SWS-Authorize-Status)"

ERRORS = (
    KnownError("invalid_grant", "auth", "yahoo_consent", _SOURCE),
    KnownError("px-04102", "auth", "yahoo_short", _SOURCE),
    KnownError("px-04303", "auth", "yahoo_order_api", _SOURCE),
    KnownError("px-04306", "auth", "yahoo_source_ip", _SOURCE),
    KnownError("px-14303", "auth", "yahoo_privilege", _SOURCE),
    KnownError("px-14304", "auth", "yahoo_privilege", _SOURCE),
    KnownError("st-02100", "auth", "yahoo_store_account", _SOURCE),
    KnownError("ed-00003", "auth", "yahoo_store_account", _SOURCE),
    KnownError("ed-00004", "auth", "yahoo_store_account", _SOURCE),
    KnownError("ed-00005", "auth", "yahoo_store_account", _SOURCE),
    KnownError("ed-00002", "maintenance", "maintenance", _SOURCE),
    KnownError("st-02000", "maintenance", "maintenance", _SOURCE),
    KnownError("st-01000", "maintenance", "maintenance", _SOURCE),
    KnownError("ed-00001", "temporary", "temporary", _SOURCE),
    KnownError("ed-00006", "temporary", "busy", _SOURCE),
    KnownError("st-02999", "temporary", "temporary", _SOURCE),
    KnownError("pm-08003", "temporary", "busy", _SOURCE),
    KnownError("~反映またはアップロード中", "temporary", "busy", _SOURCE),
    KnownError("ed-10002", "outcome_unknown", "yahoo_reread", _SOURCE),
    KnownError("st-02101", "line_rejected", "code_form", _SOURCE),
    KnownError("st-02104", "line_rejected", "quantity", _SOURCE),
    KnownError("st-02106", "line_rejected", "request_form", _SOURCE),
    KnownError("invalid_client", "auth", "yahoo_client", _SOURCE_2),
    KnownError("~insufficient_scope", "auth", "yahoo_scope", _SOURCE_2),
    KnownError("~public key was not accepted", "auth", "yahoo_key", _SOURCE_2),
    KnownError("~HTTP 403", "rate_limited", "quota", _SOURCE_2),
    KnownError("~HTTP 429", "rate_limited", "quota", _SOURCE_2),
    KnownError("~HTTP 503", "maintenance", "maintenance", _SOURCE_2),
    KnownError("~HTTP 401", "auth", "yahoo_consent", _SOURCE_2),
)
