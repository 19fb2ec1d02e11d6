"""The kinds of files, and their columns as Chinese shops name them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sixty.errors import OperatorError
from sixty.shop.catalogue import CANONICAL_KEYS
from sixty.shop.exchange.cells import (
    Read,
    Stored,
    Write,
    read_amount,
    read_choice,
    read_code,
    read_count,
    read_measure,
    read_names,
    read_product_no,
    read_text,
    write_choice,
    write_names,
    write_number,
    write_text,
)
from sixty.shop.models import SizeRow

KindName = Literal["catalogue", "prices", "stock", "attributes", "size_charts", "pairings"]

_STATUS = {
    "在售": "on_sale",
    "上架": "on_sale",
    "出售中": "on_sale",
    "已上架": "on_sale",
    "下架": "off_sale",
    "已下架": "off_sale",
    "仓库中": "off_sale",
    "停售": "off_sale",
}
_RUNS = {"正常": "正常", "标准": "正常", "偏大": "偏大", "偏小": "偏小"}
_DOUBTS = {"版型": "fit", "质量": "quality", "尺码": "size", "日期": "date", "舒适": "comfort", "用途": "use"}


@dataclass(frozen=True)
class SheetColumn:
    """One column of a file.

    Attributes:
        field: What it is called in the staging table.
        title: The heading that is written.
        also: Other headings that are read.
        read: Turns a cell into what is stored.
        write: Turns what the tables give into a cell.
        must: Whether a file of this kind cannot do without the column.
        is_number: Whether whole numbers are stored.
    """

    field: str
    title: str
    also: tuple[str, ...]
    read: Read
    write: Write = write_text
    must: bool = False
    is_number: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of file."""

    name: KindName
    title: str
    columns: tuple[SheetColumn, ...]

    def column_of(self, heading: str) -> SheetColumn | None:
        """Finds the column that a heading means, however it is written."""
        plain = _plain(heading)
        for column in self.columns:
            if plain in {_plain(name) for name in (column.title, *column.also)}:
                return column
        return None

    def missing(self, headings: Iterable[str]) -> list[str]:
        """Lists the columns that a file of this kind needs and hasn't got."""
        found = {column.field for heading in headings if (column := self.column_of(heading))}
        return [column.title for column in self.columns if column.must and column.field not in found]


def _plain(heading: str) -> str:
    normal = unicodedata.normalize("NFKC", heading).upper()
    return "".join(char for char in normal if not char.isspace() and char not in "*()[]【】（）:：_-")


def _read_key(cell: str) -> Stored:
    key = read_text(32)(cell)
    return CANONICAL_KEYS.get(key, key) if isinstance(key, str) else None


def _text(field: str, title: str, *also: str, longest: int, must: bool = False) -> SheetColumn:
    return SheetColumn(field, title, also, read_text(longest), must=must)


def _amount(field: str, title: str, *also: str, must: bool = False) -> SheetColumn:
    return SheetColumn(field, title, also, read_amount, write_number, must, is_number=True)


def _count(field: str, title: str, *also: str, must: bool = False) -> SheetColumn:
    return SheetColumn(field, title, also, read_count, write_number, must, is_number=True)


_PRODUCT_NO = SheetColumn(
    "product_no", "商品编码", ("货号", "款号", "商品货号", "产品编码"), read_product_no, must=True
)
_SKU_CODE = SheetColumn(
    "code", "SKU编码", ("商家编码", "商家SKU编码", "规格编码", "SKU", "SKU货号"), read_code(48), must=True
)
_STOCK = _count("stock", "库存", "库存数量", "可售库存", "数量", "总库存", must=True)
_PRICES = (
    _amount("list_price", "吊牌价", "市场价", "原价", "划线价"),
    _amount("price", "价格", "售价", "销售价", "一口价", "现价", must=True),
    _amount("member_price", "会员价"),
    _amount("cost", "成本价", "成本", "进货价", "采购价"),
)

