from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sixty.channels.scribe import Scribe
from sixty.shop.database import shop_session


def note(session: Session, key: str) -> str:
    session.execute(text("INSERT INTO scribbled (what) VALUES (:what)"), {"what": key})
    return key


@pytest.fixture
def url(empty_database: str) -> str:
    with shop_session(empty_database) as session:
        session.execute(text("CREATE TABLE scribbled (what VARCHAR(16) PRIMARY KEY)"))
    return empty_database


def kept(url: str) -> list[str]:
    with shop_session(url, read_only=True) as session:
        return list(session.scalars(text("SELECT what FROM scribbled ORDER BY what")))


async def test_jobs_are_written_together_and_a_bad_one_spoils_none(url: str) -> None:
    transactions = 0

    @contextmanager
    def counted(**more: Any) -> Iterator[Session]:
        nonlocal transactions
        transactions += 1
        with shop_session(url, **more) as session:
            yield session

    scribe = Scribe(counted)

    def bad(session: Session) -> None:
        note(session, "half")
        raise KeyError("a mistake of the job")

    jobs = [partial(note, key=f"n{number:02}") for number in range(20)]
    outcomes = await asyncio.gather(
        *(scribe.write(job) for job in (*jobs, bad, partial(note, key="n05"), partial(note, key="zz"))),
        return_exceptions=True,
    )
    assert outcomes[:20] == [f"n{number:02}" for number in range(20)]
    assert isinstance(outcomes[20], KeyError)
    assert "IntegrityError" in type(outcomes[21]).__name__
    assert outcomes[22] == "zz"
    assert kept(url) == [*(f"n{number:02}" for number in range(20)), "zz"]
    assert transactions <= 3
    scribe.close()


async def test_a_job_alone_that_fails_takes_back_its_writes(url: str) -> None:
    scribe = Scribe(partial(shop_session, url))

    def bad(session: Session) -> None:
        note(session, "half")
        raise LookupError("no")

    with pytest.raises(LookupError):
        await scribe.write(bad)
    assert kept(url) == []
    assert await scribe.write(partial(note, key="whole")) == "whole"
    assert await scribe.read(lambda session: session.scalar(text("SELECT what FROM scribbled"))) == "whole"
    scribe.close()


async def test_a_connection_that_breaks_is_tried_again(url: str) -> None:
    breaks = 3

    @contextmanager
    def shaky(**more: Any) -> Iterator[Session]:
        nonlocal breaks
        with shop_session(url, **more) as session:
            yield session
            if breaks:
                breaks -= 1
                raise OperationalError("COMMIT", {}, Exception("the server has gone away"))

    scribe = Scribe(shaky)
    assert await asyncio.gather(*(scribe.write(partial(note, key=key)) for key in "abc")) == ["a", "b", "c"]
    assert kept(url) == ["a", "b", "c"]
    scribe.close()


async def test_patience_ends(url: str) -> None:
    @contextmanager
    def down(**_: Any) -> Iterator[Session]:
        raise OSError("no database")
        yield

    scribe = Scribe(down, patience=0.05)
    outcomes = await asyncio.gather(*(scribe.write(partial(note, key=key)) for key in "ab"), return_exceptions=True)
    assert [type(each) for each in outcomes] == [OSError, OSError]
    scribe.close()


async def test_who_has_gone_meanwhile_is_not_told(url: str) -> None:
    scribe = Scribe(partial(shop_session, url))
    impatient = asyncio.ensure_future(scribe.write(partial(note, key="a")))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await scribe.write(partial(note, key="b")) == "b"
    assert "b" in kept(url)
    scribe.close()


async def test_what_nobody_waits_for_goes_along_with_the_next_in_order(url: str) -> None:
    transactions = 0

    @contextmanager
    def counted(**more: Any) -> Iterator[Session]:
        nonlocal transactions
        transactions += 1
        with shop_session(url, **more) as session:
            yield session

    scribe = Scribe(counted)
    seen: list[str] = []

    def job(key: str) -> str:
        seen.append(key)
        return key

    later = asyncio.ensure_future(scribe.write_with_others(lambda session: job(note(session, "end"))))
    await asyncio.sleep(0)
    assert await scribe.write(lambda session: job(note(session, "next"))) == "next"
    assert (await later, seen, transactions) == ("end", ["end", "next"], 1)
    assert await scribe.write_with_others(partial(note, key="alone")) == "alone"
    assert (kept(url), transactions) == (["alone", "end", "next"], 2)
