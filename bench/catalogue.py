"""``python -m bench.catalogue``: what finding entities costs among a thousand, and among a million products.

Each catalogue is generated, trained into a model's folder and loaded by a process of its own, which then reads
messages. In the same run spaCy's PhraseMatcher alone, the usual way to find names, is given the catalogues that it can
manage. The last line of standard output is the result as one JSON object, kept under bench/results/ too.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bench import report
from bench.errors import BenchError
from bench.figures import percentile
from bench.machine import CpuClock, describe_machine, peak_mb, resident_mb

SIZES = (1_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 100_000)
# At a million, PhraseMatcher takes most of nine gigabytes.
PEER_SIZES = (1_000, 100_000)
_SEED = 60
_PASSES = 3
_CATALOGUE = "catalogue"
_MODEL = "model"
_MESSAGES = "messages.json"

_BRANDS = [a + b for a in "岚禾沐拓衡森屿朗澄棠川野溪柏青陌云舟霁栖" for b in "山工原物里町和舍木野行集间乐"]
_MODIFIERS = [
    "加绒",
    "加厚",
    "轻薄",
    "宽松",
    "修身",
    "高腰",
    "直筒",
    "束脚",
    "多口袋",
    "防风",
    "防雨",
    "防滑",
    "速干",
    "透气",
    "冰感",
    "磨毛",
    "连帽",
    "圆领",
    "立领",
    "翻领",
    "短款",
    "长款",
    "复古",
    "经典",
    "通勤",
    "户外",
    "便携",
    "折叠",
    "静音",
    "智能",
    "无线",
    "快充",
    "迷你",
    "大容量",
    "家用",
    "车载",
    "儿童",
    "婴儿",
    "护脊",
    "护眼",
    "保湿",
    "控油",
    "温和",
    "补水",
    "手工",
    "精选",
    "无糖",
    "低脂",
    "有机",
    "高山",
    "当季",
    "鲜榨",
    "双层",
    "可拆",
    "磁吸",
    "防摔",
    "加固",
    "耐磨",
    "抗皱",
    "免烫",
    "印花",
    "条纹",
    "格纹",
]
_MATERIALS = [
    "纯棉",
    "帆布",
    "牛津布",
    "灯芯绒",
    "羊毛",
    "羊绒",
    "鹅绒",
    "亚麻",
    "真丝",
    "雪纺",
    "牛仔",
    "头层牛皮",
    "尼龙",
    "硅胶",
    "不锈钢",
    "陶瓷",
    "玻璃",
    "竹纤维",
    "胡桃木",
    "榉木",
    "碳钢",
    "铝合金",
    "食品级",
    "植物",
    "氨基酸",
    "烟酰胺",
    "玻尿酸",
    "坚果",
    "燕麦",
    "糯米",
    "桂花",
    "茉莉",
    "红枣",
]
_KINDS = [
    "工装裤",
    "休闲裤",
    "牛仔裤",
    "夹克",
    "冲锋衣",
    "卫衣",
    "衬衫",
    "针织衫",
    "羽绒服",
    "马甲",
    "连衣裙",
    "半身裙",
    "短袖",
    "打底衫",
    "睡衣",
    "袜子",
    "腰带",
    "帽子",
    "手套",
    "围巾",
    "双肩包",
    "斜挎包",
    "行李箱",
    "劳保鞋",
    "运动鞋",
    "拖鞋",
    "雨靴",
    "蓝牙耳机",
    "充电宝",
    "充电器",
    "数据线",
    "路由器",
    "手机壳",
    "键盘",
    "鼠标",
    "台灯",
    "加湿器",
    "电饭煲",
    "空气炸锅",
    "电水壶",
    "吹风机",
    "剃须刀",
    "保温杯",
    "炒锅",
    "砧板",
    "收纳盒",
    "床垫",
    "枕头",
    "四件套",
    "毛巾",
    "洗发水",
    "沐浴露",
    "洁面乳",
    "精华液",
    "面膜",
    "防晒霜",
    "口红",
    "粉底液",
    "奶瓶",
    "纸尿裤",
    "湿巾",
    "睡袋",
    "学饮杯",
    "绘本",
    "钢笔",
    "中性笔",
    "笔记本",
    "书包",
    "地垫",
    "猫粮",
    "坚果礼盒",
    "红茶",
    "咖啡豆",
    "大米",
    "菜籽油",
    "脐橙",
    "牛肉干",
    "饼干",
]
_COLORS = ("黑色", "白色", "燕麦", "雾蓝", "军绿", "卡其", "藏青", "奶咖")

# What customers write around a name; the last ones have none.
_AROUND = (
    "{}",
    "{}多少钱",
    "亲，{}还有货吗",
    "{} 黑色 XL 两件，明天能发吗",
    "我身高175体重140斤，{}穿多大码合适呢",
    "你好，请问{}和上次那个有什么区别，哪个更适合冬天用",
    "在吗在吗，{}怎么还没到，订单202611180000012345，帮我看看到哪里了，急用！",
    "昨天在你家拍了{}，付款的时候优惠券没用上，满300减30那张，能不能退我差价？不退的话我就退了重新拍，麻烦尽快回复一下谢谢",
    "收到了，{}打开包装就有一股味道，而且边上有一处开线，照片我发给你了，你看是换一件还是补偿一点，我是送人的，周五就要用，"
    "来回寄太麻烦了，要是能补个三十块我就自己缝一下算了，不然就给我换新的，运费你们出",
    "这个能便宜点吗",
    "好的",
    "什么时候发货啊都三天了",
    "我想买个送给爸爸的生日礼物，他平时喜欢钓鱼，预算两百到三百块，有没有合适的推荐一下，最好这周六之前能收到，谢谢啦",
    "电话13800138000，地址改成公司那个，别送驿站",
)

# What the table shows: words, the figure, digits behind the point.
_COLUMNS = {
    "p50, ms": ("p50_ms", 2),
    "p95, ms": ("p95_ms", 2),
    "p95, ms of processor": ("cpu_p95_ms", 2),
    "load, s": ("load_seconds", 1),
    "load, s of processor": ("load_cpu_seconds", 1),
    "memory, MB": ("rss_mb", 0),
    "peak, MB": ("peak_rss_mb", 0),
    "model, MB": ("model_mb", 1),
    "found: exact": ("exact", 2),
    "a slip": ("slip", 2),
    "a word left out": ("word left out", 2),
}


@dataclass(frozen=True)
class Planted:
    """A message, and which product is named in it how; empty where none is."""

    text: str
    no: str
    how: str


def products(count: int) -> Iterator[dict[str, Any]]:
    """Generates products of distinct names, the same ones every time; a smaller catalogue begins a larger one."""
    draw = random.Random(_SEED)
    names: set[str] = set()
    while len(names) < count:
        brand, kind = draw.choice(_BRANDS), draw.choice(_KINDS)
        modifiers = draw.sample(_MODIFIERS, draw.choice((1, 2, 2, 3)))
        name = "".join((brand, *modifiers, draw.choice(_MATERIALS), kind))
        if name in names:
            continue
        names.add(name)
        number = len(names)
        yield {
            "no": f"{'ABCDEFGH'[number % 8]}{'KLMNPQRS'[number // 8 % 8]}{number:06}",
            "name": name,
            "brand": brand,
            "kind": kind,
            "category": "全部商品",
            "aliases": [f"{brand}{modifiers[0]}{kind}"] if number % 5 == 0 else [],
            "colors": draw.sample(_COLORS, 2),
            "listings": {"jd": str(100_000_000_000 + number)},
        }


def messages(catalogue: Sequence[dict[str, Any]], count: int) -> list[Planted]:
    """Writes messages: a third of the names as they are, the others with a slip or a word left out."""
    draw = random.Random(_SEED + 1)
    planted: list[Planted] = []
    while len(planted) < count:
        line = _AROUND[len(planted) % len(_AROUND)]
        if "{}" not in line:
            planted.append(Planted(line, "", ""))
            continue
        product = draw.choice(catalogue)
        name: str = product["name"]
        how = ("exact", "slip", "word left out")[len(planted) // len(_AROUND) % 3]
        if how == "slip":
            at = draw.randrange(3, len(name) - 2)
            slips = (name[:at] + name[at + 1 :], name[:at] + name[at + 1] + name[at] + name[at + 2 :])
            name = draw.choice([slip for slip in slips if slip != name])
        elif how == "word left out":
            name = name.removeprefix(product["brand"])
        planted.append(Planted(line.format(name), product["no"], how))
    return planted


def times(read: Callable[[str], list[str]], lines: Sequence[Planted]) -> dict[str, Any]:
    """Reads messages, once to warm up and then for the clock; of several readings of a message the shortest counts.

    Args:
        read: Finds the values of entities.
        lines: The messages.

    Returns:
        Percentiles by the clock and of processor time in milliseconds, and the share of planted names found by how they
        are written.
    """
    found: dict[str, list[bool]] = {}
    for line in lines:
        values = read(line.text)
        if line.no:
            found.setdefault(line.how, []).append(line.no in values)
    clock = [float("inf")] * len(lines)
    cpu = list(clock)
    for _ in range(_PASSES):
        for number, line in enumerate(lines):
            begun, used = time.perf_counter(), time.thread_time()
            read(line.text)
            cpu[number] = min(cpu[number], (time.thread_time() - used) * 1000)
            clock[number] = min(clock[number], (time.perf_counter() - begun) * 1000)
    return {
        **{f"p{percent}_ms": round(percentile(clock, percent) or 0, 3) for percent in (50, 95)},
        **{f"cpu_p{percent}_ms": round(percentile(cpu, percent) or 0, 3) for percent in (50, 95)},
        "found": {how: round(sum(hits) / len(hits), 3) for how, hits in found.items()},
    }


def _component(folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """How the component is trained and how it is loaded, as Rasa does it."""
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from sixty.nlu.catalogue_entities import CatalogueEntities

    config = {**CatalogueEntities.get_default_config(), "catalogue": str(folder / _CATALOGUE)}
    (folder / _MODEL).mkdir(exist_ok=True)
    place = (LocalModelStorage(folder / _MODEL), Resource("catalogue"), ExecutionContext(GraphSchema({})))
    return (
        lambda: CatalogueEntities.create(config, *place).train(TrainingData()),
        lambda: CatalogueEntities.load(config, *place),
    )


def train_here(folder: Path) -> dict[str, Any]:
    """Trains the component; for a process of its own."""
    train, _ = _component(folder)
    begun = time.perf_counter()
    train()
    kept = [path for path in (folder / _MODEL).rglob("*") if path.is_file()]
    packed = sum(len(gzip.compress(path.read_bytes(), 6)) for path in kept)
    return {
        "training_seconds": round(time.perf_counter() - begun, 1),
        "model_mb": round(packed / 1e6, 2),
        "training_peak_mb": peak_mb(),
    }


def load_here(folder: Path) -> dict[str, Any]:
    """Loads the trained component and lets it read; for a process of its own."""
    from rasa.shared.nlu.constants import ENTITIES, TEXT
    from rasa.shared.nlu.training_data.message import Message

    _, load = _component(folder)
    before = resident_mb(os.getpid())
    begun, used = time.perf_counter(), time.process_time()
    component = load()
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - used

    def read(text: str) -> list[str]:
        message = Message({TEXT: text})
        component.process([message])
        return [entity["value"] for entity in message.get(ENTITIES)]

    figures = times(read, _messages_of(folder))
    return {
        "load_seconds": round(seconds, 2),
        "load_cpu_seconds": round(cpu_seconds, 2),
        "rss_mb": resident_mb(os.getpid()),
        "rss_before_mb": before,
        "peak_rss_mb": peak_mb(),
        **figures,
    }


def peer_here(folder: Path) -> dict[str, Any]:
    """Builds spaCy's PhraseMatcher over the names, as its documentation shows, and lets it read."""
    import spacy
    from spacy.matcher import PhraseMatcher

    lines = (folder / _CATALOGUE / "products.jsonl").read_text(encoding="utf-8").splitlines()
    no_of = {record["name"]: record["no"] for record in map(json.loads, lines)}
    before = resident_mb(os.getpid())
    begun, used = time.perf_counter(), time.process_time()
    nlp = spacy.blank("zh")
    matcher = PhraseMatcher(nlp.vocab)
    matcher.add("product", [nlp.make_doc(name) for name in no_of])
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - used

    def read(text: str) -> list[str]:
        return [no_of[span.text] for span in matcher(nlp.make_doc(text), as_spans=True)]

    figures = times(read, _messages_of(folder))
    return {
        "load_seconds": round(seconds, 2),
        "load_cpu_seconds": round(cpu_seconds, 2),
        "rss_mb": resident_mb(os.getpid()),
        "rss_before_mb": before,
        "peak_rss_mb": peak_mb(),
        **figures,
    }


