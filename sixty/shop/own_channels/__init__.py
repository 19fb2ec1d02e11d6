"""The shop's own channels (私域): codes, invitations and cards with a source mark, and who came by them."""

from sixty.shop.own_channels.cards import ChannelCard, Place, card_for, code_svg
from sixty.shop.own_channels.channel import Channel
from sixty.shop.own_channels.reading import read_channels, shop_channels
from sixty.shop.own_channels.report import ChannelFigures, channel_report
from sixty.shop.own_channels.visits import Joined, joined, scanned

__all__ = [
    "Channel",
    "ChannelCard",
    "ChannelFigures",
    "Joined",
    "Place",
    "card_for",
    "channel_report",
    "code_svg",
    "joined",
    "read_channels",
    "scanned",
    "shop_channels",
]
