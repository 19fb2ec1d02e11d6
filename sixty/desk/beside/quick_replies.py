"""Answers that agents keep at hand, their own and the shop's, found by words, folder or pinyin initials."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Text, or_, select, update
from sqlalchemy.orm import Session

from sixty.desk.beside.pinyin import are_letters, initials
from sixty.desk.beside.reply_variables import unknown_variables
from sixty.desk.staff.signed_in import Staff
from sixty.nlu.normal_form import normal_form
from sixty.tables import Base, UtcDateTime, column

Scope = Literal["mine", "shared"]

LONGEST_TITLE = 64
LONGEST_TEXT = 2000
LONGEST_FOLDER = 64
MOST = 2000


class QuickReply(Base):
    """An answer at hand.

    Attributes:
        account_id: Whose own it is; None for one that everybody has.
        initials: Of its title, as `sixty.desk.beside.pinyin` makes them.
        used: How often it was taken.
    """

    __tablename__ = "quick_reply"
    __table_args__ = (Index("ix_quick_reply_account_id", "account_id"),)

    id: int = Column(Integer, primary_key=True)
    account_id: int | None = Column(Integer, ForeignKey("account.id"))
    title: str = Column(String(LONGEST_TITLE), nullable=False)
    text: str = Column(Text, nullable=False)
    folder: str = Column(String(LONGEST_FOLDER), nullable=False, default="")
    initials: str = Column(String(128), nullable=False, default="")
    used: int = Column(Integer, nullable=False, default=0)
    created_by: int | None = Column(Integer, ForeignKey("account.id"))
    created_at: datetime = Column(UtcDateTime, nullable=False)
    updated_at: datetime = Column(UtcDateTime, nullable=False)

    @property
    def scope(self) -> Scope:
        """Whose it is."""
        return "shared" if self.account_id is None else "mine"


def add_reply(
    session: Session, staff: Staff, title: str, text: str, now: datetime, scope: Scope = "mine", folder: str = ""
) -> QuickReply:
    """Keeps an answer.

    Args:
        session: A session that may write.
        staff: Who keeps it.
        title: 1 to `LONGEST_TITLE` characters.
        text: 1 to `LONGEST_TEXT` characters; what stands in braces is one of `reply_variables.VARIABLES`.
        now: The present moment.
        scope: `shared` needs the permission `reply.share`.
        folder: Where it is kept; empty for none.

    Raises:
        RefusedError: They may not share.
        ValueError: Title, text or folder can't be kept; says why in Chinese.
    """
    if scope == "shared":
        staff.needs("reply.share")
    made = QuickReply(
        account_id=None if scope == "shared" else staff.account_id,
        title=_checked(title, LONGEST_TITLE, "标题"),
        text=_checked_text(text),
        folder=_checked_folder(folder),
        used=0,
        created_by=staff.account_id,
        created_at=now,
        updated_at=now,
    )
    made.initials = initials(made.title)
    session.add(made)
    session.flush()
    return made


def change_reply(
    session: Session,
    staff: Staff,
    reply_id: int,
    now: datetime,
    *,
    title: str | None = None,
    text: str | None = None,
    folder: str | None = None,
) -> QuickReply:
    """Changes an answer; what is left out stays.

    Raises:
        LookupError: There is no such reply, or it is a colleague's own.
        RefusedError: It is shared, and they may not share.
        ValueError: As of `add_reply`.
    """
    reply = _to_change(session, staff, reply_id)
    if title is not None:
        reply.title = _checked(title, LONGEST_TITLE, "标题")
        reply.initials = initials(reply.title)
    if text is not None:
        reply.text = _checked_text(text)
    if folder is not None:
        reply.folder = _checked_folder(folder)
    reply.updated_at = now
    session.flush()
    return reply


def remove_reply(session: Session, staff: Staff, reply_id: int) -> None:
    """Throws an answer away.

    Raises:
        LookupError: There is no such reply, or it is a colleague's own.
        RefusedError: It is shared, and they may not share.
    """
    session.delete(_to_change(session, staff, reply_id))
    session.flush()


def find_reply(session: Session, account_id: int, reply_id: int) -> QuickReply:
    """One of somebody's own or the shared replies.

    Raises:
        LookupError: There is no such reply, or it is a colleague's own.
    """
    found: QuickReply | None = session.get(QuickReply, reply_id)
    if found is None or found.account_id not in (None, account_id):
        raise LookupError(f"there is no quick reply {reply_id}")
    return found


def note_used(session: Session, reply_id: int) -> None:
    """Counts that a reply was taken; one that is gone meanwhile is not counted."""
    statement = (
        update(QuickReply)
        .where(column(QuickReply.id) == reply_id)
        .values(used=QuickReply.used + 1)
        .execution_options(synchronize_session=False)
    )
    session.execute(statement)


def replies_of(session: Session, account_id: int) -> list[QuickReply]:
    """Somebody's own replies and the shared ones, those used most in front."""
    query = (
        select(QuickReply)
        .where(_theirs(account_id))
        .order_by(column(QuickReply.used).desc(), QuickReply.title, QuickReply.id)
        .limit(MOST)
    )
    return list(session.scalars(query))


def find_replies(session: Session, account_id: int, typed: str = "", limit: int = 20) -> list[QuickReply]:
    """Looks for replies.

    Args:
        session: An open session.
        account_id: Who looks: their own replies and the shared ones.
        typed: Words of the title, the text or the folder, or initials of the title; empty for those used most.
        limit: How many at most.

    Returns:
        First those whose title begins so, then those whose title sounds so, then those that hold it.
    """
    everything = replies_of(session, account_id)
    wanted = "".join(normal_form(typed).casefold().split())
    if not wanted:
        return everything[:limit]
    ranked = [(rank, reply) for reply in everything if (rank := _rank(wanted, reply)) is not None]
    # The sort keeps the order of use among equals.
    return [reply for _, reply in sorted(ranked, key=lambda each: each[0])][:limit]


def _rank(wanted: str, reply: QuickReply) -> int | None:
    title = "".join(normal_form(reply.title).casefold().split())
    sounds = are_letters(wanted)
    if title.startswith(wanted):
        return 0
    if sounds and reply.initials.startswith(wanted):
        return 1
    if wanted in title:
        return 2
    if sounds and wanted in reply.initials:
        return 3
    body = "".join(normal_form(f"{reply.folder}\n{reply.text}").casefold().split())
    return 4 if wanted in body else None


def _theirs(account_id: int) -> object:
    return or_(column(QuickReply.account_id).is_(None), column(QuickReply.account_id) == account_id)


def _to_change(session: Session, staff: Staff, reply_id: int) -> QuickReply:
    reply = find_reply(session, staff.account_id, reply_id)
    if reply.account_id is None:
        staff.needs("reply.share")
    return reply


def _checked(value: str, longest: int, what: str) -> str:
    plain = " ".join(value.split())
    if not 1 <= len(plain) <= longest:
        raise ValueError(f"{what}要有 1 到 {longest} 个字")
    return plain


def _checked_text(text: str) -> str:
    plain = text.strip()
    if not 1 <= len(plain) <= LONGEST_TEXT:
        raise ValueError(f"内容要有 1 到 {LONGEST_TEXT} 个字")
    unknown = unknown_variables(plain)
    if unknown:
        raise ValueError(f"没有这个变量：{'、'.join(unknown)}；能用的变量在编辑框下面")
    return plain


def _checked_folder(folder: str) -> str:
    plain = " ".join(folder.split())
    if len(plain) > LONGEST_FOLDER:
        raise ValueError(f"文件夹名最多 {LONGEST_FOLDER} 个字")
    return plain
