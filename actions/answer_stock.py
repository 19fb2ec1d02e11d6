"""Whether a colour or a size is in stock, and what there is instead (F3)."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.action import ShopAction, Turn
from actions.flows.back_in_stock import NOTICE, NOTIFY, offer_to_tell
from actions.flows.room import begun, in_form
from actions.situation import Talk, situation_of
from actions.suggestions import show
from actions.topic import ask_which, choices, say_unknown, unknown_reference
from sixty.shop.catalogue import search_products
from sixty.shop.models import Product
from sixty.shop.recommendations import substitutes
from sixty.shop.stock import StockAnswer, stock_among, variant_named

_FEW = 5
_MOST_INSTEAD = 2
_SHALL_WE_TELL = "要我到货时在这里告诉您吗？"
_TELL_ME = {"title": "到货告诉我", "payload": "/affirm"}
_WAIT = {"title": "到货告诉我", "payload": f'/ask_stock{{"service":"{NOTICE}"}}'}


class ActionAnswerStock(ShopAction):
    """Answers from the shop's stock."""

    def name(self) -> str:
        """Rasa's name for it."""
        return "action_answer_stock"

    def answer(self, turn: Turn) -> list[EventType]:
        """Looks the variant up, or the sort of thing when no product is meant."""
        if unknown_reference(turn):
            say_unknown(turn)
            return [SlotSet("product_no", None), SlotSet("awaiting", "product_stock")]
        wish = begun(turn, NOTIFY)
        if wish is not None:
            return wish
        kind = turn.entity("kind")
        product = None if kind and not turn.entity("product") else turn.product()
        if product is None and kind:
            found = search_products(turn.session, [kind], limit=3)
            if found:
                turn.say(f"有的，{kind}店里有这几款，您看看是哪款～", buttons=choices(found))
                return []
        if product is None:
            ask_which(turn)
            return [SlotSet("awaiting", "product_stock")]
        named = variant_named(turn.session, product.no, turn.text)
        color, size = turn.entity("color") or named.get("color"), turn.entity("size") or named.get("size")
        spec = named.get("spec")
        now = turn.variants_of(product)
        answer = stock_among(now.variants, color=color, size=size, spec=spec)
        off_sale = now.off_sale or product.status == "off_sale"
        text = self._text(product, answer, color or spec, size, off_sale=off_sale)
        if off_sale or answer.in_stock or not answer.matches or in_form(turn):
            turn.say(text)
            return [SlotSet("product_no", product.no)]
        # What is offered instead is asked about; otherwise it is whether to wait.
        waits = not text.endswith("？")
        kept = self._instead(turn, product, text, color, size, spec) if waits else []
        if not waits:
            turn.say(text, buttons=[_WAIT])
        elif kept:
            turn.say(_SHALL_WE_TELL, buttons=[_TELL_ME])
        else:
            turn.say(f"{text}{_SHALL_WE_TELL}", buttons=[_TELL_ME])
        fitting = {(match.color, match.size, match.spec) for match in answer.matches}
        wanted = [each for each in now.variants if (each.color, each.size, each.spec) in fitting]
        return [SlotSet("product_no", product.no), *kept, *offer_to_tell(turn, wanted, is_asked=waits)]

    @staticmethod
    def _instead(
        turn: Turn, product: Product, text: str, color: str | None, size: str | None, spec: str | None
    ) -> list[EventType]:
        """Says that it is sold out and shows what can be had of the same sort; nothing where there is none."""
        talk = Talk.kept(turn)
        situation = situation_of(
            turn, talk, product, color=color or "", size=size or "", spec=spec or "", seen=(product.no,)
        )
        found = substitutes(turn.session, situation, _MOST_INSTEAD)
        if not found:
            return []
        turn.say(f"{text}\n不想等的话，同类里这{'几' if len(found) > 1 else ''}款现在就有货：")
        # What is waited for is whether to be told.
        return show(turn, talk, "substitute", "现在有货的", found)[:-1]

    @staticmethod
    def _text(product: Product, answer: StockAnswer, color: str | None, size: str | None, *, off_sale: bool) -> str:
        asked = f"{color or ''}{f' {size}' if color and size else size or ''}".strip()
        colors, sizes = "、".join(answer.available_colors), "、".join(answer.available_sizes)
        if off_sale:
            return f"{product.name}已经下架，买不到了，真不好意思～"
        if answer.unknown_color and color:
            return f"这款没有{color}哦" + (f"，现在有{colors}～" if colors else "，别的颜色也暂时没货～")
        if answer.unknown_size and size:
            return f"这款没有{size}码哦" + (f"，有货的尺码是{sizes}～" if sizes else "，别的尺码也暂时没货～")
        if answer.in_stock:
            pieces = sum(match.stock for match in answer.matches)
            if asked:
                hurry = f"，只剩{pieces}件了，喜欢就早点下手" if pieces <= _FEW else ""
                return f"{asked}有现货{hurry}，直接拍就可以～"
            rest = "；".join(
                part for part in (f"颜色有{colors}" if colors else "", f"尺码有{sizes}" if sizes else "") if part
            )
            return f"{product.name}有现货～" + (f"现在{rest}。" if rest else "")
        if asked:
            instead = []
            if size and colors:
                instead.append(f"{size}码还有{colors}")
            if color and sizes:
                instead.append(f"{color}还有{sizes}")
            return f"{asked}暂时没货了" + (f"，不过{'；'.join(instead)}，您看可以吗？" if instead else "，真不好意思～")
        return f"{product.name}暂时断货了，真不好意思～"
