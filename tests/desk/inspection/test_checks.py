"""Each rule finds what is wrong, and leaves alone what only looks like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sixty.desk.inspection.chat import Chat, Done
from sixty.desk.inspection.checking import check, score_of
from sixty.desk.inspection.promises_kept import Promised
from tests.desk.inspection.chats import BEGAN, LATER, about, chat, found, product, rules


def says(text: str, asks: str = "在吗", **known: object) -> Chat:
    return chat(f"C {asks}", "A 您好", f"A {text}", "A 再见", **known)


def test_a_good_chat_has_nothing() -> None:
    made = chat("C 有货吗", "A 您好，有货的", "C 谢谢", "A 不客气，祝您生活愉快")
    assert found(made) == []


class TestWords:
    @pytest.mark.parametrize(
        "text",
        [
            "我们是国家级品牌",
            "全网最低价，放心拍",
            "质量是最好的",
            "行业第一，错不了",
            "百分百有效哦",
            "頂級面料",
            "１００％有效",
        ],
    )
    def test_superlatives(self, text: str) -> None:
        assert about("superlative", says(text)) == [3]

    @pytest.mark.parametrize(
        "text",
        [
            "最好先用温水泡一下",
            "最快今天发，最晚明天",
            "第一次洗请单独洗",
            "我们不是国家级品牌",
            "不敢说全网最低价哦",
            "您说的“全网最低价”是别家的活动",
            "最近快递有点慢",
            "最多买五件",
        ],
    )
    def test_what_only_looks_like_one(self, text: str) -> None:
        assert about("superlative", says(text)) == []

    @pytest.mark.parametrize("text", ["别家比不了，我们是顶级的", "不仅是国家级，还便宜", "特别好，行业第一"])
    def test_what_denies_nothing(self, text: str) -> None:
        assert about("superlative", says(text)) == [3]

    def test_a_name_is_nobodys_word(self) -> None:
        made = says("您要的顶级山茶油在这里")
        assert about("superlative", made) == [3]
        assert about("superlative", replace(made, names=("顶级山茶油",))) == []

    @pytest.mark.parametrize("text", ["加我微信聊", "您加下V：abc123", "钱直接转我就行", "扫我的收款码付吧"])
    def test_leading_off_the_platform(self, text: str) -> None:
        assert about("off_platform", says(text)) == [3]

    @pytest.mark.parametrize(
        "text", ["我们不加微信的哦", "可以用微信支付", "退到您的微信零钱", "千万别转账给陌生人", "关注我们公众号有活动"]
    )
    def test_what_stays_on_it(self, text: str) -> None:
        assert about("off_platform", says(text)) == []

    def test_a_customers_words_are_not_the_agents(self) -> None:
        assert about("insult", chat("C 你有病吧", "A 您好，您别急", "A 再见")) == []

    @pytest.mark.parametrize(
        ("text", "is_blame"),
        [
            ("是您自己不会洗", True),
            ("怪不了我们", True),
            ("不怪您，运输里弄坏的", False),
            ("如果是您自己弄坏的就不在保修里", False),
            ("这不是您的问题", False),
        ],
    )
    def test_blame(self, text: str, is_blame: bool) -> None:
        assert bool(about("blame", says(text))) is is_blame

    def test_the_place_is_where_the_words_stand(self) -> None:
        made = says("😀好的，全网最低价")
        finding = next(each for each in check(made, rules(), [], LATER).findings if each.rule == "superlative")
        assert made.lines[2].text[finding.found.start : finding.found.end].startswith("全网最低")


class TestWaiting:
    def test_a_first_word_within_the_promise_is_fine(self) -> None:
        assert about("slow_first_answer", chat("C 在吗", "A+40 您好", pause=20)) == []

    def test_a_late_one_is_not(self) -> None:
        assert about("slow_first_answer", chat("C 在吗", "A+41 您好", pause=20)) == [2]

    def test_what_was_passed_on_before_a_word_is_the_next_ones(self) -> None:
        made = chat("C 在吗", "C+300 喂", end="passed_on")
        assert about("slow_first_answer", made) == []
        assert about("slow_first_answer", replace(made, end="solved")) == [None]

    def test_silence_counts_from_the_customers_first_unanswered_line(self) -> None:
        assert about("long_silence", chat("A 您好", "C 什么时候发", "C+100 在吗", "A+81 明天发")) == [4]
        assert about("long_silence", chat("A 您好", "C 什么时候发", "C+100 在吗", "A+80 明天发")) == []

    def test_who_was_asked_to_wait_waits_for_longer(self) -> None:
        assert about("long_silence", chat("A 您好，稍等我查一下", "C 行，是尾号5521的", "A+300 查到了")) == []
        assert about("long_silence", chat("A 您好，稍等我查一下", "C 行，是尾号5521的", "A+361 查到了")) == [3]

    def test_nobody_waits_behind_thanks(self) -> None:
        assert about("long_silence", chat("A 您好", "C 好的谢谢", "A+900 不客气")) == []


class TestQuestions:
    @pytest.mark.parametrize("end", [(), ("A 感谢您的咨询，再见",), ("A 祝您购物愉快～",)])
    def test_one_that_only_courtesies_follow(self, end: tuple[str, ...]) -> None:
        assert about("question_open", chat("A 您好", "C 那运费谁出", *end)) == [2]

    @pytest.mark.parametrize(
        "end",
        [("A 我们出的",), ("C 找到了，不用了",), ("A 您看下这张图", "A 再见"), ("C 好的谢谢",)],
    )
    def test_one_that_is_settled(self, end: tuple[str, ...]) -> None:
        assert about("question_open", chat("A 您好", "C 那运费谁出", *end)) == []

    def test_whoever_has_it_next_answers(self) -> None:
        assert about("question_open", chat("A 您好", "C 那运费谁出", end="passed_on")) == []


class TestPrices:
    JACKET = product("GZ1", "复古夹克", prices=(399, 349), before=499)
    TROUSERS = product("GZ2", "工装裤", prices=(129,), before=159)

    def wrong(self, text: str, asks: str = "多少钱") -> list[int | None]:
        return about("wrong_price", says(text, asks, products=[self.JACKET, self.TROUSERS]))

    @pytest.mark.parametrize(
        "text",
        [
            "到手389元",
            "现在只要¥359",
            "复古夹克是309块",
            "券后价359",
            "原价459元",
            "复古夹克389元",
            "工装裤现在399元",
            "实付1,399元",
        ],
    )
    def test_what_the_product_does_not_cost(self, text: str) -> None:
        assert self.wrong(text) == [3]

    @pytest.mark.parametrize(
        "text",
        [
            "到手349元",
            "原价499，现在399元",
            "工装裤129元，复古夹克349元",
            "满300减30",
            "运费8元",
            "定金50元",
            "退您20元差价",
            "送您一张30元优惠券",
            "充电120分钟",
            "两件一共748元",
            "长35厘米",
            "订单202608180001的款已经退了",
            "没有389元这个价哦",
            "比您说的389元便宜，现在349元",
        ],
    )
    def test_what_it_does_and_what_is_no_price(self, text: str) -> None:
        assert self.wrong(text) == []

    def test_without_a_product_nothing_is_wrong(self) -> None:
        assert about("wrong_price", says("到手1元")) == []

    def test_a_named_variant_counts_alone(self) -> None:
        both = replace(
            self.JACKET,
            prices={("黑色",): frozenset({349}), ("军绿",): frozenset({399})},  # type: ignore[dict-item]
            before={},
        )
        made = says("复古夹克军绿的到手349元", products=[both])
        assert about("wrong_price", made) == [3]
        assert about("wrong_price", says("复古夹克黑色的到手349元", products=[both])) == []


class TestPromises:
    def promised(
        self, made: Chat, due_hours: float | None = 24, kind: str = "refund", **known: object
    ) -> list[Promised]:
        due = None if due_hours is None else BEGAN + timedelta(hours=due_hours)
        return [Promised(3, kind, 0, 4, due, **known)]  # type: ignore[arg-type]

    def test_one_without_a_deed(self) -> None:
        made = says("24小时内给您退款")
        assert about("promise_unkept", made, self.promised(made)) == [3]

    @pytest.mark.parametrize("kind", ["ticket", "refund", "refund_only"])
    def test_one_with_a_deed(self, kind: str) -> None:
        made = says("24小时内给您退款", done=[Done(kind, BEGAN + timedelta(hours=3))])
        assert about("promise_unkept", made, self.promised(made)) == []

    def test_another_deed_or_a_late_one_does_not_keep_it(self) -> None:
        for done in (Done("coupon", BEGAN + timedelta(hours=3)), Done("refund", BEGAN + timedelta(hours=25))):
            made = says("24小时内给您退款", done=[done])
            assert about("promise_unkept", made, self.promised(made)) == [3]

    def test_it_is_looked_at_again_when_it_is_due(self) -> None:
        made = says("24小时内给您退款")
        promises = self.promised(made)
        early = check(made, rules(), promises, BEGAN + timedelta(hours=23))
        assert (early.findings, early.look_again_at) == ([], BEGAN + timedelta(hours=24))

    @pytest.mark.parametrize("fate", ["kept", "dropped"])
    def test_the_desks_own_watch_knows_better(self, fate: str) -> None:
        made = says("24小时内给您退款")
        assert about("promise_unkept", made, self.promised(made, fate=fate)) == []

    def test_one_without_a_time_has_the_rules_own(self) -> None:
        made = says("给您补一张券")
        promises = self.promised(made, None, "coupon")
        assert check(made, rules(), promises, BEGAN + timedelta(hours=20)).findings == []
        assert about("promise_unkept", made, promises) == [3]


class TestAskedAgain:
    @pytest.mark.parametrize(
        ("told", "asks"),
        [
            ("订单号是SX20260815007", "把订单号再发我看下"),
            ("我电话13912345678", "请问您的手机号是多少？"),
            ("身高175体重70公斤", "您的身高体重是多少呢"),
            ("我住成都市武侯区人民南路12号", "麻烦发一下您的收货地址"),
        ],
    )
    def test_what_was_given(self, told: str, asks: str) -> None:
        assert about("asked_again", chat(f"C {told}", "A 您好", f"A {asks}", "A 再见")) == [3]

    @pytest.mark.parametrize(
        ("told", "asks"),
        [
            ("订单号是SX20260815007", "您的订单号SX20260815007对吧"),
            ("身高175", "您的身高体重是多少呢"),
            ("身高175体重70公斤", "您朋友的身高体重是多少呢"),
            ("我电话13912345678", "新的手机号是多少"),
            ("刚才订单号发错了", "把订单号再发我看下"),
            ("有货吗", "把订单号再发我看下"),
        ],
    )
    def test_what_was_not(self, told: str, asks: str) -> None:
        assert about("asked_again", chat(f"C {told}", "A 您好", f"A {asks}", "A 再见")) == []


class TestEnds:
    def test_the_mood_of_the_last_words(self) -> None:
        made = chat("A 您好", "C 什么破店", "A 再见", moods={2: "angry"})
        assert about("negative_end", made) == [2]

    def test_who_has_calmed_down(self) -> None:
        made = chat("A 您好", "C 气死我了", "A 马上给您催", "C 到了，谢谢你", "A 再见", moods={2: "angry"})
        assert about("negative_end", made) == []

    def test_a_complaint_that_was_answered(self) -> None:
        made = chat("A 您好", "C 怎么这么慢", "A 今天下午就到了", "A 再见", moods={2: "negative"})
        assert about("negative_end", made) == []

    def test_no_goodbye_only_where_the_agent_ended_it(self) -> None:
        made = chat("A 您好", "C 什么时候发", "A 明天发")
        assert about("no_closing", made) == [3]
        assert about("no_closing", replace(made, end="idle")) == []


class TestScore:
    def test_a_fatal_finding_leaves_nothing(self) -> None:
        assert score_of([("a", "minor", 5), ("b", "fatal", 1)]) == 0

    def test_further_ones_of_a_rule_take_half(self) -> None:
        assert score_of([("a", "minor", 10), ("a", "minor", 10), ("b", "major", 20)]) == 65

    @given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["minor", "major"]), st.integers(0, 100))))
    def test_more_findings_never_raise_it(self, findings: list[tuple[str, str, int]]) -> None:
        scores = [score_of(findings[:count]) for count in range(len(findings) + 1)]  # type: ignore[arg-type]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= each <= 100 for each in scores)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_looked_at_without_breaking(first: str, second: str) -> None:
    made = chat(f"C {first}", f"A {second}", products=[TestPrices.JACKET])
    for each in check(made, rules(), [], LATER).findings:
        if each.found.start is not None and each.found.line is not None:
            assert 0 <= each.found.start < each.found.end <= len(each.found.line.text)  # type: ignore[operator]
