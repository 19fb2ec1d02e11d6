from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sixty.shop.masking import mask_details


def test_what_a_deed_says_of_a_person_is_masked() -> None:
    details = {
        "address": "浙江省宁波市海曙区月湖路9号2幢301室",
        "phone": "13800005103",
        "receiver": "卜小布",
        "title": "宁波月湖商贸有限公司",
        "tax_no": "91330203MA2AJXXX0X",
        "email": "budian@example.com",
        "note": "打 13800005103，放门口",
        "text": "卜小布的货",
        "picture": "p/1.jpg",
        "something new": "卜小布",
        "day": "2026-05-21",
        "amount": "20",
        "sku": "GZ2101-03",
    }
    masked = mask_details(details)
    assert list(masked) == list(details)
    assert masked["address"] == "浙江省宁波市海曙区****"
    assert (masked["phone"], masked["receiver"], masked["email"]) == ("138****5103", "卜**", "b***@example.com")
    assert {name: masked[name] for name in ("day", "amount", "sku")} == {
        "day": "2026-05-21",
        "amount": "20",
        "sku": "GZ2101-03",
    }
    whole = "".join(masked.values())
    assert not any(part in whole for part in ("月湖", "13800005103", "小布", "MA2A", "budian", "门口", "1.jpg"))


@given(st.dictionaries(st.sampled_from(["phone", "email", "note", "words", "receiver"]), st.text(max_size=40)))
def test_masking_details_never_fails_and_shows_less(details: dict[str, str]) -> None:
    masked = mask_details(details)
    assert set(masked) == set(details)
    for name, value in masked.items():
        assert value == "" or "*" in value, name