_CATALOGUE = Kind(
    "catalogue",
    "products with their variants",
    (
        _PRODUCT_NO,
        _text("name", "标题", "商品标题", "商品名称", "宝贝标题", "名称", longest=128, must=True),
        _text("category", "类目", "商品类目", "一级类目", "分类", longest=32),
        _text("kind", "品类", "品名", "二级类目", "商品类型", longest=32),
        _text("brand", "品牌", longest=64),
        SheetColumn("status", "状态", ("商品状态", "上下架"), read_choice(_STATUS), write_choice(_STATUS)),
        SheetColumn("successor_no", "替代款", ("替代货号", "升级款"), read_product_no),
        SheetColumn("aliases", "别名", ("俗称", "又名"), read_names, write_names),
        _text("picture", "图片", "主图", "主图地址", "商品主图", longest=256),
        SheetColumn("size_chart_id", "尺码表", ("尺码表编号",), read_code(64)),
        SheetColumn("runs", "尺码偏向", ("偏码",), read_choice(_RUNS), write_choice(_RUNS)),
        _SKU_CODE,
        _text("color", "颜色", "颜色分类", "颜色名称", longest=32),
        SheetColumn("size", "尺码", ("鞋码", "SIZE"), read_code(16)),
        _text("spec", "规格", "型号", "规格名称", "销售属性", longest=64),
        _STOCK,
        *_PRICES,
    ),
)
_PRICE_LIST = Kind("prices", "prices of variants", (_SKU_CODE, *_PRICES))
_STOCK_LIST = Kind("stock", "stock of variants", (_SKU_CODE, _STOCK))
_ATTRIBUTES = Kind(
    "attributes",
    "what is known about products",
    (
        _PRODUCT_NO,
        SheetColumn("key", "属性", ("属性名", "属性名称", "参数"), _read_key, must=True),
        _text("value", "属性值", "值", "参数值", "内容", longest=2_000, must=True),
        _text("selling_point", "卖点", "卖点文案", longest=2_000),
        SheetColumn("doubt", "疑虑", ("打消疑虑",), read_choice(_DOUBTS), write_choice(_DOUBTS)),
        _count("ordinal", "序号", "排序"),
    ),
)

# Titles of the measures that a chart may go by; those that the table has become columns.
_MEASURES = {
    "height": ("身高", "cm"),
    "weight": ("体重", "kg"),
    "chest": ("胸围", "cm"),
    "waist": ("腰围", "cm"),
    "foot": ("脚长", "cm"),
    "foot_length": ("脚长", "cm"),
    "age": ("年龄", "岁"),
}


def _measure_columns() -> tuple[SheetColumn, ...]:
    names = [each.name for each in SizeRow.__table__.columns]
    return tuple(
        SheetColumn(
            f"{measure}_{end}",
            f"{title}{'起' if end == 'min' else '止'}({unit})",
            (f"{title}{'下限' if end == 'min' else '上限'}", f"{'最小' if end == 'min' else '最大'}{title}"),
            read_measure,
            write_number,
            is_number=True,
        )
        for measure, (title, unit) in _MEASURES.items()
        for end in ("min", "max")
        if f"{measure}_{end}" in names
    )


_SIZE_CHARTS = Kind(
    "size_charts",
    "size charts",
    (
        SheetColumn("chart_id", "尺码表编号", ("尺码表", "编号"), read_code(64), must=True),
        _text("chart_name", "尺码表名称", "名称", longest=64),
        _text("category", "适用类目", "适用品类", "类目", longest=32),
        SheetColumn("size", "尺码", ("SIZE", "码数"), read_code(16), must=True),
        *_measure_columns(),
    ),
)
_PAIRINGS = Kind(
    "pairings",
    "what goes with what",
    (
        _PRODUCT_NO,
        SheetColumn("with_no", "搭配商品编码", ("搭配货号", "搭配款"), read_product_no, must=True),
        _text("reason", "搭配理由", "理由", "推荐理由", longest=128, must=True),
        SheetColumn("coupon_code", "搭配券", ("优惠券", "券编码"), read_code(48)),
        _count("ordinal", "序号", "排序"),
    ),
)

KINDS: dict[KindName, Kind] = {
    kind.name: kind for kind in (_CATALOGUE, _PRICE_LIST, _STOCK_LIST, _ATTRIBUTES, _SIZE_CHARTS, _PAIRINGS)
}


def kind_of(headings: Sequence[str]) -> Kind | None:
    """Guesses the kind of a file from its headings: the one that has all it needs and knows most of them."""
    fitting = [kind for kind in KINDS.values() if not kind.missing(headings)]
    return max(fitting, key=lambda kind: sum(kind.column_of(each) is not None for each in headings), default=None)


def kind_named(name: str) -> Kind:
    """Finds a kind by its name.

    Raises:
        OperatorError: There is none; names those that there are.
    """
    for kind in KINDS.values():
        if kind.name == name.replace("-", "_"):
            return kind
    raise OperatorError(f"There is no kind {name!r}; use one of {', '.join(KINDS)}")
