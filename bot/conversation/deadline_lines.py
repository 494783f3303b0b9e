"""The legal dates of her case in plain words: on her receipt, and whenever she looks at it."""

from collections.abc import Sequence
from datetime import date

from bot.conversation.turn import Context
from bot.domain.case_deadlines import ANEW, OTHERS, CaseDeadline, DaySure, DeadlineState, PlannedDeadline
from bot.domain.civil_time import day_in_words, plain_day
from knowledge.wording_deadlines import HerDeadlines

NEAREST = 2
_FAR = 60  # days; beyond, the day of the week helps nobody


def of_plan(context: Context, planned: Sequence[PlannedDeadline]) -> str:
    """What her answers bring up, before anybody has looked at it; "" where they bring up nothing."""
    hers = [one for one in planned if one.rule not in OTHERS]
    shown = sorted(hers, key=lambda one: one.last_on or date.max)[:NEAREST]
    lines = [_line(context, one) for one in shown]
    return _text(context, lines, trial=any(one.last_on for one in shown))


def on_receipt(frame: str, lines: str) -> str:
    """The frame of the receipt with the dates before the code: what she types back stays the last word."""
    if not lines:
        return frame
    parts, escaped = frame.split("\n\n"), lines.replace("{", "{{").replace("}", "}}")
    at = next((place for place, part in enumerate(parts) if "{code}" in part), len(parts))
    return "\n\n".join((*parts[:at], escaped, *parts[at:]))


def of_case(context: Context, kept: Sequence[CaseDeadline], *, ended: bool = False) -> str:
    """The nearest two that run, then what lapsed, with what can still be done; "" where there is none.

    `ended`: the case is closed and nobody watches the dates any more: one line about those still to come.
    """
    if ended:
        return _of_ended(context, kept)
    running = [one for one in kept if one.state is DeadlineState.RUNNING]
    running.sort(key=lambda one: (one.last_on or date.max, not one.is_hers))
    lapsed = [one for one in kept if one.state is DeadlineState.LAPSED][:NEAREST]
    shown = [*running[:NEAREST], *lapsed]
    lines = [_line(context, one, trial=one.is_trial) for one in shown]
    if len(running) > NEAREST:
        lines.append(context.put(_words(context).more, count=len(running) - NEAREST))
    trial = any(one.is_trial and one.last_on for one in shown if one.sure is not DaySure.UNKNOWN)
    text = _text(context, lines, trial=trial)
    return f"{text}\n{_words(context).anew}" if trial and any(one.rule in ANEW for one in shown) else text


def _line(context: Context, one: PlannedDeadline | CaseDeadline, *, trial: bool = True) -> str:
    words, rule, last_on = _words(context), one.rule, one.last_on
    known = context.knowledge.deadlines.get(rule)
    label = known.label if known else rule
    if last_on is None:
        return _without_day(context, one, label) + (context.put(words.law, law=known.law) if known else "")
    left = (last_on - context.today).days
    day = plain_day(last_on) if left > _FAR else day_in_words(last_on, context.today)
    law = context.put(words.law, law=known.law) if known else ""
    if rule in OTHERS:
        frame = words.line_others if left >= 0 else words.line_others_late
        return context.put(frame, label=label, day=day, left=left) + law
    if left < 0:
        after = context.wording.deadlines.after.get(rule, "")
        frame = words.line_lapsed_trial if trial else words.line_lapsed
        return context.put(frame, label=label, day=day, after=after)
    frame = words.line if left else words.line_today
    return context.put(frame, label=label, day=day, left=left) + law


def _of_ended(context: Context, kept: Sequence[CaseDeadline]) -> str:
    """What she may still do by herself; nothing is asked of her here."""
    words, known = _words(context), context.knowledge.deadlines
    days = {
        one.last_on: context.put(
            words.ended_day, label=known[one.rule].label if one.rule in known else one.rule,
            day=plain_day(one.last_on),
        )
        for one in kept
        if one.state is DeadlineState.RUNNING and one.is_hers and one.last_on and one.last_on >= context.today
    }  # fmt: skip
    nearest = [days[day] for day in sorted(days)[:NEAREST]]
    return context.put(words.ended, days="，".join(nearest)) if nearest else ""


def _without_day(context: Context, one: PlannedDeadline | CaseDeadline, label: str) -> str:
    """Unpaid wages have no limit before she leaves; any other date waits for the day it counts from."""
    words = _words(context)
    if one.sure is DaySure.EMPLOYED:
        return context.put(words.line_employed, label=label)
    if one.rule == "arbitration_after_leaving" and one.event_on is None:
        return context.put(words.line_if_left, label=label)
    return context.put(words.line_to_check, label=label)


def _text(context: Context, lines: list[str], *, trial: bool) -> str:
    if not lines:
        return ""
    words = _words(context)
    parts = [words.head, *lines]
    if trial:
        parts.append(words.trial)
    return "\n".join(parts)


def _words(context: Context) -> HerDeadlines:
    return context.wording.deadlines.her
