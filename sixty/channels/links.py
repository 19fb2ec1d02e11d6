"""Which web addresses may be handed on to customers and to people at the desk."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_LONGEST = 2048
_PRIVATE_NAMES = (".local", ".internal", ".localhost", ".lan", ".home.arpa")


def is_web_address(url: object) -> bool:
    """Whether it is an address that a browser opens as a page and nothing else: `http` or `https`, and one host.

    `javascript:`, `data:` and addresses that hide another host behind a user name are none.
    """
    if not isinstance(url, str) or not 0 < len(url) <= _LONGEST or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        port_is_a_number = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return bool(parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and port_is_a_number)


def is_public_address(url: object) -> bool:
    """Whether it is a web address on the open internet, as far as can be told without asking anybody.

    What customers send is opened by people at the desk, from inside the merchant's network: an address inside it would
    let a customer press buttons there.
    """
    if not is_web_address(url):
        return False
    host = (urlsplit(str(url)).hostname or "").rstrip(".").lower()
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    # 127.1, 0x7f.1 and 2130706433 are addresses too, in ways that only resolvers read.
    last = host.rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):
        return False
    return "." in host and not host.endswith(_PRIVATE_NAMES)
