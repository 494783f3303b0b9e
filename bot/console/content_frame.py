"""What all content pages share: a page of a long list, the choices of a filter, and her eyes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from bot.console.guard import Visit
from bot.conversation.turn import Organisation
from bot.services.content_trial import HerEyes

T = TypeVar("T")
_LONGEST_NUMBER = 12  # digits


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `query` is the rest of the address, for links to the other pages."""

    items: Sequence[T]
    number: int
    pages: int
    total: int
    query: str


def page_of(visit: Visit, items: Sequence[T], size: int, chosen: Mapping[str, str]) -> Page[T]:
    """The page that the address asks for; a number beyond the last is the last."""
    pages = max(1, -(-len(items) // size))
    number = min(max(1, whole_number(visit.request.query_params.get("page", "")) or 1), pages)
    query = urlencode({name: value for name, value in chosen.items() if value})
    return Page(items[(number - 1) * size : number * size], number, pages, len(items), query)


def whole_number(text: str) -> int | None:
    """A number of ours that came in an address or a form; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def choice(visit: Visit, name: str, allowed: Sequence[str]) -> str:
    """A field of a filter; "" where it is not one of those that are offered."""
    value = visit.request.query_params.get(name, "")
    return value if value in allowed else ""


def her_eyes(visit: Visit) -> HerEyes:
    """What she would read, now."""
    deps = visit.deps
    house = Organisation(deps.organisation, deps.bot_name, deps.knowledge.region.hotline)
    return HerEyes(deps.library, deps.wording, house, deps.desk.promises, deps.clock.now())
