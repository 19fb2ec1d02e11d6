"""The demo shop's past: it can be read, it is written once, and nothing of it is sent to anybody."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from sixty.desk.agents import somebody_works_here
from sixty.desk.chat_rows import Viewing, chat_rows
from sixty.desk.demo_chats import CHATS_FILE, add_demo_chats, check_demo_chats
from sixty.desk.staff.accounts import Account
from sixty.ledger.models import Message, OutboxRow
from sixty.settings import project_root
from sixty.shop.demo import seed
from sixty.shop.located import FilesError, Problem

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)
DEMO = project_root() / "playbook" / "demo"


def test_the_desk_of_the_demo_shop_has_a_past(session: Session) -> None:
    seed(session, NOW, path=DEMO)
    count = add_demo_chats(session, DEMO, NOW)
    assert count >= 6
    everybody = Viewing(None, None, everything=True)
    done, _ = chat_rows(session, "done", everybody, NOW)
    left, _ = chat_rows(session, "left", everybody, NOW)
    assert len(done) + len(left) == count
    assert left
    assert all(each.agent is not None and each.summary for each in done)
    assert session.query(OutboxRow).count() == 0
    assert all(each.at <= NOW for each in session.query(Message))
    # Nobody can sign in as them, and a shop without agents of its own is still one.
    assert session.query(Account).count() == 0
    assert not somebody_works_here(session)
    assert add_demo_chats(session, DEMO, NOW) == 0


def test_a_demo_without_the_file_has_no_past(session: Session, tmp_path: Path) -> None:
    assert add_demo_chats(session, tmp_path, NOW) == 0


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("begun: 6d", "begun: soon"), 11, "no span of time"),
        (("agent: demo-he", "agent: demo-xi"), 11, "no agent demo-xi"),
        (("after: 2", "after: 40"), 11, "after is 40"),
        (("      - 顾客: 快递", "      - 店长: 快递"), 11, "a line begins with"),
        (("    customer: C010\n", ""), 11, "with a customer or with a visitor"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, session: Session, change: tuple[str, str], line: int, words: str
) -> None:
    text = (DEMO / CHATS_FILE).read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / CHATS_FILE).write_text(text.replace(*change, 1), encoding="utf-8")
    problems: list[Problem] = []
    check_demo_chats(tmp_path / CHATS_FILE, problems)
    assert problems
    assert words in problems[0].message
    assert problems[0].line >= line
    assert problems[0].remedy
    with pytest.raises(FilesError, match=words):
        add_demo_chats(session, tmp_path, NOW)
