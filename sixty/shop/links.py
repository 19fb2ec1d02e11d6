"""Finds which product a pasted link speaks of."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal

Platform = Literal["taobao", "tmall", "jd", "shop"]

# Share texts are a few hundred characters long; what lies beyond is not read.
LONGEST_TEXT = 8_000

_HOST_AND_REST = re.compile(
    r"(?<![A-Za-z0-9.-])([A-Za-z0-9-]{1,40}(?:\.[A-Za-z0-9-]{1,40}){0,5})(?::\d{1,5})?"
    r"([/?][A-Za-z0-9%&'()*+,./:;=?@_~!$#|\-]{0,2000})"
)
_NUMBER_IN_QUERY = re.compile(r"[?&;#](?:id|itemid|item_id|num_iid)=(\d{6,20})(?!\d)", re.IGNORECASE)
_MOBILE_TAOBAO_PATH = re.compile(r"^/i(\d{6,20})\.htm")
_JD_PATH = re.compile(r"^/(?:product/|ware/)?(\d{5,20})\.html")
_JD_QUERY = re.compile(r"[?&;#](?:wareid|sku|skuid)=(\d{5,20})(?!\d)", re.IGNORECASE)
_SHOP_PATH = re.compile(r"^/(?:[a-z]{1,12}/)?(?:p|products?|item|goods)/([A-Za-z0-9-]{3,32})(?![A-Za-z0-9-])")
_SHOP_QUERY = re.compile(r"[?&;#](?:product|product_no)=([A-Za-z0-9-]{3,32})(?![A-Za-z0-9-])")

_TAOBAO = ("taobao.com",)
_TMALL = ("tmall.com", "tmall.hk")
_JD = ("jd.com", "jd.hk", "jingdong.com")


@dataclass(frozen=True)
class ProductReference:
    """A product as a platform numbers it; look it up with `product_of_listing`."""

    platform: Platform
    external_id: str


def parse_reference(text: str) -> ProductReference | None:
    """Finds the first product link in a text, whatever stands around it.

    Understands item pages of Taobao, Tmall and JD (desktop and mobile) and of the own
    shop (`/p/GZ2101`, `/products/GZ2101`, `?product=GZ2101` on any other host). Short
    links that hide the number (m.tb.cn, 3.cn) give `None`: they would have to be opened.

    Takes time linear in the length of the text and never raises.
    """
    for found in _HOST_AND_REST.finditer(html.unescape(text[:LONGEST_TEXT])):
        reference = _reference_at(found.group(1).lower(), found.group(2))
        if reference is not None:
            return reference
    return None


def _reference_at(host: str, rest: str) -> ProductReference | None:
    if _belongs(host, _TAOBAO):
        found = _NUMBER_IN_QUERY.search(rest) or _MOBILE_TAOBAO_PATH.match(rest)
        return ProductReference("taobao", found.group(1)) if found else None
    if _belongs(host, _TMALL):
        found = _NUMBER_IN_QUERY.search(rest)
        return ProductReference("tmall", found.group(1)) if found else None
    if _belongs(host, _JD):
        found = _JD_PATH.match(rest) or _JD_QUERY.search(rest)
        return ProductReference("jd", found.group(1)) if found else None
    if "." not in host and host != "localhost":
        return None
    found = _SHOP_PATH.match(rest) or _SHOP_QUERY.search(rest)
    return ProductReference("shop", found.group(1).upper()) if found else None


def _belongs(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
