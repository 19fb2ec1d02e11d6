"""What the scripted bot of the page's tests says. A choice's `payload` becomes a token before it leaves the bot."""

from __future__ import annotations

from typing import Any

Form = dict[str, Any]

WELCOME = {
    "shop": "您好呀，欢迎来到六拾优选～想找什么，或者有什么想问的，直接说就行。",
    "product": "您好呀，您在看的这款我很熟，面料、尺码、优惠都可以问我～",
    "order": "您好呀，是想看看订单到哪儿了吗？我帮您查。",
}
WELCOME_CAPSULES = {
    "shop": ("查订单", "GZ2101", "转人工"),
    "product": ("查订单", "什么面料", "转人工"),
    "order": ("查订单", "什么面料", "转人工"),
}

PRODUCT: Form = {
    "type": "product",
    "no": "GZ2101",
    "name": "多口袋耐磨工装裤",
    "picture": "/pictures/GZ2101.svg",
    "url": "/?entry=product&product=GZ2101",
    "tags": ["现货", "七天无理由"],
    "prices": [
        {"label": "原价", "amount": "329.00"},
        {"label": "活动价", "amount": "259.00"},
        {"label": "金卡会员价", "amount": "249.00"},
        {"label": "满200减20", "amount": "-20.00"},
    ],
    "final_price": "229.00",
}
JACKET: Form = {
    "no": "GZ1101",
    "name": "复古帆布工装夹克",
    "picture": "/pictures/GZ1101.svg",
    "final_price": "379.00",
}

# A small square that is no code of anything; enough to see that modules are drawn.
_QR_PATH = "".join(f"M{4 + x} {4 + y}.5h1" for y in range(25) for x in range(25) if (x * 7 + y * 5 + x * y) % 3 == 0)

REPLIES: dict[str, list[Form]] = {
    "GZ2101": [
        {"card": PRODUCT},
        {
            "text": "这款卖得很好，到手 229 元。您想先了解哪方面？",
            "capsules": [
                {"title": "我该穿多大", "payload": "我该穿多大"},
                {"title": "什么面料", "payload": "什么面料"},
                {"title": "有搭配推荐吗", "payload": "/ask_matching"},
            ],
        },
    ],
    "什么面料": [{"text": "98%棉加2%氨纶的斜纹布，12盎司，膝盖双层加固，干活蹲下不绷～"}],
    "我该穿多大": [{"text": "好嘞，告诉我身高体重就行，比如 175 厘米、70 公斤。"}],
    "/ask_matching": [
        {
            "text": "这条裤子配这几件最顺手：",
            "card": {
                "type": "bundle",
                "title": "拓野工装搭配",
                "items": [
                    {**PRODUCT, "reason": "您正在看的这条", "final_price": "229.00"},
                    {**JACKET, "reason": "同样的水洗帆布，上下一套不用想"},
                ],
                "coupon": {"title": "搭配立减100", "amount": "100.00"},
                "bundle_price": "508.00",
                "saving": "100.00",
            },
            "capsules": [{"title": "好，就要这套", "payload": "/affirm"}, {"title": "再看看", "payload": "/hesitate"}],
        }
    ],
    "查订单": [
        {
            "text": "您最近有两笔订单，想看哪一笔？",
            "card": {
                "type": "orders",
                "orders": [
                    {
                        "no": "2026111800010001",
                        "headline": "派送中",
                        "name": "多口袋耐磨工装裤",
                        "picture": "/pictures/GZ2101.svg",
                        "payload": "/order{1}",
                        "title": "工装裤那笔",
                    },
                    {
                        "no": "2026111500010002",
                        "headline": "已经签收",
                        "name": "宽口径玻璃奶瓶",
                        "picture": "/pictures/MY1001.svg",
                        "payload": "/order{2}",
                        "title": "奶瓶那笔",
                    },
                ],
            },
        }
    ],
    "/order{1}": [
        {
            "card": {
                "type": "order",
                "no": "2026111800010001",
                "headline": "快递员正在给您派送，今天能到",
                "lines": [
                    {
                        "name": "多口袋耐磨工装裤",
                        "sku": "卡其 L",
                        "quantity": 1,
                        "picture": "/pictures/GZ2101.svg",
                    }
                ],
                "paid": "229.00",
                "details": ["收货：陈** 浙江省杭州市西湖区****"],
                "next_steps": ["请保持电话畅通", "不方便收可以让快递员放驿站"],
                "parcel": {
                    "carrier": "中通快递",
                    "no": "75312345678901",
                    "at": "今天 08:12",
                    "text": "杭州西湖区网点，派送员王师傅正在派送",
                },
            },
            "capsules": [{"title": "催一下", "payload": "催一下派送"}, {"title": "转人工", "payload": "转人工"}],
        }
    ],
    "推荐外套": [
        {
            "card": {
                "type": "suggestions",
                "title": "给您挑的外套",
                "kind": "wish",
                "items": [
                    {
                        **JACKET,
                        "url": "/?entry=product&product=GZ1101",
                        "reason": "水洗帆布，耐磨又挺括，上工地也穿得出门",
                        "difference": "再加¥150.00",
                        "action": {"title": "看这款", "payload": "/inform{jacket}"},
                    },
                    {**PRODUCT, "reason": "同系列的裤子，膝盖双层加固"},
                ],
                "refuse": {"title": "换一批", "payload": "/another"},
            }
        }
    ],
    "/inform{jacket}": [{"text": "这件夹克到手 379 元～"}],
    "/another": [{"text": "好的，换一批给您看看。"}],
    "有券吗": [
        {
            "text": "给您申请到一张券：",
            "card": {
                "type": "benefit",
                "kind": "coupon",
                "title": "满200减20专属券",
                "text": "下单自动抵扣，7天内有效",
                "amount": "20.00",
                "until": "11月29日 23:59",
                "state": "offered",
                "action": {"title": "帮我领", "payload": "/affirm"},
            },
        }
    ],
    "/affirm": [
        {
            "card": {
                "type": "benefit",
                "kind": "coupon",
                "title": "满200减20专属券",
                "text": "下单自动抵扣，7天内有效",
                "amount": "20.00",
                "until": "11月29日 23:59",
                "state": "granted",
            }
        }
    ],
    "加微信": [
        {
            "card": {
                "type": "own_channel",
                "kind": "qr",
                "title": "加店铺顾问，领新人券",
                "text": "微信扫一扫添加，添加后自动发券",
                "benefit": "满99减8专属券",
                "qr": {"size": 33, "path": _QR_PATH},
                "qr_stroke": True,
                "link": "https://work.weixin.qq.com/ca/demo",
                "contact": "sixty_vip",
            }
        }
    ],
    "没见过的卡片": [{"card": {"type": "horoscope", "title": "今日运势", "text": "宜买新裤子"}}],
    "坏消息": [
        {"text": 42, "card": {"type": "product", "name": "没有货号"}},
        {
            "text": "<img src=x onerror=alert(1)>点我",
            "card": {**PRODUCT, "url": "javascript:alert(1)", "picture": "x:y"},
        },
    ],
}
