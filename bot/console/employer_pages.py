"""Employers across cases: the list, one employer, and the letters that are proposed about a practice."""

import asyncio
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.responses import RedirectResponse, Response

from bot.console.case_acts import act
from bot.console.guard import BASE, Entry, Visit, back, refusal
from bot.domain.cases import CaseKind
from bot.domain.errors import NotAllowed, NotFound, Refused
from bot.domain.ports import Unit
from bot.domain.ports_employers import EmployerSize, LetterState
from bot.domain.staff import Power, StaffMember
from bot.services import employers, patterns
from bot.services.patterns import LetterFacts, LetterView

_SHOWN = 200
_LONGEST_SEARCH = 60
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def show_list(visit: Visit) -> Response:
    """All employers with their numbers, what repeats, and the names that may be one."""
    return await _list(visit)


async def show_one(visit: Visit) -> Response:
    """One employer: its names, its cases of a year, the kinds over time."""
    return await _one(visit, visit.request.query_params.get("id", ""))


async def describe(visit: Visit) -> Response:
    """Name and size."""
    size = next((one for one in EmployerSize if one.value == visit.field("size")), None)

    def work(unit: Unit, now: datetime) -> str:
        if size is None:
            raise Refused("employer_size")
        employers.describe(unit, visit.actor, visit.field("employer"), visit.field("name"), size, now)
        return visit.field("employer")

    return await _act(visit, "employer_described", work)


async def join(visit: Visit) -> Response:
    """Two names mean one employer."""

    def work(unit: Unit, now: datetime) -> str:
        one, other = visit.field("employer"), visit.field("other")
        employers.join(unit, visit.actor, one, other, now, visit.deps.desk)
        return next(each for each in (one, other) if unit.employers.get(each) is not None)

    return await _act(visit, "employer_joined", work)


async def keep_apart(visit: Visit) -> Response:
    """Two names mean two employers."""

    def work(unit: Unit, now: datetime) -> str:
        employers.keep_apart(unit, visit.actor, visit.field("employer"), visit.field("other"), now)
        return visit.field("employer")

    return await _act(visit, "employer_apart", work)


async def split(visit: Visit) -> Response:
    """One of its names is another employer."""
    return await _act(visit, "employer_split", lambda unit, now: employers.split(
        unit, visit.actor, visit.field("employer"), visit.field("mark"), now))  # fmt: skip


async def show_letter(visit: Visit) -> Response:
    """A proposed letter with its text."""
    return await _letter(visit, visit.request.query_params.get("id", ""))


async def accept(visit: Visit) -> Response:
    """The union will write, in the words of the form; asked once more before."""

    def work(unit: Unit, now: datetime) -> None:
        if not visit.field("sure"):
            raise Refused("letter_sure")
        patterns.accept(unit, visit.actor, visit.field("letter"), now, visit.field("letter_text"))

    return await _decide(visit, "letter_accepted", work)


async def ask_lawyer(visit: Visit) -> Response:
    """A lawyer reads it first."""
    return await _decide(visit, "letter_asked", lambda unit, now: patterns.ask_lawyer(
        unit, visit.actor, visit.field("letter"), visit.field("lawyer"), visit.field("letter_text"), now,
        visit.deps.wording))  # fmt: skip


async def advise(visit: Visit) -> Response:
    """What the lawyer says of it."""
    return await _decide(visit, "letter_advised", lambda unit, now: patterns.advise(
        unit, visit.actor, visit.field("letter"), visit.field("text"), now, visit.deps.wording))  # fmt: skip


async def show_asked(visit: Visit) -> Response:
    """The letters that wait for this lawyer's word."""
    now, actor, facts = visit.deps.clock.now(), visit.actor, _facts(visit)
    letters = await visit.deps.store.read(lambda unit: patterns.asked_of(unit, actor, now, facts))
    return visit.show("employer_letters_asked.html", letters=letters)


async def dismiss(visit: Visit) -> Response:
    """No letter, with the reason."""
    return await _decide(visit, "letter_dismissed", lambda unit, now: patterns.dismiss(
        unit, visit.actor, visit.field("letter"), visit.field("text"), now))  # fmt: skip


async def download(visit: Visit) -> Response:
    """The text of an accepted letter as a document."""
    now, actor, facts = visit.deps.clock.now(), visit.actor, _facts(visit)
    letter_id = visit.request.query_params.get("id", "")
    try:
        shown = await visit.deps.store.write(lambda unit: patterns.show(unit, actor, letter_id, now, facts))
    except Refused as refused:
        return await _list(visit, 422, error=refusal(visit.deps, refused))
    if shown.letter.state is not LetterState.ACCEPTED:
        return back(f"/employers/letter?id={letter_id}")
    data = await asyncio.to_thread(_document, shown)
    headers = {"content-disposition": f'attachment; filename="letter-{shown.letter.id}.docx"'}
    return Response(data, media_type=_DOCX, headers=headers)


async def name_case(visit: Visit) -> Response:
    """Which employer a case is about, as whoever handles it says."""
    return await act(visit, "employer", "employer_named", lambda unit, case, now, desk: employers.name_case(
        unit, visit.actor, case, visit.field("employer_name"), now, desk))  # fmt: skip


