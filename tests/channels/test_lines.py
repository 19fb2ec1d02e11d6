"""What customers type stays text, whatever it looks like; tokens of capsules open only what was shown."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.training_data.message import Message

from sixty.channels.lines import admitted, cleaned, for_rasa
from sixty.channels.links import is_public_address, is_web_address
from sixty.channels.refusal import Refused
from sixty.channels.tapped import parse_data
from sixty.nlu.normal_form import normal_form
from sixty.playbook import read_capsule_plan
from sixty.settings import project_root

SLASHES = st.sampled_from(["/", "／", " /", "\u3000／", "\u200b/", "\ufeff／", "\u202e/", "\x00/", "//", "⁄", "∕"])
COMMANDS = st.sampled_from(
    ["restart", "session_start", "back", "inform", 'inform{"product":"GZ2101"}', "greet@1.0", ""]
)
typed = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(), max_size=60),
    st.builds(lambda slash, command, rest: slash + command + rest, SLASHES, COMMANDS, st.text(max_size=5)),
)


@given(typed)
@example("／restart")
@example("\u3000/ intent")
@example("\u200b/restart")
def test_nothing_that_is_typed_is_a_command(text: str) -> None:
    try:
        line = admitted(text, 2000)
    except Refused:
        assert not cleaned(text)
        return
    read = UserMessage(for_rasa(line)).text
    assert read is not None
    assert not read.startswith("/")
    # The pipeline's first component makes the normal form again, and Rasa strips: neither may bring it back.
    assert not normal_form(read).strip().startswith("/")


@given(typed)
def test_what_is_kept_is_clean_and_cleaning_again_changes_nothing(text: str) -> None:
    line = cleaned(text)
    assert cleaned(line) == line
    assert not {unicodedata.category(each) for each in line if each not in "\n\t"} & {"Cc", "Cs"}
    line.encode()


def test_what_customers_really_type_stays_as_it_is() -> None:
    for text in (
        "包邮吗",
        "1/2的量够吗",
        "https://item.jd.com/100045120993.html",
        "第一行\n第二行",
        "👍🏻👨‍👩‍👧",
        "café",
    ):
        assert admitted(text, 2000) == text
    assert for_rasa("1／2的量夠嗎") == "1/2的量够吗"


@pytest.mark.parametrize(("longest", "fits"), [(5, True), (4, False)])
def test_a_line_may_be_so_long(longest: int, fits: bool) -> None:
    if fits:
        assert admitted(" 这件包邮吗 ", longest + 0) == "这件包邮吗"
    else:
        with pytest.raises(Refused, match="too_long"):
            admitted("这件包邮吗", longest)


def rasas_own(payload: str) -> dict[str, object]:
    message = YAMLStoryReader.unpack_regex_message(Message({"text": payload}), None, "RegexMessageHandler")
    return message.as_dict(only_output_properties=True)


names = st.from_regex(r"[a-z][a-z0-9_]{1,12}", fullmatch=True)
values = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=12)


@given(names, st.dictionaries(names, st.one_of(values, st.lists(values, min_size=1, max_size=2)), max_size=3))
def test_a_payload_is_read_as_rasa_reads_it(intent: str, entities: dict[str, object]) -> None:
    payload = f"/{intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{intent}"
    mine = parse_data(payload)
    if intent in ("restart", "session_start", "back"):
        assert mine is None
        return
    own = rasas_own(payload)
    assert mine is not None
    assert mine["intent"] == own["intent"]
    assert mine["intent_ranking"] == own["intent_ranking"]
    without_source = [
        {key: value for key, value in entity.items() if key != "extractor"}
        for entity in own["entities"]  # type: ignore[attr-defined]
    ]
    assert mine["entities"] == without_source


def test_every_capsule_of_the_shop_is_read() -> None:
    plan = read_capsule_plan(project_root() / "playbook" / "capsules.yml")
    for capsule in plan.capsules.values():
        parsed = parse_data(capsule.payload)
        assert parsed is not None
        assert parsed["intent"]["name"] == capsule.intent


@pytest.mark.parametrize("payload", ["多少钱", "/restart", "/", "/Ask", "/inform{", '/inform["a"]', "/a{}b"])
def test_what_is_no_payload_is_text(payload: str) -> None:
    assert parse_data(payload) is None


@pytest.mark.parametrize(
    ("url", "web", "public"),
    [
        ("https://img.example.com/a.png?x=1#y", True, True),
        ("http://例子.测试/a", True, True),
        ("http://localhost:8600/pictures/GZ2101.svg", True, False),
        ("http://127.0.0.1/x", True, False),
        ("http://10.1.2.3:8080/x", True, False),
        ("http://[::1]/x", True, False),
        ("http://169.254.169.254/latest", True, False),
        ("http://2130706433/", True, False),
        ("http://127.1/", True, False),
        ("http://0x7f.0x1/", True, False),
        ("http://desk.internal/x", True, False),
        ("http://8.8.8.8/x", True, True),
        ("javascript:alert(1)", False, False),
        ("data:text/html,x", False, False),
        ("//img.example.com/a", False, False),
        ("https://shop.example.com@evil.example/x", False, False),
        ("https://", False, False),
        ("https://a b.example/x", False, False),
        ("https:\\\\evil.example", False, False),
        ("https://a.example:99999/x", False, False),
        ("https://a.example/" + "x" * 3000, False, False),
        ("http://[bad/x", False, False),
        (None, False, False),
        (7, False, False),
    ],
)
def test_which_addresses_are_handed_on(url: object, web: bool, public: bool) -> None:
    assert (is_web_address(url), is_public_address(url)) == (web, public)


@given(st.text(max_size=80))
def test_no_address_is_too_odd(url: str) -> None:
    assert is_web_address(url) or not is_public_address(url)
    assert is_web_address(f"https://a.example/{url}") in (True, False)
