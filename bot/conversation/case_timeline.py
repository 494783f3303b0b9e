"""Her view of a case: where it stands, who has it, what comes next and by when, and what happened so far."""

from bot.conversation import after_closing, deadline_lines, hand_over_card
from bot.conversation.actions import Do, act
from bot.conversation.turn import Context, HerCase, Rows, Turn, say
from bot.domain.cases import BY_STAFF, OPEN_STATUSES, CaseEvent, CaseSource, CaseStatus, EventKind
from bot.domain.civil_time import local, moment_in_words
from bot.domain.reply import Button

_LATEST = 15  # events on one card
_WORDS = 300
_SAID = frozenset({EventKind.HER_WORDS, EventKind.HER_FILE, EventKind.REPLY, EventKind.ASK_MORE})
_TOLD_BY = {CaseSource.HOTLINE: "opened_hotline", CaseSource.VISIT: "opened_visit"}  # else the union noted it


def see(context: Context, case: HerCase) -> Turn:
    """The card of one case, with what she can do."""
    words, card = context.talk.my_case, case.card
    return say(
        context,
        words.see,
        *_rows(context, case),
        session=context.session.at_home(),
        private=True,
        number=card.number,
        status=context.wording.labels.status[card.status.value],
        who=_who(context, case),
        next=_next_step(context, case),
        timeline="\n\n".join(part for part in _parts(context, case) if part),
    )


def _parts(context: Context, case: HerCase) -> tuple[str, ...]:
    """Her legal dates, what happened, and what there is to say of the result."""
    asked, _ = after_closing.question_rows(context, case)
    return _deadlines(context, case), _timeline(context, case), asked


def _deadlines(context: Context, case: HerCase) -> str:
    return deadline_lines.of_case(context, case.deadlines, ended=case.card.status not in OPEN_STATUSES)


def _who(context: Context, case: HerCase) -> str:
    words = context.talk.my_case
    if case.card.status not in OPEN_STATUSES:
        goes_on = after_closing.next_step(context, case)
        return context.wording.closing.her.who_rest if goes_on else words.who_ended
    return words.who_somebody if case.card.assignee else words.who_nobody


def _next_step(context: Context, case: HerCase) -> str:
    words, clock, card = context.talk.my_case, context.wording.clock.her, case.card
    asked = _her_turn(context, case)
    if asked:
        return asked
    if card.is_open and card.paused_at is not None and card.pause_reason is not None:
        return context.put(clock.next_paused, why=clock.pause[card.pause_reason.value])
    if goes_on := after_closing.next_step(context, case):
        return goes_on
    step = words.next.get(card.status.value, words.next["default"])
    if card.closed_at or card.promised_at <= context.now:
        return step
    if card.status is CaseStatus.NEW or card.assignee:
        by = moment_in_words(card.promised_at, context.now)
        if context.promises.is_provisional(card.promised_at) and not card.urgent:
            by = context.put(clock.provisional, by=by)
        return context.put(words.next_promised, promise=by)
    return step


def _her_turn(context: Context, case: HerCase) -> str:
    """What waits for her: a decision on a partner agency, or a question of staff; "" where nothing does."""
    if not case.card.is_open:
        return ""
    waiting = hand_over_card.waiting(context, case)
    if waiting:
        return context.put(context.wording.partners.her.next_decide, agency=waiting[0].agency_name)
    last = next((event.kind for event in reversed(case.events) if event.kind in _SAID), None)
    return context.talk.my_case.next["asked"] if last is EventKind.ASK_MORE else ""


def _timeline(context: Context, case: HerCase) -> str:
    words, events = context.talk.my_case, after_closing.shown(case.events)
    lines = [
        context.put(
            words.timeline_line,
            at=f"{local(event.at):%m-%d %H:%M}",
            what=_noted(context, case, event)
            or after_closing.timeline_words(context, case, event)
            or _what(context, event),
        )
        for event in events[-_LATEST:]
    ]
    if len(events) > _LATEST:
        lines.insert(0, context.put(words.earlier, count=len(events) - _LATEST))
    return "\n".join(lines)


def _noted(context: Context, case: HerCase, event: CaseEvent) -> str:
    """How a case that staff took down began, and that she came to it with its code; "" for anything else."""
    if case.card.source not in BY_STAFF:
        return ""
    words = context.talk.my_case.events
    match event.kind:
        case EventKind.OPENED:
            return words[_TOLD_BY.get(CaseSource(case.card.source), "opened_staff")]
        case EventKind.CONTINUED:
            return words["first_read"]
        case _:
            return ""


def _what(context: Context, event: CaseEvent) -> str:
    words = context.talk.my_case
    body = event.body if len(event.body) <= _WORDS else event.body[:_WORDS] + "……"
    match event.kind:
        case EventKind.STATUS:
            status = (event.facts or {}).get("to", "")
            known = context.wording.labels.status
            return (
                context.put(words.event_status, status=known[status])
                if status in known
                else words.events["status"]
            )
        case EventKind.CLOSED:
            outcome = context.wording.labels.outcome.get((event.facts or {}).get("outcome", ""))
            if outcome is None:
                return words.events["closed"]
            text = words.event_closed_words if body else words.event_closed
            return context.put(text, outcome=f"{outcome}{after_closing.won(context, event)}", words=body)
        case EventKind.PAUSED:
            return _paused(context, event, body)
        case EventKind.HER_WORDS if body:
            return context.put(words.event_words, words=body)
        case EventKind.REPLY | EventKind.ASK_MORE if body:
            return context.put(words.event_reply, words=body)
        case _:
            told = hand_over_card.timeline_words(context, event)
            return told or words.events.get(event.kind.value, words.events["status"])


def _paused(context: Context, event: CaseEvent, body: str) -> str:
    """Why the promise stands still, and what staff said to it."""
    clock = context.wording.clock.her
    why = clock.pause.get((event.facts or {}).get("reason", ""))
    if why is None:
        return context.talk.my_case.events["paused"]
    return context.put(clock.event_paused_words if body else clock.event_paused, why=why, words=body)


def _rows(context: Context, case: HerCase) -> Rows:
    labels, case_id = context.labels, case.card.id

    def to(label: str, verb: str) -> Button:
        return Button(label, act(Do.CASE, verb, case_id))

    menu = Button(labels.menu, act(Do.MENU))
    code = (to(labels.show_code, "code"), to(labels.set_phrase, "phrase"))
    partners = hand_over_card.timeline_rows(context, case)
    if case.card.closed_at:
        told = after_closing.timeline_rows(context, case)
        again = (to(labels.add, "say"), to(labels.reopen, "reopen"))
        return (*told, again, *partners, code, (menu,))
    who = Button(context.wording.intake.herself, act(Do.ASKING_FOR, "herself", case_id))
    mine = ((who,),) if case.by_other else ()
    return (*mine, (to(labels.add, "say"),), *partners, code, (to(labels.withdraw, "withdraw"), menu))
