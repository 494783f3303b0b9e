"""A curator at the desk: her browser, the notes in her queue, what she reads on a page."""

import re
from dataclasses import replace
from html import unescape

from starlette.applications import Starlette

from bot.console.routes import routes
from bot.domain.staff import Role
from bot.services.content_library import Library


async def curator(house, name="孙编辑", role=Role.CURATOR):
    """A curator's browser."""
    return await house.comes_in(await house.hires(name, role))


async def notes(house, *written, days_ago=0):
    """Notes of (masked text, reason, topic), the last one newest; their numbers in the same order."""
    numbers = []
    for text, reason, topic in written:
        house.clock.passes(minutes=1)
        at = house.clock.now()

        def add(unit, text=text, reason=reason, topic=topic, at=at):
            unit.feedback.add(text, reason, topic, at)
            return unit.feedback.latest(1)[0].seq

        numbers.append(await house.write(add))
    house.clock.passes(days=days_ago)
    return numbers


async def waiting(house):
    found = await house.store.read(lambda unit: unit.feedback.page(done=False, limit=100))
    return [note.seq for note in found]


def text_of(page):
    """What a reader sees, without markup."""
    without = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without)).split())


def links(page):
    return [unescape(link) for link in re.findall(r'href="([^"]*)"', page)]


def with_knowledge(house, *, index=None, knowledge=None, **changes):
    """The same desk over other content."""
    library = house.deps.library
    other = replace(knowledge or library.knowledge, **changes)
    deps = replace(house.deps, library=Library(other, index or library.index))
    return replace(house, deps=deps, app=Starlette(routes=routes(deps)))
