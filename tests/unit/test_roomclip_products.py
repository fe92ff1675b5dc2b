"""RoomClip's product CSV: what a person is told about each row."""

import pytest

from adapters.errors import UnexpectedReplyError
from adapters.roomclip.products import product_file

HEADER = "親子・単品フラグ,種類別の自社管理コード,出品ステータス,商品名,在庫数\r\n"


def read(rows, encoding="utf-8"):
    text = HEADER + "".join(f"{row}\r\n" for row in rows)
    return product_file("products.csv", text.encode(encoding))


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        ("0,mug,公開,マグ,0", None),
        ("2,tee-red-m,公開,T,0", None),
        ("1,,公開,T,", None),
        ("1,tee,公開,T,", ("code_on_parent", "tee")),  # B15
        ("2,,公開,T,0", ("code_missing", "T")),  # B15
        ("0,mug,公開,マグ,3", ("stock_not_zero", "mug")),  # B17
        ("0,mug,下書き,マグ,0", ("not_on_sale", "mug")),  # B16
    ],
)
def test_each_slip_is_named_with_its_row(row, finding):
    found = [(f.row, f.key, f.code) for f in read([row]).findings]
    assert found == ([(2, *finding)] if finding else [])


def test_code_that_stands_twice_is_named_at_its_second_row():
    findings = read(["0,mug,公開,a,0", "0,mug,公開,b,0"]).findings
    assert [(f.row, f.key) for f in findings] == [(3, "code_twice")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_both_encodings_are_read_by_trial(encoding):
    product = read(["0,mug,下書き,マグカップ髙,0"], encoding).products[0]
    assert (product.mall_code, product.name, product.on_sale) == ("mug", "マグカップ髙", False)


def test_code_is_kept_as_it_is_written():  # B14
    codes = [product.mall_code for product in read(["0,MUG,公開,a,0", "0,mug ,公開,b,0"]).products]
    assert codes == ["MUG", "mug "]


def test_other_file_is_refused_with_the_column_that_it_lacks():
    with pytest.raises(UnexpectedReplyError, match="種類別の自社管理コード"):
        product_file("x.csv", "親子・単品フラグ,出品ステータス\r\n0,公開\r\n".encode())
