"""What a line asks about presales and campaigns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.pricing.asked import TOPICS, asked_about


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("尾款啥时候交呀", "balance"),
        ("几号能补尾款", "balance"),
        ("剩下的哪天开始付", "balance"),
        ("我现在能付尾款了吗", "balance"),
        ("几号付尾款呀 怕忘了", "balance"),
        ("交了定金又不想要，能退不", "deposit"),
        ("订金给退吗", "deposit"),
        ("要是尾款忘记付会怎么样", "deposit"),
        ("错过尾款了咋整", "deposit"),
        ("预售的哪天能发货", "dispatch"),
        ("付完尾款几天寄出来", "dispatch"),
        ("现在下单还是等大促划算", "now_or_later"),
        ("今天买跟双11买哪个便宜", "now_or_later"),
        ("618会不会更便宜些", "now_or_later"),
        ("等年货节再买", "now_or_later"),
        ("下个月还会降价吗", "now_or_later"),
        ("定金膨胀是啥", "presale"),
        ("预售怎么玩的", "presale"),
        ("一定要先付定金吗", "presale"),
        ("店铺券跟满减能叠加不", "stacking"),
        ("红包和券可以一起用吗", "stacking"),
        ("付尾款能用券吗", "stacking"),
        ("双11几号开始呀", "campaign"),
        ("你们618有什么优惠", "campaign"),
        ("这个活动到几号截止", "campaign"),
        ("尾款一共多少", None),
        ("定金多少钱", None),
        ("到手多少", None),
        ("现在买两件能便宜多少", None),
        ("有什么券", None),
        ("什么时候发货", None),
        ("双11买的衣服能退吗", None),
        ("", None),
    ],
)
def test_topics(text: str, topic: str | None) -> None:
    assert asked_about(text) == topic


@pytest.mark.parametrize(("words", "topic"), TOPICS.items())
def test_a_capsule_names_its_topic(words: str, topic: str) -> None:
    assert asked_about(words) == topic


@given(st.text(max_size=60))
def test_any_text_has_a_topic_or_none(text: str) -> None:
    assert asked_about(text) in {*TOPICS.values(), None}
