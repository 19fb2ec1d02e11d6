"""Draws a product's picture from what is known of it: its kind and its colour."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from sixty.desk.picture_shapes import NEUTRAL_SHAPE, SHAPES, shape_for

PAPER = "#fffdf9"
INK = "#4a4440"
PALE = 200
NEUTRAL_COLOR = "#c9b8a8"
NEUTRAL_GROUND = "#f3ece4"

_GROUND_OF_CATEGORY = {
    "工装": "#ece6da",
    "母婴": "#fdeedd",
    "美妆": "#fbe6e6",
    "数码家电": "#e3ecf2",
    "生鲜食品": "#eaf1dd",
    "文具": "#e9e8f4",
}
_COLOR_OF_CATEGORY = {
    "工装": "#8b7a5c",
    "母婴": "#f2b880",
    "美妆": "#d98c94",
    "数码家电": "#5f7d95",
    "生鲜食品": "#d98a3d",
    "文具": "#6f78b5",
}
# Where the goods have a colour of their own, whatever the variant is called.
_COLOR_OF_WORD = (
    ("大米", "#d9b45b"),
    ("油", "#e2b03c"),
    ("坚果", "#a8673a"),
    ("速食", "#f1dfc0"),
    ("糕点", "#e0b071"),
    ("茶", "#5d7f4a"),
    ("滋补", "#a5483b"),
    ("肉", "#a9473a"),
    ("水果", "#e07a3a"),
)
# Names of colours are free; what tells them is a word inside. More telling words come first.
_COLOR_WORDS = (
    ("卡其", "#b79b6b"),
    ("军绿", "#5f6b45"),
    ("橄榄", "#77794a"),
    ("墨绿", "#2f5245"),
    ("森林", "#3d6146"),
    ("薄荷", "#9ed4bd"),
    ("荧光", "#dbe84a"),
    ("藏青", "#2c3a57"),
    ("海军", "#2a3f66"),
    ("靛", "#33508a"),
    ("雾蓝", "#8fa8bd"),
    ("浅蓝", "#a4c6e0"),
    ("天空", "#8fc1e6"),
    ("星空蓝", "#3a4f86"),
    ("深蓝", "#2d4a7c"),
    ("酒红", "#7b2b3a"),
    ("豆沙", "#b5655f"),
    ("正红", "#c9302c"),
    ("樱花", "#f3bccb"),
    ("玫瑰", "#d9718a"),
    ("草莓", "#ef9aa6"),
    ("燕麦", "#ddcdb2"),
    ("奶茶", "#c9a684"),
    ("奶咖", "#bd9a7a"),
    ("奶油", "#f4e3ab"),
    ("鹅黄", "#f5dc7f"),
    ("米白", "#efe6d4"),
    ("奶白", "#f5efe3"),
    ("象牙", "#f0dfc8"),
    ("自然色", "#e3c4a0"),
    ("暖杏", "#dcb38a"),
    ("小麦", "#c9986a"),
    ("原木", "#cfa873"),
    ("驼", "#b98b5c"),
    ("沙", "#d3bd95"),
    ("银", "#cfd4d8"),
    ("深空", "#50555c"),
    ("深灰", "#5b5f63"),
    ("长颈鹿", "#e0a94f"),
    ("小熊", "#a89b90"),
    ("小象", "#9fb0be"),
    ("透明", "#dbe6ea"),
    ("橙", "#e58b3a"),
    ("紫", "#a79bc9"),
    ("绿", "#7fae86"),
    ("蓝", "#5a8bbf"),
    ("粉", "#eaa8b4"),
    ("红", "#c94a44"),
    ("黄", "#ecc75a"),
    ("棕", "#7d5a41"),
    ("咖", "#7d5a41"),
    ("灰", "#9a9b9b"),
    ("白", "#f6f3ee"),
    ("黑", "#35363a"),
)


def product_picture(name: str, kind: str, category: str, color: str) -> str:
    """Draws a product as SVG.

    Args:
        name: What screen readers read.
        kind: The kind of product, which decides the shape.
        category: Decides the ground, and shape and colour where the others don't.
        color: A variant's colour by its name; may be empty.
    """
    main = _own_color(kind) or _named_color(color) or _COLOR_OF_CATEGORY.get(category, NEUTRAL_COLOR)
    ground = _GROUND_OF_CATEGORY.get(category, NEUTRAL_GROUND)
    return _drawing(name, shape_for(kind, category), main, ground)


def outfit_picture(name: str, parts: Sequence[str]) -> str:
    """Puts pictures together into one: the first one large, up to four others beside it.

    Args:
        name: What screen readers read.
        parts: Pictures as SVG, as `product_picture` draws them; at least one.
    """
    beside = parts[1:5]
    width, height = (160, 240 // len(beside)) if beside else (240, 240)
    placed = [_placed(parts[0], 0, 0, width, 240)]
    placed += [_placed(part, width, place * height, 240 - width, height) for place, part in enumerate(beside)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" role="img">'
        f"<title>{escape(name)}</title>{''.join(placed)}</svg>"
    )


def neutral_picture() -> str:
    """Draws what stands for a product that is not known."""
    return _drawing("商品", NEUTRAL_SHAPE, NEUTRAL_COLOR, NEUTRAL_GROUND)


def _drawing(name: str, shape: str, main: str, ground: str) -> str:
    pale = min(_channels(main)) > PALE
    body = SHAPES[shape].format(
        main=main,
        dark=_mixed(main, "#000000", 0.22),
        light=_mixed(main, "#000000", 0.12) if pale else _mixed(main, "#ffffff", 0.4),
        paper=_mixed(ground, "#000000", 0.22) if pale else PAPER,
        ink=INK,
    )
    # What is nearly white itself stands before a deeper ground, or nobody would see it.
    halo = _mixed(ground, "#000000", 0.07) if pale else _mixed(ground, "#ffffff", 0.5)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" role="img">'
        f"<title>{escape(name)}</title>"
        f'<rect width="240" height="240" fill="{ground}"/>'
        f'<circle cx="120" cy="124" r="98" fill="{halo}"/>'
        f'<ellipse cx="120" cy="212" rx="62" ry="7" fill="{_mixed(ground, "#000000", 0.16)}"/>'
        f"{body}</svg>"
    )


def _placed(drawing: str, x: int, y: int, width: int, height: int) -> str:
    place = f'<svg x="{x}" y="{y}" width="{width}" height="{height}" preserveAspectRatio="xMidYMid slice"'
    return drawing.replace("<svg", place, 1)


def _own_color(kind: str) -> str | None:
    return next((color for word, color in _COLOR_OF_WORD if word in kind), None)


def _named_color(name: str) -> str | None:
    return next((color for word, color in _COLOR_WORDS if word in name), None)


def _mixed(color: str, other: str, share: float) -> str:
    """Mixes a colour with a share of another one, both as `#rrggbb`."""
    channels = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(one * (1 - share) + two * share):02x}" for one, two in channels)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
