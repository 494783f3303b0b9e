"""What waits for the staff group: at most one card a case, and news of many cases in one line.

Telegram takes some 20 messages a minute in a group. What is urgent is never joined with anything.
"""

import secrets
from datetime import datetime

from bot.domain.ports import Unit
from bot.domain.reply import Button, Lane, Reply
from bot.domain.signals import outbox_of
from bot.services.case_messages import fill
from knowledge.wording import Wording

FULL = 10  # rows that may wait before lines are joined
_MOST_NUMBERS = 150  # of one line: it stays one message
_JOINED = "group-joined"  # fact: "<card of the joined line>|<number>,<number>…"


def put(
    unit: Unit, channel: str, reply: Reply, now: datetime, case_id: str | None, lane: Lane = Lane.REPLY
) -> None:
    """Queue a message; one that waits with the same card is replaced in its place."""
    if reply.card is not None and unit.outbox.rewrite(channel, reply, lane=lane, now=now):
        return
    unit.outbox.add(None, [reply], lane=lane, now=now, case_id=case_id, channel=channel)
    unit.announce(outbox_of(channel))


def put_line(
    unit: Unit, channel: str, wording: Wording, reply: Reply, now: datetime, case_id: str, number: str
) -> None:
    """Queue a line that only says that a case moved on; where much waits, its number joins the one line."""
    if unit.outbox.waiting(channel) <= FULL:
        put(unit, channel, reply, now, case_id)
    else:
        _join(unit, channel, wording, number, now)


def _join(unit: Unit, channel: str, wording: Wording, number: str, now: datetime) -> None:
    """Into the line that waits, or into a new one where that has gone out meanwhile or is full."""
    card, _, kept = (unit.facts.get(_JOINED) or "").partition("|")
    numbers = [*dict.fromkeys((*kept.split(","), number))] if kept else [number]
    line = _line(card, numbers, wording)
    waits = card and len(numbers) <= _MOST_NUMBERS
    if not (waits and unit.outbox.rewrite(channel, line, lane=Lane.REPLY, now=now)):
        card, numbers = f"news:{secrets.token_hex(6)}", [number]
        put(unit, channel, _line(card, numbers, wording), now, None)
    unit.facts.put(_JOINED, f"{card}|{','.join(numbers)}")


def _line(card: str, numbers: list[str], wording: Wording) -> Reply:
    text = fill(
        wording.bell.many, count=str(len(numbers)), numbers=wording.group.digest.number_joint.join(numbers)
    )
    return Reply(text, card=card)


def desk_row(public_url: str, label: str, path: str) -> tuple[Button, ...]:
    """A link into the desk. Telegram refuses links to a machine of its own; such a desk is opened by hand."""
    if not public_url.startswith("https://"):
        return ()
    return (Button(label, url=f"{public_url.rstrip('/')}/console{path}"),)