def _document(shown: LetterView) -> bytes:
    """The letter as docx: its title in the middle, the rest as paragraphs."""
    import docx  # lazily: a tenth of a second
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    made = docx.Document()
    title, *lines = [line for line in shown.text.split("\n") if line.strip()]
    made.add_heading(title, level=1).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for line in lines[:-2]:
        made.add_paragraph(line)
    for line in lines[-2:]:  # who writes, and the day
        made.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _facts(visit: Visit) -> LetterFacts:
    return LetterFacts(visit.deps.wording, visit.deps.knowledge, visit.deps.organisation)


async def _act(visit: Visit, done: str, work: Callable[[Unit, datetime], str]) -> Response:
    """Do one act and show the employer that `work` names."""
    now = visit.deps.clock.now()
    try:
        shown = await visit.deps.store.write(lambda unit: work(unit, now))
    except Refused as refused:
        return await _one(visit, visit.field("employer"), 422, error=refusal(visit.deps, refused))
    return RedirectResponse(f"{BASE}/employers/one?id={shown}&done={done}", status_code=303)


async def _decide(visit: Visit, done: str, work: Callable[[Unit, datetime], None]) -> Response:
    now, letter_id = visit.deps.clock.now(), visit.field("letter")
    try:
        await visit.deps.store.write(lambda unit: work(unit, now))
    except Refused as refused:
        return await _letter(visit, letter_id, 422, error=refusal(visit.deps, refused))
    return RedirectResponse(f"{BASE}/employers/letter?id={letter_id}&done={done}", status_code=303)


async def _list(visit: Visit, status: int = 200, *, error: str = "") -> Response:
    now, actor, facts = visit.deps.clock.now(), visit.actor, _facts(visit)
    wanted = visit.request.query_params.get("q", "").strip()[:_LONGEST_SEARCH]

    def read(unit: Unit) -> dict[str, Any]:
        return {
            "lines": employers.list_all(unit, actor, now, wanted),
            "questions": employers.questions(unit, actor),
            "letters": patterns.proposals(unit, actor, now, facts),
        }

    found = await visit.deps.store.write(read)
    more = max(0, len(found["lines"]) - _SHOWN)
    found["lines"] = found["lines"][:_SHOWN]
    words = visit.deps.wording.employers
    return visit.show(
        "employers.html", status, **found, more=more, wanted=wanted, error=error, said=words,
        proposed=LetterState.PROPOSED,
    )  # fmt: skip


async def _one(visit: Visit, employer_id: str, status: int = 200, *, error: str = "") -> Response:
    now, actor = visit.deps.clock.now(), visit.actor
    try:
        shown = await visit.deps.store.write(lambda unit: employers.view(unit, actor, employer_id, now))
    except Refused as refused:
        return await _list(visit, 422, error=error or refusal(visit.deps, refused))
    return visit.show(
        "employer.html", status, view=shown, kinds=list(CaseKind), sizes=list(EmployerSize),
        said=visit.deps.wording.employers, error=error, typed=dict(visit.form),
        may_open=actor.may(Power.OPEN_ALL),
    )  # fmt: skip


async def _letter(visit: Visit, letter_id: str, status: int = 200, *, error: str = "") -> Response:
    now, actor, facts = visit.deps.clock.now(), visit.actor, _facts(visit)

    def read(unit: Unit) -> tuple[LetterView, dict[str, str], list[StaffMember]]:
        shown = patterns.show(unit, actor, letter_id, now, facts)
        names = {one.id: one.name for one in unit.staff.all()}
        return shown, names, patterns.lawyers(unit, shown.letter)

    try:
        shown, names, lawyers = await visit.deps.store.write(read)
    except (Refused, NotAllowed) as refused:
        if not actor.may(Power.SEE_EMPLOYERS):  # a lawyer who was not asked: as if there were none
            raise NotFound("letter") from None
        assert isinstance(refused, Refused)
        return await _list(visit, 422, error=error or refusal(visit.deps, refused))
    return visit.show(
        "employer_letter.html", status, view=shown, names=names, states=LetterState, error=error,
        lawyers=lawyers, decides=actor.may(Power.SEE_EMPLOYERS), longest=patterns.LONGEST_LETTER,
        said=visit.deps.wording.employers, typed=dict(visit.form),
    )  # fmt: skip


_SEE, _ADVISE = frozenset({Power.SEE_EMPLOYERS}), frozenset({Power.APPROVE})
_READ = _SEE | _ADVISE  # lawyers only what they were asked to read
ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/employers", _SEE, show_list),
    Entry("GET", "/employers/one", _SEE, show_one),
    Entry("POST", "/employers/describe", _SEE, describe),
    Entry("POST", "/employers/join", _SEE, join),
    Entry("POST", "/employers/apart", _SEE, keep_apart),
    Entry("POST", "/employers/split", _SEE, split),
    Entry("GET", "/employers/letter", _READ, show_letter),
    Entry("GET", "/employers/asked", _ADVISE, show_asked),
    Entry("POST", "/employers/letter/lawyer", _SEE, ask_lawyer),
    Entry("POST", "/employers/letter/advice", _ADVISE, advise),
    Entry("GET", "/employers/letter.docx", _SEE, download),
    Entry("POST", "/employers/letter/accept", _SEE, accept),
    Entry("POST", "/employers/letter/dismiss", _SEE, dismiss),
    Entry("POST", "/cases/{case_id}/employer", frozenset({Power.MOVE}), name_case),
)
