"""The folders of the CSV route, and the queue that takes files from there to the stock (spec 5.1-5.4)."""

from __future__ import annotations

import re
import shutil
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.malls.common.log import Entry, Log
from sandbox.malls.rakuten import csvform
from sandbox.malls.rakuten.csvform import (
    LINK_CODE,
    MANAGE_NUMBER,
    PRODUCT_ROW_MISSING,
    QUANTITY,
    SKU_NUMBER,
    Row,
)
from sandbox.malls.rakuten.faults import Faults
from sandbox.malls.rakuten.goods import Goods
from sandbox.malls.rakuten.settings import Settings
from sandbox.malls.rakuten.stock import QUANTITY_MAX, Stock
from sandbox.malls.rakuten.wire import JST
from sandbox.world import World

NAME_FORM = re.compile(r"normal-item.*\.csv")
QUANTITY_FORM = re.compile(r"[0-9]{1,5}")
PRODUCT_ROW_REFUSED = "商品レベル行がエラーのため、更新されませんでした。"
LOG_HEADER = ("行番号", MANAGE_NUMBER, SKU_NUMBER, "エラー内容")
DOWNLOAD_HEADER = (MANAGE_NUMBER, "商品番号", "商品名", SKU_NUMBER, LINK_CODE, QUANTITY)


@dataclass
class Result:
    """What became of a file, as the mail to the shop tells it; ``failed`` rows need not be named."""

    at: str
    file: str
    applied: int = 0
    failed: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Taken:
    """A file that has vanished from the batch folder and is being worked on."""

    ready_s: float
    name: str
    content: bytes


@dataclass(frozen=True)
class _Flaw:
    """A row and what is wrong with it."""

    row: Row
    text: str

    def told(self) -> str:
        """Give the sentence that names it."""
        return (
            f"{self.row.number}行目 {MANAGE_NUMBER}：{self.row.manage_number} "
            f"{SKU_NUMBER}：{self.row.sku_number} {self.text}"
        )


