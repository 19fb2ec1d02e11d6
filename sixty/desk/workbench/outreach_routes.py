"""Section "Reminders" of the workbench's API: what the bot says first, to whom and why, and what that brings about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from sixty.desk.refusals import RefusedError
from sixty.desk.staff.audit import note
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench import outreach_forms as forms
from sixty.desk.workbench.answers import answer, at
from sixty.desk.workbench.bench import Bench, Signed, Workbench
from sixty.desk.workbench.bodies import BenchForm, given
from sixty.outreach import desk_readings, lift_report, text_edits
from sixty.outreach.models import RungState
from sixty.outreach.pausing import ALL as EVERYTHING
from sixty.outreach.pausing import pause, paused, resume
from sixty.outreach.preview import preview
from sixty.outreach.scenes import Book
from sixty.outreach.scenes_file import OutreachFileError, read_scenes
from sixty.outreach.text_edits import TextEditError

router = APIRouter(prefix="/outreach")


_LONGEST_SPAN = 366
_LONGEST_WORDS = 500
_STATES: dict[str, tuple[RungState, ...]] = {
    "all": desk_readings.DECIDED,
    "sent": ("sent", "queued"),
    "skipped": ("skipped",),
    "held": ("held",),
    "failed": ("failed",),
}
_WHY_NOT = {"unknown": 404, "changed_meanwhile": 409, "wrong": 422, "read_only": 409}


class SceneForm(BenchForm):
    """A scene, or `*` for all of them."""

    scene: str = Field(max_length=32)


class WordsForm(BenchForm):
    """New words for a place of a scene, and those that were read there."""

    scene: str = Field(max_length=32)
    place: str = Field(max_length=64)
    before: str = Field(max_length=4000)
    after: str = Field(min_length=1, max_length=_LONGEST_WORDS)


class PreviewForm(BenchForm):
    """Words that are to be looked at before they are saved."""

    scene: str = Field(max_length=32)
    place: str = Field(max_length=64)
    text: str = Field(min_length=1, max_length=_LONGEST_WORDS)


class UndoForm(BenchForm):
    """A change that is to be taken back."""

    edit: int


@router.get("")
def overview(staff: Signed, bench: Bench) -> JSONResponse:
    """All scenes as the playbook has them, and how today stands."""
    staff.needs("outreach.read")
    book, now = _book(bench), bench.now()
    since, until = _today(book, now)
    with bench.reading() as session:
        counts = desk_readings.by_scene(session, since, until)
        stopped = paused(session)
    return answer(
        {
            "scenes": [forms.scene_form(each, counts.get(each.id), stopped) for each in book.scenes.values()],
            "paused": EVERYTHING in stopped,
            "quiet": {"from": f"{book.clock.quiet_from:%H:%M}", "until": f"{book.clock.quiet_until:%H:%M}"},
            "is_quiet": book.clock.is_quiet(now),
            "caps": {
                "per_day": book.caps.per_day,
                "per_week": book.caps.per_week,
                "apart": int(book.caps.apart.total_seconds()),
            },
            "cost": {way: str(each) for way, each in book.cost.items()},
            "may_edit": "outreach.edit" in staff.may,
            "server_time": at(now),
        }
    )


@router.get("/plan")
def plan(
    staff: Signed,
    bench: Bench,
    scene: Annotated[str | None, Query(max_length=32)] = None,
    after: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """What is still to be said today, what is due first in front."""
    staff.needs("outreach.read")
    book, now = _book(bench), bench.now()
    _, until = _today(book, now)
    with bench.reading() as session:
        steps = desk_readings.planned(session, until, scene, _place(after), limit + 1)
        shown = [forms.step_form(session, each, book, bench.rules(), staff) for each in steps[:limit]]
    last = steps[min(limit, len(steps)) - 1] if steps else None
    cursor = f"{last.rung.due_at.isoformat()}_{last.rung.id}" if last is not None else None
    _audit_list(bench, staff, "outreach_plan", scene)
    return answer({"steps": shown, "more": len(steps) > limit, "cursor": cursor, "server_time": at(now)})


@router.get("/log")
def log(
    staff: Signed,
    bench: Bench,
    scene: Annotated[str | None, Query(max_length=32)] = None,
    state: Literal["all", "sent", "skipped", "held", "failed"] = "all",
    who: Annotated[str | None, Query(max_length=64)] = None,
    before: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """What was said to whom and why, and what was not, the newest first."""
    staff.needs("outreach.read")
    book, now = _book(bench), bench.now()
    since, until = _today(book, now)
    with bench.reading() as session:
        steps = desk_readings.decided(
            session,
            scene=scene,
            states=_STATES[state],
            who=(who or "").strip() or None,
            before=_place(before),
            limit=limit + 1,
        )
        shown = [forms.step_form(session, each, book, bench.rules(), staff) for each in steps[:limit]]
        skipped = desk_readings.reasons(session, since, until, scene)
    last = steps[min(limit, len(steps)) - 1] if steps else None
    cursor = f"{last.rung.decided_at.isoformat()}_{last.rung.id}" if last is not None and last.rung.decided_at else None
    _audit_list(bench, staff, "outreach_log", who or scene)
    return answer(
        {
            "steps": shown,
            "more": len(steps) > limit,
            "cursor": cursor,
            "reasons": forms.reasons_form(skipped),
            "server_time": at(now),
        }
    )


@router.get("/foreseen")
def foreseen(staff: Signed, bench: Bench, who: Annotated[str, Query(min_length=1, max_length=64)]) -> JSONResponse:
    """What a customer would hear from now on if they do nothing, when and why, and why not; nothing of it is kept."""
    staff.needs("outreach.read")
    book, now = _book(bench), bench.now()
    with bench.writing() as session:
        person = desk_readings.person(session, who.strip())
        steps = preview(session, book, person, now) if person is not None else []
        shown = [forms.foreseen_form(session, each) for each in steps if not each.is_past]
        note(session, staff.account_id, "outreach_foreseen", now, detail=person or who)
    return answer({"is_known": person is not None, "steps": shown, "server_time": at(now)})


@router.get("/cases/{case_id}")
def case(case_id: int, staff: Signed, bench: Bench) -> JSONResponse:
    """One case: what it is about, why, each step of its ladder, and what came of it."""
    staff.needs("outreach.read")
    book, now = _book(bench), bench.now()
    with bench.writing() as session:
        found = desk_readings.course(session, case_id)
        if found is None:
            raise RefusedError(404, "unknown", "没有这条记录，可能已经清理了")
        note(session, staff.account_id, "outreach_case", now, customer_id=found[0].customer_id, detail=str(case_id))
        told = forms.course_form(session, *found, book, bench.rules(), staff)
    return answer({"case": told, "server_time": at(now)})


@router.post("/pause")
def stop(staff: Signed, form: Annotated[SceneForm, Depends(given(SceneForm))], bench: Bench) -> JSONResponse:
    """Pauses a scene, or all of them; what is due meanwhile is not said later."""
    staff.needs("outreach.edit")
    _known(bench, form.scene)
    with bench.writing() as session:
        pause(session, form.scene, staff.login, bench.now())
        note(session, staff.account_id, "outreach_paused", bench.now(), detail=form.scene)
    return overview(staff, bench)


@router.post("/resume")
def go_on(staff: Signed, form: Annotated[SceneForm, Depends(given(SceneForm))], bench: Bench) -> JSONResponse:
    """Lets a scene, or all of them, go on."""
    staff.needs("outreach.edit")
    _known(bench, form.scene)
    with bench.writing() as session:
        resume(session, form.scene)
        note(session, staff.account_id, "outreach_resumed", bench.now(), detail=form.scene)
    return overview(staff, bench)


@router.post("/words/preview")
def look_at_words(
    staff: Signed, form: Annotated[PreviewForm, Depends(given(PreviewForm))], bench: Bench
) -> JSONResponse:
    """How words would read, and what is wrong with them; nothing is changed."""
    staff.needs("outreach.read")
    book, text = _book(bench), _in_one_line(form.text)
    try:
        faults = text_edits.check_words(bench.settings.playbook, form.scene, form.place, text)
    except TextEditError as error:
        raise _not_changed(error) from None
    scene = book.scenes[form.scene]
    way = next(each.way for each in text_edits.words_of(scene) if each.place == form.place)
    return answer(forms.preview_form(text, faults, scene, way, book, bench.settings.shop_title))


@router.post("/words")
def change(staff: Signed, form: Annotated[WordsForm, Depends(given(WordsForm))], bench: Bench) -> JSONResponse:
    """Changes words in the playbook; they count from the next round on."""
    staff.needs("outreach.edit")
    with bench.writing() as session:
        try:
            edit = text_edits.change_words(
                session,
                bench.settings.playbook,
                form.scene,
                form.place,
                form.before,
                _in_one_line(form.after),
                staff.login,
                bench.now(),
            )
        except TextEditError as error:
            raise _not_changed(error) from None
        note(session, staff.account_id, "outreach_words", bench.now(), detail=f"{form.scene} {form.place}")
        told = forms.edit_form(edit)
    return answer({"edit": told}, 201)


@router.get("/words/history")
def changes(
    staff: Signed,
    bench: Bench,
    scene: Annotated[str | None, Query(max_length=32)] = None,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """What was changed by whom, the newest first."""
    staff.needs("outreach.read")
    with bench.reading() as session:
        found = text_edits.history(session, scene, before, limit + 1)
        told = [forms.edit_form(each) for each in found[:limit]]
    return answer({"edits": told, "more": len(found) > limit, "server_time": at(bench.now())})


@router.post("/words/undo")
def take_back(staff: Signed, form: Annotated[UndoForm, Depends(given(UndoForm))], bench: Bench) -> JSONResponse:
    """Takes a change of words back."""
    staff.needs("outreach.edit")
    with bench.writing() as session:
        try:
            edit = text_edits.undo(session, bench.settings.playbook, form.edit, staff.login, bench.now())
        except TextEditError as error:
            raise _not_changed(error) from None
        note(session, staff.account_id, "outreach_words", bench.now(), detail=f"undo {edit.scene} {edit.place}")
        told = forms.edit_form(edit)
    return answer({"edit": told}, 201)


@router.get("/lift")
def lift(
    staff: Signed,
    bench: Bench,
    days: Annotated[int, Query(ge=1, le=_LONGEST_SPAN)] = 30,
    depth: Literal["scene", "audience", "variant"] = "scene",
) -> JSONResponse:
    """What each scene, audience or wording brought about, against who was left alone."""
    staff.needs("outreach.read")
    book, now = _book(bench), bench.now()
    shares = {each.id: each.control for each in book.scenes.values() if each.control}
    with bench.reading() as session:
        lines = lift_report.lift_lines(session, now - timedelta(days=days), now, depth, shares, now)
        recovered = lift_report.recovered_by_all(session, now - timedelta(days=days), now)
    places = {name: each.place for name, each in book.scenes.items()}
    lines.sort(key=lambda each: places.get(each.scene, len(places)))
    return answer(
        {
            "lines": [forms.lift_form(each, book) for each in lines],
            "together": forms.together_form(lines, recovered),
            "server_time": at(now),
        }
    )


@router.get("/days")
def by_day(
    staff: Signed,
    bench: Bench,
    days: Annotated[int, Query(ge=1, le=_LONGEST_SPAN)] = 30,
    scene: Annotated[str, Query(max_length=32)] = "*",
) -> JSONResponse:
    """What was sent and came back, day by day."""
    staff.needs("outreach.read")
    book, now = _book(bench), bench.now()
    ahead = book.clock.zone.utcoffset(now.replace(tzinfo=None))
    hours = round((ahead or timedelta(0)).total_seconds() / 3600)
    with bench.reading() as session:
        found = lift_report.lift_by_day(session, now - timedelta(days=days), now, scene, hours)
    return answer({"days": [forms.day_form(each) for each in found], "server_time": at(now)})


@router.get("/outbox")
def outbox(
    staff: Signed,
    bench: Bench,
    way: Literal["sms", "phone"] | None = None,
    state: Annotated[str | None, Query(max_length=16)] = None,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """SMS and calls, the newest first; numbers in part."""
    staff.needs("outreach.read")
    book = _book(bench)
    with bench.reading() as session:
        found = desk_readings.outbox(session, way, state, before, limit + 1)
        shown = [forms.sending_form(session, each, book, bench.rules(), staff) for each in found[:limit]]
    return answer({"contacts": shown, "more": len(found) > limit, "server_time": at(bench.now())})


def _book(bench: Workbench) -> Book:
    try:
        return read_scenes(bench.settings.playbook)
    except OutreachFileError as error:
        raise RefusedError(503, "busy", f"触达剧本写错了，改好之前不会发：{error}") from None


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _known(bench: Workbench, scene: str) -> None:
    if scene != EVERYTHING and scene not in _book(bench).scenes:
        raise RefusedError(404, "unknown", "剧本里没有这个场景，刷新看看")


def _today(book: Book, now: datetime) -> tuple[datetime, datetime]:
    """The day of the shop's own clock that a moment lies in."""
    midnight = now.astimezone(book.clock.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight, midnight + timedelta(days=1)


def _place(cursor: str | None) -> tuple[datetime, int] | None:
    if not cursor:
        return None
    moment, _, number = cursor.partition("_")
    try:
        when = datetime.fromisoformat(moment)
        if when.tzinfo is None:
            raise ValueError("a moment without its zone")
        return when, int(number)
    except ValueError:
        raise RefusedError(422, "malformed", "翻页的位置不对，请刷新页面", "after/before") from None


def _not_changed(error: TextEditError) -> RefusedError:
    extra: dict[str, Any] = {"now": error.now} if error.now is not None else {}
    extra["problems"] = [{"message": each.message, "remedy": each.remedy} for each in error.faults]
    return RefusedError(_WHY_NOT[error.code], error.code, str(error), extra=extra)


def _audit_list(bench: Workbench, staff: Staff, what: str, about: str | None) -> None:
    """That somebody looked up one customer is written down; the list of today by itself names nobody."""
    if not about:
        return
    with bench.writing() as session:
        note(session, staff.account_id, what, bench.now(), detail=about)
