"""Buttons in a case's topic: claim or step back, drafts and their second look, reminding who handles it."""

from bot.domain.cases import CaseCard, Draft, ReviewState
from bot.domain.errors import Refused
from bot.domain.reply import Button
from bot.domain.staff import Power
from bot.services import case_work, conflicts, drafts
from bot.services.case_gate import is_barred, on_duty, require
from bot.services.group_turn import GroupTurn, Rows
from bot.services.notify_staff import notify

_REMIND_EVERY_S = 3600


# ── claiming ──


def ask_conflict(turn: GroupTurn, card: CaseCard, _: str) -> None:
    """Before a case is claimed: has she to do with the employer?"""
    require(turn.staff, Power.CLAIM)
    case_work.refuse_ended(card)
    if card.assignee == turn.staff.id:
        turn.say(turn.words.claimed, card)
        return
    buttons = turn.words.buttons
    row = (Button(buttons.not_mine, f"g:mine:{card.id}"), Button(buttons.shun, f"g:shun:{card.id}"))
    turn.say(turn.words.claim_ask, card, on=f"claim:{card.id}:{turn.staff.id}", rows=(row,))


def refuse_claimed(turn: GroupTurn, case_id: str) -> None:
    """Who might have claimed it is told that a colleague was faster; nobody else learns that it is there."""
    member, card = on_duty(turn.unit, turn.staff), turn.unit.cases.card(case_id)
    if card is None or not card.is_open or card.assignee in (None, member.id):
        return
    might = member.may(Power.CLAIM) and member.may(Power.OPEN_UNCLAIMED)
    if might and not is_barred(turn.unit, member, card):
        raise Refused("already_claimed")


def claim(turn: GroupTurn, card: CaseCard, _: str) -> None:
    """No conflict: the case is hers."""
    case_work.claim(turn.unit, turn.staff, card.id, turn.now, turn.desk)
    turn.say(turn.words.claimed, card, on=f"claim:{card.id}:{turn.staff.id}")


def shun(turn: GroupTurn, card: CaseCard, _: str) -> None:
    """She has to do with the employer: the case is closed to her from now on."""
    conflicts.declare_conflict(turn.unit, turn.staff, card.id, turn.now, turn.desk)
    turn.say(turn.words.shunned, card, on=f"claim:{card.id}:{turn.staff.id}")


# ── drafts ──


def await_draft(turn: GroupTurn, card: CaseCard, _: str) -> None:
    """The member's next words in this place become a draft."""
    require(turn.staff, Power.REPLY)
    case_work.refuse_ended(card)
    turn.await_words(card, "draft")
    turn.say(turn.words.write_draft, card)


def keep_draft(turn: GroupTurn, card: CaseCard, text: str) -> None:
    """Words of a member as a draft, shown with what can be done with it."""
    draft = drafts.write_draft(turn.unit, turn.staff, card.id, text, turn.now, turn.desk)
    show_draft(turn, card, draft)


def send(turn: GroupTurn, card: CaseCard, draft_id: str) -> None:
    """To her; what needs a second look says so, with the button that asks for it."""
    try:
        drafts.send_draft(turn.unit, turn.staff, card.id, draft_id, turn.now, turn.desk)
    except Refused as refused:
        if refused.reason != "needs_review":
            raise
        ask = Button(turn.words.buttons.ask, f"g:ask:{card.id}:{draft_id}")
        turn.say(turn.words.needs_review, card, rows=((ask,),))
        return
    turn.say(turn.words.draft_sent, card, on=f"draft:{draft_id}")


def drop(turn: GroupTurn, card: CaseCard, draft_id: str) -> None:
    """Thrown away with its words."""
    drafts.drop_draft(turn.unit, turn.staff, card.id, draft_id, turn.now, turn.desk)
    turn.say(turn.words.draft_dropped, card, on=f"draft:{draft_id}")


def ask_review(turn: GroupTurn, card: CaseCard, draft_id: str) -> None:
    """Any lawyer or leader may look; they are told in private."""
    draft = drafts.ask_review(turn.unit, turn.staff, card.id, draft_id, None, turn.now, turn.desk)
    assert draft is not None
    show_draft(turn, card, draft)


def approve(turn: GroupTurn, card: CaseCard, draft_id: str) -> None:
    """The second pair of eyes finds it right."""
    show_draft(turn, card, drafts.approve(turn.unit, turn.staff, card.id, draft_id, turn.now, turn.desk))


def await_return(turn: GroupTurn, card: CaseCard, draft_id: str) -> None:
    """The reviewer's next words in this place say what to change."""
    require(turn.staff, Power.APPROVE)
    turn.await_words(card, f"return:{draft_id}")
    turn.say(turn.words.write_return, card)


def give_back(turn: GroupTurn, card: CaseCard, draft_id: str, note: str) -> None:
    """The draft goes back to its author with what to change."""
    draft = drafts.return_draft(turn.unit, turn.staff, card.id, draft_id, note, turn.now, turn.desk)
    show_draft(turn, card, draft)


def show_draft(turn: GroupTurn, card: CaseCard, draft: Draft) -> None:
    """The draft's card: its words, how far the second look is, and what may be done now."""
    words = turn.words
    text = words.draft_card + "\n\n" + words.draft_state[draft.review]
    if draft.review_note:
        text += "\n" + words.draft_note
    turn.say(
        text, card, on=f"draft:{draft.id}", rows=_draft_rows(turn, draft), text=draft.body,
        note=draft.review_note,
    )  # fmt: skip


def _draft_rows(turn: GroupTurn, draft: Draft) -> Rows:
    buttons, of = turn.words.buttons, f"{draft.case_id}:{draft.id}"
    drop_it = Button(buttons.drop, f"g:drop:{of}")
    send_it, ask = Button(buttons.send, f"g:send:{of}"), Button(buttons.ask, f"g:ask:{of}")
    look = (Button(buttons.approve, f"g:okay:{of}"), Button(buttons.give_back, f"g:back:{of}"))
    match draft.review:
        case ReviewState.NONE:
            return (send_it,), (ask, drop_it)
        case ReviewState.NEEDED:
            return (ask, drop_it), look
        case ReviewState.ASKED:
            return look, (drop_it,)
        case ReviewState.APPROVED:
            return ((send_it, drop_it),)
        case ReviewState.RETURNED:
            return ((Button(turn.desk.wording.bell.draft, f"g:draft:{draft.case_id}"), drop_it),)


# ── reminding ──


def remind(turn: GroupTurn, card: CaseCard, _: str) -> None:
    """A notice to who handles the case, at most once an hour."""
    require(turn.staff, Power.NOTE)
    case_work.refuse_ended(card)
    words = turn.words
    handler = None if card.assignee is None else turn.unit.staff.get(card.assignee)
    if handler is None or not handler.active:
        turn.say(words.remind_nobody, card)
    elif handler.id == turn.staff.id:
        turn.say(words.remind_self, card)
    elif not turn.unit.limits.hit(f"group-remind:{card.id}", turn.now, window_s=_REMIND_EVERY_S, at_most=1):
        turn.say(words.reminded_before, card)
    else:
        kind = turn.desk.wording.labels.kind[card.kind.value]
        text = words.reminder.format(number=card.number, kind=kind, name=turn.staff.name)
        turn.unit.audit.append(turn.staff.id, "remind", card.id, turn.now, {"staff": handler.id})
        notify(turn.unit, [handler.id], text, turn.now, case_id=card.id, urgent=card.urgent)
        turn.say(words.reminded, card)