class Uploads:
    """What the SFTP user sees, and what happens to it.

    Whoever looks at the folders or the stock calls ``take_up`` first: nothing runs in between.
    """

    def __init__(
        self, world: World, goods: Goods, stock: Stock, faults: Faults, settings: Settings, log: Log
    ) -> None:
        self._world = world
        self._goods = goods
        self._stock = stock
        self._faults = faults
        self._settings = settings
        self._log = log
        self._landed: dict[Path, float] = {}
        self._taken: list[_Taken] = []
        self._downloads = 0
        self.root = world.folder / "rakuten-sftp"
        self.batch = self.root / "ritem/batch"
        self.logs = self.root / "ritem/logs"
        self.download = self.root / "ritem/download"
        self.results: list[Result] = []
        shutil.rmtree(self.root, ignore_errors=True)
        for folder in (self.batch, self.logs, self.download):
            folder.mkdir(parents=True)

    def mails(self) -> list[dict[str, object]]:
        """Give the result mails, oldest first."""
        return [asdict(result) for result in self.results]

    def texts(self, folder: Path) -> dict[str, str]:
        """Give every file in a folder, as text."""
        return {path.name: path.read_bytes().decode("cp932", "replace") for path in sorted(folder.iterdir())}

    def working(self) -> int:
        """Give the number of files taken and not yet done."""
        return len(self._taken)

    def land(self, path: Path) -> None:
        """Note that a file has got its name or some of its content now."""
        self._landed[path] = self._world.clock.seconds()
        self._world.notify()

    def ask_download(self) -> str:
        """Write the whole catalogue into the download folder, as RMS does when asked on its screen."""
        self._downloads += 1
        stamp = self._world.clock.now().astimezone(JST).strftime("%Y%m%d%H%M%S")
        path = self.download / f"dl-normal-item_{stamp}-{self._downloads}.csv"
        path.write_bytes(csvform.write([DOWNLOAD_HEADER, *self._catalogue()]))
        return path.name

    def _catalogue(self) -> list[tuple[str | int, ...]]:
        rows: list[tuple[str | int, ...]] = []
        for item in self._goods.items.values():
            if item.deleted is None:
                rows.append((item.manage_number, item.item_number, item.title, "", "", ""))
                for variant in item.variants.values():
                    pair = (item.manage_number, variant.variant_id)
                    quantity = self._stock.quantity(pair)
                    rows.append((pair[0], "", "", pair[1], variant.link_code, quantity))
        return rows

    # ------------------------------------------------------------------ the queue

    def take_up(self) -> None:
        """Take every file that has lain long enough, and finish those that are due."""
        now_s = self._world.clock.seconds()
        if not self._faults.on("not_taken"):
            for path, since_s in sorted(self._landed.items(), key=lambda entry: entry[1]):
                if since_s + self._settings.pick_up_s <= now_s:
                    del self._landed[path]
                    self._take(path, since_s + self._settings.pick_up_s)
        for taken in sorted(self._taken, key=lambda taken: taken.ready_s):
            if taken.ready_s <= now_s:
                self._taken.remove(taken)
                self._finish(taken, self._world.clock.now() - timedelta(seconds=now_s - taken.ready_s))

    def _take(self, path: Path, at_s: float) -> None:
        if not path.exists():
            return
        if NAME_FORM.fullmatch(path.name):
            self._taken.append(_Taken(at_s + self._settings.process_s, path.name, path.read_bytes()))
        else:
            self._violate(path.name, "a name that is never taken")
            if self._settings.csv_strays == "left":
                return
        path.unlink()
        self._world.notify()

    def _finish(self, taken: _Taken, at: datetime) -> None:
        result = Result(at.isoformat(), taken.name)
        self.results.append(result)
        try:
            rows = csvform.parse(
                taken.content,
                any_line_end=self._settings.csv_line_ends == "any",
                needs=(csvform.OPTION_KIND,) if self._settings.csv_needs == "option_kind" else (),
            )
        except csvform.FormError as error:
            flaws = [_Flaw(Row(1, {}), str(error))]
            result.failed = 1
        else:
            self._check_columns(taken.name, rows)
            flaws = self._register(rows, result)
        result.errors = [flaw.told() for flaw in flaws]
        if flaws:
            stamp = at.astimezone(JST).strftime("%Y%m%d%H%M%S%f")[:17]
            path = self.logs / f"{taken.name.removesuffix('.csv')}.{stamp}.csv"
            path.write_bytes(self._log_file(result, flaws))
        self._world.notify()

    def _check_columns(self, name: str, rows: list[Row]) -> None:
        written = {column for row in rows for column, value in row.fields.items() if value}
        if more := written - csvform.PLAYED:
            self._violate(name, f"writes more than stock: {', '.join(sorted(more))}")

    def _violate(self, name: str, what: str) -> None:
        path = f"/{self.batch.relative_to(self.root)}/{name}"
        self._log.violate(Entry(self._world.clock.now(), "sftp", "WRITE", path), what)

    def _log_file(self, result: Result, flaws: list[_Flaw]) -> bytes:
        # The columns of the mall's log are not known: readers look for the numbers as text.
        if self._settings.csv_log == "text":
            summary = f"正常 {result.applied}件、エラー {result.failed}件"
            return "".join(f"{line}\r\n" for line in (summary, *result.errors)).encode("cp932", "replace")
        rows = [(flaw.row.number, flaw.row.manage_number, flaw.row.sku_number, flaw.text) for flaw in flaws]
        return csvform.write([LOG_HEADER, *rows])

    # ------------------------------------------------------------------ the rows

    def _register(self, rows: list[Row], result: Result) -> list[_Flaw]:
        """Apply what can be applied; give the flaws that the log names."""
        flaws: list[_Flaw] = []
        opened: dict[str, bool] = {}
        for row in rows:
            key = row.manage_number.lower()
            if row.is_product:
                text = self._product_flaw(row)
                opened[key] = not text
            elif key not in opened:
                text = PRODUCT_ROW_MISSING
            else:
                text = self._apply(row) if opened[key] else PRODUCT_ROW_REFUSED
            result.failed += bool(text)
            result.applied += not text
            if text and (text != PRODUCT_ROW_REFUSED or self._settings.csv_item_errors == "every_row"):
                flaws.append(_Flaw(row, text))
        return flaws

    def _product_flaw(self, row: Row) -> str:
        item = self._goods.get(row.manage_number.lower())
        if not row.whole:
            return "項目数が不正です。"
        if item is None:
            return "商品管理番号（商品URL）が存在しません。"
        if row.fields.get(QUANTITY):
            return "商品レベル行に在庫数は指定できません。"
        return "必須の商品属性が入力されていません。" if item.lacks_attributes else ""

    def _apply(self, row: Row) -> str:
        """Apply an option row or a SKU row; give what is wrong with it, or nothing."""
        if not row.whole:
            return "項目数が不正です。"
        if not row.sku_number or QUANTITY not in row.fields:
            return ""
        pair, quantity = (row.manage_number.lower(), row.sku_number), row.fields[QUANTITY]
        if not self._goods.knows(pair):
            return "SKU管理番号が存在しません。"
        if not QUANTITY_FORM.fullmatch(quantity) or int(quantity) > QUANTITY_MAX:
            return f"在庫数は0から{QUANTITY_MAX}で指定してください。"
        self._stock.set(pair, int(quantity), self._world.clock.now())
        return ""
