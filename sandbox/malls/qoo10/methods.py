"""Which class and method is which function, and what it may be sent (spec 5)."""

from __future__ import annotations

from dataclasses import dataclass

PATH = "/GMKT.INC.Front.QAPIService/ebayjapan.qapi"


@dataclass(frozen=True)
class Method:
    """One method of QAPI; faults and the journal call it by its name without the class."""

    service: str
    name: str
    versions: tuple[str, ...]
    fields: tuple[str, ...]
    bulk: bool = False


def _method(full: str, versions: str, fields: str, *, bulk: bool = False) -> Method:
    service, _, name = full.partition(".")
    return Method(service, name, tuple(versions.split()), tuple(fields.split()), bulk)


PRICE_AND_QUANTITY = "ItemCode SellerCode Price TaxRate Qty ExpireDate StartDate"
OPTION = "ItemCode SellerCode OptionName OptionValue OptionCode"

METHODS: tuple[Method, ...] = (
    _method("CertificationAPI.CreateCertificationKey", "1.0", "user_id pwd"),
    _method("ItemsLookup.GetAllGoodsInfo", "1.0", "ItemStatus Page"),
    _method("ItemsLookup.GetItemDetailInfo", "1.0 1.1 1.2", "ItemCode SellerCode"),
    _method("ItemsLookup.GetGoodsInventoryInfo", "1.0", "ItemCode SellerCode"),
    _method("ItemsOrder.SetGoodsPriceQty", "1.0 1.1", PRICE_AND_QUANTITY),
    _method("ItemsOrder.SetGoodsPriceQtyBulk", "1.0 1.1", "ItemInfoJson", bulk=True),
    _method("ItemsOptions.UpdateInventoryQtyUnit", "1.0", f"{OPTION} Qty"),
    _method("ItemsOptions.UpdateInventoryDataBulk", "1.0", "ItemInfoJson", bulk=True),
    _method(
        "ShippingBasic.GetShippingInfo_v3",
        "1.0",
        "ShippingStatus SearchStartDate SearchEndDate SearchCondition",
    ),
    _method("ShippingBasic.GetClaimInfo_V3", "1.0", "ClaimStat search_Sdate search_Edate search_condition"),
    _method("ShippingBasic.GetShippingAndClaimInfoByOrderNo_V2", "1.0", "OrderNo"),
)

# Real methods that change far more than stock, or nothing: any call of them is a mistake (spec 5).
FORBIDDEN: dict[str, tuple[str, ...]] = {
    "itemsoptions": ("editgoodsinventory", "editcommongoodsinventory", "updateinventoryqtyplusunit"),
    "itemsbasic": ("updategoods", "editgoodsstatus"),
}

FUNCTIONS = tuple(method.name for method in METHODS)
SERVICES = frozenset({method.service.lower() for method in METHODS} | set(FORBIDDEN))


def method_at(path: str) -> Method | None:
    """Find the method of a path; class and method names know no case (spec 3)."""
    wanted = path.removeprefix(f"{PATH}/").lower()
    return next((m for m in METHODS if f"{m.service}.{m.name}".lower() == wanted), None)


class Buckets:
    """One token bucket per key."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, name: str, per_s: float, burst: int, now_s: float) -> bool:
        """Take a token if there is one."""
        left, filled_at = self._left.get(name, (float(burst), now_s))
        left = min(float(burst), left + (now_s - filled_at) * per_s)
        enough = left >= 1
        self._left[name] = (left - 1 if enough else left, now_s)
        return enough
