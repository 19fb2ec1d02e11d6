"""The worker: its jobs, their times, its health."""

from __future__ import annotations

import threading
import urllib.request
from datetime import datetime, timedelta, timezone
from itertools import chain, repeat
from pathlib import Path

import pytest
from huey import MemoryHuey, RedisHuey, SqliteHuey

from sixty.outreach.models import OutreachCursor
from sixty.settings import Settings
from sixty.shop.database import shop_session, upgrade_database
from sixty.shop.proofs import prove_order
from sixty.worker.health import PATH, health_server
from sixty.worker.jobs import Jobs
from sixty.worker.queue import task_queue
from sixty.worker.running import schedule

NOW = datetime(2026, 3, 18, 2, 0, tzinfo=timezone.utc)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(var=tmp_path / "var")
    upgrade_database(made.database_url)
    return made


def test_without_redis_ticks_lie_in_a_file(settings: Settings) -> None:
    queue = task_queue(settings)
    assert isinstance(queue, SqliteHuey)
    assert (settings.var / "worker.db").is_file()


def test_with_redis_several_machines_share_them(settings: Settings) -> None:
    assert isinstance(task_queue(settings.copy(update={"redis_url": "redis://localhost:1/0"})), RedisHuey)


def test_rounds_are_done_until_the_time_is_over(settings: Settings) -> None:
    moments = chain([NOW] * 4, repeat(NOW + timedelta(minutes=2)))
    stop = threading.Event()
    jobs = Jobs(settings, clock=lambda: next(moments))
    stop.wait = lambda timeout=None: False  # type: ignore[method-assign]
    assert jobs.outreach(stop, NOW + timedelta(minutes=1)) >= 1
    with shop_session(settings.database_url, read_only=True) as session:
        assert session.get(OutreachCursor, "unpaid") is not None


def test_a_worker_that_ends_begins_no_round(settings: Settings) -> None:
    stop = threading.Event()
    stop.set()
    assert Jobs(settings, clock=lambda: NOW).outreach(stop, NOW + timedelta(minutes=1)) == 0


def test_outreach_can_be_left_out(settings: Settings) -> None:
    jobs = Jobs(settings.copy(update={"outreach": False}), clock=lambda: NOW)
    assert jobs.outreach(threading.Event(), NOW + timedelta(minutes=1)) == 0


def test_the_other_jobs_do_nothing_in_an_empty_shop(settings: Settings) -> None:
    jobs = Jobs(settings, clock=lambda: NOW)
    assert (jobs.benefits(), jobs.order_events(), jobs.related_questions()) == (0, 0, 0)


def test_tries_to_prove_an_order_are_forgotten_once_they_do_not_count(settings: Settings) -> None:
    with shop_session(settings.database_url) as session:
        assert prove_order(session, "chat", "202600000000000001", "0000", NOW).outcome != "proved"
    assert Jobs(settings, clock=lambda: NOW).old_proofs() == 0
    assert Jobs(settings, clock=lambda: NOW + timedelta(days=1)).old_proofs() == 1


def test_every_job_has_its_time(settings: Settings) -> None:
    queue = MemoryHuey("test")
    schedule(queue, Jobs(settings, clock=lambda: NOW), threading.Event())

    def due(at: datetime) -> set[str]:
        return {task.name for task in queue.read_periodic(at.replace(tzinfo=None))}

    assert due(datetime(2026, 3, 18, 2, 1, tzinfo=timezone.utc)) == {"outreach"}
    assert due(datetime(2026, 3, 18, 2, 10, tzinfo=timezone.utc)) == {"outreach", "benefits", "order_events"}
    assert "related_questions" in due(datetime(2026, 3, 18, 19, 10, tzinfo=timezone.utc))
    assert "pairs" in due(datetime(2026, 3, 18, 19, 40, tzinfo=timezone.utc))
    assert "old_proofs" in due(datetime(2026, 3, 18, 2, 50, tzinfo=timezone.utc))


def test_it_tells_that_it_is_alive(unused_tcp_port: int) -> None:
    address = f"http://127.0.0.1:{unused_tcp_port}{PATH}"
    with health_server(unused_tcp_port), urllib.request.urlopen(address) as answer:
        assert answer.status == 200