def _messages_of(folder: Path) -> list[Planted]:
    return [Planted(**line) for line in json.loads((folder / _MESSAGES).read_text(encoding="utf-8"))]


_STEPS: dict[str, Callable[[Path], dict[str, Any]]] = {"train": train_here, "load": load_here, "peer": peer_here}


def _in_fresh_process(step: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.catalogue", "--step", step, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if done.returncode != 0:
        raise BenchError(f"{step} of {folder.name} products failed:\n{done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare(sizes: Sequence[int], peer_sizes: Sequence[int], lines: int) -> dict[str, Any]:
    """Measures every size and returns everything as one object."""
    begun, started_at, before = time.monotonic(), datetime.now(timezone.utc), CpuClock.read()
    machine = describe_machine()
    figures: dict[str, Any] = {"sixty": {}, "phrase_matcher": {}}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-catalogue-") as made:
            folder = Path(made) / str(size)
            (folder / _CATALOGUE).mkdir(parents=True)
            report.progress(f"{size:,} products: writing the catalogue")
            _write(folder, size, lines)
            report.progress(f"{size:,} products: training")
            trained = _in_fresh_process("train", folder)
            report.progress(f"{size:,} products: loading and reading")
            figures["sixty"][str(size)] = {**trained, **_in_fresh_process("load", folder)}
            if size in peer_sizes:
                report.progress(f"{size:,} products: spaCy's PhraseMatcher alone")
                figures["phrase_matcher"][str(size)] = _in_fresh_process("peer", folder)
            shutil.rmtree(folder)
    return {
        "bench": "catalogue",
        "machine": machine,
        "messages": lines,
        "others_cpu_percent": before.others_percent(CpuClock.read()),
        **figures,
        "ratios": _ratios(figures, sizes),
        "started_at": started_at.isoformat(timespec="seconds"),
        "took_seconds": round(time.monotonic() - begun, 1),
    }


def _write(folder: Path, size: int, lines: int) -> None:
    draw = random.Random(_SEED + 2)
    sample: list[dict[str, Any]] = []
    with (folder / _CATALOGUE / "products.jsonl").open("w", encoding="utf-8") as file:
        for number, product in enumerate(products(size)):
            file.write(json.dumps(product, ensure_ascii=False) + "\n")
            if len(sample) < lines:
                sample.append(product)
            elif (place := draw.randrange(number + 1)) < lines:
                sample[place] = product
    planted = [asdict(message) for message in messages(sample, lines)]
    (folder / _MESSAGES).write_text(json.dumps(planted, ensure_ascii=False), encoding="utf-8")


def _ratios(figures: dict[str, Any], sizes: Sequence[int]) -> dict[str, float]:
    """How the largest catalogue compares with the smallest; one is flat."""
    small, large = (figures["sixty"][str(size)] for size in (min(sizes), max(sizes)))
    return {name: round(large[name] / small[name], 3) for name in ("p50_ms", "p95_ms", "cpu_p50_ms", "cpu_p95_ms")}


def table(result: dict[str, Any]) -> str:
    """A Markdown table of the figures."""
    rows = ["| | products | " + " | ".join(_COLUMNS) + " |", "|---|" + "---:|" * (len(_COLUMNS) + 1)]
    for name, words in (("sixty", "CatalogueEntities"), ("phrase_matcher", "PhraseMatcher alone")):
        for size, of in result[name].items():
            figures = {**of, **of["found"]}
            cells = (f"{figures.get(key, 0):.{digits}f}" for key, digits in _COLUMNS.values())
            rows.append(f"| {words} | {int(size):,} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> int:
    """Reads the options, runs the comparison and prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.catalogue", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="at most 100,000 products, and 300 messages")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help=f"products ({' '.join(map(str, SIZES))})")
    parser.add_argument("--step", nargs=2, metavar=("STEP", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        step, folder = options.step
        print(json.dumps(_STEPS[step](Path(folder))))
        return 0
    try:
        sizes = options.sizes or (QUICK_SIZES if options.quick else SIZES)
        result = {"quick": options.quick, **compare(sizes, PEER_SIZES, 300 if options.quick else 3_000)}
    except BenchError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("bench: ended before its time\n")
        return 130
    path = report.store(result, "catalogue-quick" if options.quick else "catalogue")
    if not options.json:
        print(table(result), end="\n\n")
        print(
            f"- p95 of the largest catalogue to that of the smallest: {result['ratios']['cpu_p95_ms']:.2f} (processor)"
        )
        print(f"- others used {result['others_cpu_percent']:.0f} % of the processors; all figures: {path.name}\n")
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
