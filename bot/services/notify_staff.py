"""Tells members of staff something about their work: at the desk, and on Telegram where they bound it."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_duty import Notice
from bot.domain.reply import Lane, Reply
from bot.domain.signals import outbox_of
from bot.services.case_gate import is_barred

_TELEGRAM = "telegram"
_MINUTE_S = 60
_MESSAGES_A_MINUTE = 5  # to one member: a flood stays at the desk, her telephone rings for what is urgent
KEPT = timedelta(days=90)


def notify(
    unit: Unit,
    staff_ids: Iterable[str],
    text: str,
    now: datetime,
    *,
    case_id: str | None,
    urgent: bool = False,
) -> None:
    """Keep a notice for each of them. `text` names a case by number and kind only, never her words.

    Whom a conflict of interest closes the case to is not told of it.
    """
    card = None if case_id is None else unit.cases.card(case_id)
    for staff_id in dict.fromkeys(staff_ids):
        member = unit.staff.get(staff_id)
        if member is None or not member.active or (card is not None and is_barred(unit, member, card)):
            continue
        unit.duty.add_notice(Notice(secrets.token_hex(8), staff_id, text, now, case_id, urgent))
        if member.telegram_id is not None:
            _tell_in_private(unit, member.telegram_id, text, now, urgent=urgent)


def _tell_in_private(unit: Unit, telegram_id: str, text: str, now: datetime, *, urgent: bool) -> None:
    """Who bound an account wrote to the bot once, so it may write back. The row names no case: it is no
    message to the woman, and is not counted as one."""
    person = unit.people.find(Address(_TELEGRAM, telegram_id))
    if person is None:
        return
    few = unit.limits.hit(
        f"notice:{telegram_id}", now, window_s=_MINUTE_S, at_most=_MESSAGES_A_MINUTE
    )  # fmt: skip
    if few or urgent:
        lane = Lane.URGENT if urgent else Lane.NOTICE
        unit.outbox.add(person.id, [Reply(text, private=True)], lane=lane, now=now)
        unit.announce(outbox_of(_TELEGRAM))
