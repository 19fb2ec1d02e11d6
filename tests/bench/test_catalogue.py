from __future__ import annotations

import json
from pathlib import Path

from bench.catalogue import Planted, messages, peer_here, products, table, times


def test_products_are_distinct_and_the_same_every_time() -> None:
    many = list(products(2_000))
    assert len({product["name"] for product in many}) == len({product["no"] for product in many}) == 2_000
    assert list(products(50)) == many[:50]


def test_messages_name_products_in_every_way_and_none() -> None:
    catalogue = list(products(200))
    planted = messages(catalogue, 300)
    names = {product["no"]: product["name"] for product in catalogue}
    assert {message.how for message in planted} == {"exact", "slip", "word left out", ""}
    for message in planted:
        assert (names.get(message.no, "∅") in message.text) == (message.how == "exact")
    assert max(len(message.text) for message in planted) > 100


def test_times_tell_what_was_found() -> None:
    lines = [Planted("裤", "A1", "exact"), Planted("库", "A1", "slip"), Planted("好", "", "")]
    figures = times(lambda text: ["A1"] if text == "裤" else [], lines)
    assert figures["found"] == {"exact": 1.0, "slip": 0.0}
    assert 0 <= figures["p50_ms"] <= figures["p95_ms"]


def test_the_peer_finds_exact_names(tmp_path: Path) -> None:
    (tmp_path / "catalogue").mkdir()
    catalogue = list(products(30))
    (tmp_path / "catalogue" / "products.jsonl").write_text(
        "".join(json.dumps(product, ensure_ascii=False) + "\n" for product in catalogue), encoding="utf-8"
    )
    planted = [vars(message) for message in messages(catalogue, 60)]
    (tmp_path / "messages.json").write_text(json.dumps(planted), encoding="utf-8")
    figures = peer_here(tmp_path)
    assert figures["found"]["exact"] == 1.0
    assert figures["found"]["slip"] == 0.0
    result = {"sixty": {"30": figures}, "phrase_matcher": {"30": figures}}
    assert "| CatalogueEntities | 30 |" in table(result)
