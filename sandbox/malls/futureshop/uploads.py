"""Stock files in the FTP area: taken up later, checked as a whole, told by a result mail (spec 5)."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sandbox.malls.futureshop import csvform
from sandbox.malls.futureshop.faults import Faults
from sandbox.malls.futureshop.goods import COUNT_MAX, REGULAR, SINGLE, Goods, Pair, Product
from sandbox.malls.futureshop.settings import Settings
from sandbox.world import World

VARIATION_PRODUCTS_MOST = 1000
PRODUCT_ROWS_MOST = 5000
FILE_BYTES_MOST = 30_000_000
COUNT_FORM = re.compile(r"[+-]?[0-9]{1,9}")
Record = dict[str, str]


@dataclass
class Result:
    """The mail that tells what became of a file."""

    at: str
    file: str
    applied: int = 0
    errors: list[str] = field(default_factory=list)


class Uploads:
    """The FTP area and the queue behind it.

    Whoever looks at the area or the stock calls ``take_up`` first: nothing runs in between.
    """

    def __init__(self, world: World, goods: Goods, faults: Faults, settings: Settings) -> None:
        self._world = world
        self._goods = goods
        self._faults = faults
        self._settings = settings
        self._landed: dict[Path, float] = {}
        self.root = world.folder / "futureshop-area"
        self.root.mkdir(exist_ok=True)
        self.results: list[Result] = []

    def mails(self) -> list[dict[str, object]]:
        """Give the result mails, oldest first."""
        return [asdict(result) for result in self.results]

    def texts(self) -> dict[str, str]:
        """Give every file that lies there, as text."""
        files = sorted(path for path in self.root.rglob("*") if path.is_file())
        return {
            f"/{path.relative_to(self.root)}": path.read_bytes().decode("cp932", "replace") for path in files
        }

    def landed(self, path: Path, since_s: float) -> None:
        """Note when a file had its whole content and its name."""
        self._landed[path] = since_s

    def take_up(self) -> None:
        """Take every file that has lain long enough."""
        if self._faults.on("not_taken"):
            return
        due = self._world.clock.seconds() - self._settings.pick_up_s
        for path, since in sorted(self._landed.items(), key=lambda entry: entry[1]):
            if not path.exists():
                del self._landed[path]
            elif path.suffix == ".csv" and since <= due:
                del self._landed[path]
                self._take(path)

    def _take(self, path: Path) -> None:
        content = path.read_bytes()
        path.unlink()
        result = Result(self._world.clock.now().isoformat(), path.name)
        self.results.append(result)
        try:
            self._register(path.name, content, result)
        except csvform.FormError as wrong:
            result.errors = [str(wrong)]
        self._world.notify()

    def _register(self, name: str, content: bytes, result: Result) -> None:
        if not name.isascii():
            raise csvform.FormError("ファイル名は半角で指定してください")
        if len(content) > FILE_BYTES_MOST:
            raise csvform.FormError("ファイルサイズが30MBを超えています")
        headers = (self._settings.variation_header, self._settings.product_header)
        header, records = csvform.parse(content, headers)
        if header == self._settings.variation_header:
            if len({record[csvform.URL_CODE] for record in records}) > VARIATION_PRODUCTS_MOST:
                raise csvform.FormError(f"商品数が{VARIATION_PRODUCTS_MOST}を超えています")
        elif len(records) > PRODUCT_ROWS_MOST:
            raise csvform.FormError(f"{PRODUCT_ROWS_MOST}行を超えています")
        for number, record in enumerate(records, 2):
            wrong = self._apply(record)
            result.applied += not wrong
            result.errors += [f"{number}行目: {wrong}"] if wrong else []

    def _apply(self, record: Record) -> str:
        """Apply one record; give what is wrong with it, or nothing."""
        product = self._product(record[csvform.URL_CODE])
        pair: Pair = (record.get(csvform.HORIZONTAL, ""), record.get(csvform.VERTICAL, ""))
        if product is None:
            return "商品URLコードが存在しません"
        if pair not in product.shelves[REGULAR] or (csvform.HORIZONTAL in record) == (pair == SINGLE):
            return "バリエーションが存在しません"
        control, count = record.get(csvform.CONTROL, ""), record[csvform.COUNT]
        if control not in ("", "d"):
            return "コントロールカラムが不正です"
        after = self._after("0" if control == "d" else count, product.shelves[REGULAR][pair])
        if after is None:
            return "調整在庫数が不正です"
        self._goods.set(product.key(pair), after, self._world.clock.now())
        return ""

    def _product(self, url_code: str) -> Product | None:
        found = (product for product in self._goods.products.values() if product.url_code == url_code)
        return next(found, None)

    def _after(self, count: str, before: int) -> int | None:
        if not count:
            return before
        signed = count[0] in "+-"
        if not COUNT_FORM.fullmatch(count) or (signed and self._settings.csv_signs == "refused"):
            return None
        after = before + int(count) if signed else int(count)
        return after if 0 <= after <= COUNT_MAX else None
