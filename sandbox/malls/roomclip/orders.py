"""Orders of RoomClip's shoppers, and the rows of the order file that TEMPOSTAR gives out.

The personal columns hold made-up people: they are there so that a reader that keeps them is found out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.malls.roomclip.settings import Settings

COLUMNS = (
    "システム受注番号",
    "受注進捗コード",
    "ショップ受注番号",
    "受注日時",
    "注文者名",
    "注文者名カナ",
    "注文者郵便番号",
    "注文者住所",
    "注文者電話番号",
    "注文者メールアドレス",
    "支払方法名",
    "請求金額",
    "配送先名",
    "配送先住所",
    "配送先電話番号",
    "商品コード",
    "商品名",
    "項目選択肢",
    "数量",
    "税込単価",
)
PERSONAL = (
    "架空 花子",
    "カクウ ハナコ",
    "000-0000",
    "架空県見本市一丁目1",
    "00-0000-0000",
    "hanako@shopper.invalid",
)
_UNIT_PRICE = 1980


@dataclass(frozen=True)
class OrderLine:
    """One product of an order."""

    code: str
    quantity: int
    name: str
    choices: str


@dataclass(frozen=True)
class Order:
    """An order as it was at one time: placed, or cancelled later.

    Args:
        order_id: ショップ受注番号, the shop code and RoomClip's number (spec 5.4).
        ordered_at: in Japan's time.
    """

    order_id: str
    number: int
    ordered_at: datetime
    lines: tuple[OrderLine, ...]
    state: str = "new"


def order_rows(order: Order, settings: Settings) -> list[list[str]]:
    """Give the rows of an order, one an item, in the order of ``COLUMNS``."""
    progress = settings.cancelled_progress if order.state == "cancelled" else settings.new_progress
    total = sum(line.quantity for line in order.lines) * _UNIT_PRICE
    name, kana, postcode, address, phone, mail = PERSONAL
    head = [str(order.number), progress, order.order_id, order.ordered_at.strftime("%Y/%m/%d %H:%M")]
    person = [
        name,
        kana,
        postcode,
        address,
        phone,
        mail,
        "クレジットカード",
        str(total),
        name,
        address,
        phone,
    ]
    return [
        [*head, *person, line.code, line.name, line.choices, str(line.quantity), str(_UNIT_PRICE)]
        for line in order.lines
    ]
