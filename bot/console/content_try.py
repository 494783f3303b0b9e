"""Ask as she would, and see why it is answered so. The words are neither kept nor logged."""

import asyncio
from http import HTTPStatus

from starlette.responses import Response

from bot.console.content_frame import her_eyes
from bot.console.guard import Visit
from bot.services.content_trial import LONGEST_TRIAL, Trial
from knowledge.calibration import ANSWER_AT, NUMBERS, OFFER_AT
from knowledge.index import Found, Unsure

_OUTSIDE, _UNWRITTEN = "outside:", "unwritten:"


async def show_form(visit: Visit) -> Response:
    """The empty form."""
    return _page(visit, "")


async def ask(visit: Visit) -> Response:
    """One question. It comes in a form, never in an address: addresses are kept by browsers and servers."""
    text = visit.field("text").strip()
    if len(text) > LONGEST_TRIAL:
        return _page(visit, text, problem="too_long", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if not text:
        return _page(visit, "", problem="empty", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    trial = await asyncio.to_thread(her_eyes(visit).tries, text)
    return _page(visit, text, trial)


def _page(
    visit: Visit, text: str, trial: Trial | None = None, *, problem: str = "", status: int = HTTPStatus.OK
) -> Response:
    return visit.show(
        "content_try.html",
        status=status,
        text=text,
        trial=trial,
        problem=problem,
        verdict=_verdict(trial) if trial else "",
        rival=_rival(visit, trial) if trial else ("", "", ""),
        numbers=NUMBERS,
        answer_at=trial.why.answer_at if trial else ANSWER_AT,
        offer_at=OFFER_AT,
        most=LONGEST_TRIAL,
        library=visit.deps.library,
    )


def _verdict(trial: Trial) -> str:
    match trial.decision:
        case Found():
            return "found"
        case Unsure():
            return "unsure"
        case _:
            return "not_found"


def _rival(visit: Visit, trial: Trial) -> tuple[str, str, str]:
    """Kind of the strongest rival, its name, and an example of it or its title."""
    name = trial.why.rival
    if name.startswith(_OUTSIDE):
        field = name.removeprefix(_OUTSIDE)
        examples = visit.deps.knowledge.outside.fields.get(field, ())
        return "outside", field, "、".join(examples[:3])
    if name.startswith(_UNWRITTEN):
        topic = name.removeprefix(_UNWRITTEN)
        return "unwritten", topic, visit.deps.library.title(topic)
    return "", "", ""
