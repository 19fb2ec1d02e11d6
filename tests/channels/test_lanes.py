from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from sixty.channels.lanes import Lane, Lanes


async def test_items_of_a_lane_follow_each_other_and_lanes_run_beside_each_other() -> None:
    done: list[str] = []
    gate = asyncio.Event()

    async def handle(item: str, lane: Lane[str]) -> None:
        if item == "a1":
            await gate.wait()
        done.append(item)

    lanes = Lanes(handle)
    for item in ("a1", "a2", "b1", "b2"):
        lanes.put(item[0], item)
    await asyncio.sleep(0.01)
    assert done == ["b1", "b2"]
    assert (lanes.busy("a"), lanes.busy("b"), lanes.waiting("a"), len(lanes)) == (True, False, 1, 1)
    gate.set()
    assert await lanes.empty(1)
    assert done == ["b1", "b2", "a1", "a2"]
    assert len(lanes) == 0


async def test_an_item_that_fails_does_not_stop_its_lane() -> None:
    done: list[int] = []

    async def handle(item: int, lane: Lane[int]) -> None:
        if item % 2:
            raise RuntimeError("odd")
        done.append(item)

    lanes = Lanes(handle)
    for item in range(6):
        lanes.put("a", item)
    assert await lanes.empty(1)
    assert done == [0, 2, 4]


async def test_what_is_put_while_the_last_item_ends_is_not_lost() -> None:
    done: list[int] = []

    async def handle(item: int, lane: Lane[int]) -> None:
        done.append(item)
        if item < 50:
            asyncio.get_running_loop().call_soon(lanes.put, "a", item + 1)

    lanes: Lanes[int] = Lanes(handle)
    lanes.put("a", 0)
    while len(done) < 51:
        await asyncio.sleep(0)
    assert await lanes.empty(1)
    assert done == list(range(51))


async def test_the_head_is_waited_for_but_not_for_ever() -> None:
    lane: Lane[int] = Lane()
    assert await lane.head_within(0.01) is None
    asyncio.get_running_loop().call_later(0.01, lane.put, 7)
    assert await lane.head_within(5) == 7
    assert (lane.pop(), len(lane)) == (7, 0)
    assert await lane.head_within(0) is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40))
def test_every_item_is_handled_once_and_in_its_order(items: list[tuple[str, bool]]) -> None:
    done: list[tuple[str, int]] = []

    async def handle(item: tuple[str, int], lane: Lane[tuple[str, int]]) -> None:
        if items[item[1]][1]:
            await asyncio.sleep(0)
        done.append(item)

    async def run() -> None:
        lanes = Lanes(handle)
        for number, (key, pause) in enumerate(items):
            lanes.put(key, (key, number))
            if pause:
                await asyncio.sleep(0)
        assert await lanes.empty(5)
        assert len(lanes) == 0

    asyncio.run(run())
    for key in "abc":
        assert [number for each, number in done if each == key] == [n for n, (k, _) in enumerate(items) if k == key]
