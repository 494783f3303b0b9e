"""She is asked whether her case may go to a partner agency: what they would see, field by field.

What she leaves out is kept with the proposal, not in her session: the same card stands on every channel
where she holds the case. A button that agrees names the fields it was shown with; where they changed since,
she sees the card again instead of having agreed to something else.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.conversation.actions import Do, Tap, act, see_case
from bot.conversation.effects import AnswerHandOver, AnswerSession, ChooseField, RevokeHandOver
from bot.conversation.menu import stale
from bot.conversation.turn import Context, HerCase, Rows, Turn, say
from bot.domain.cases import CaseEvent, EventKind
from bot.domain.civil_time import civil_day, moment_in_words, plain_day
from bot.domain.handovers import RUNNING, Content, Field, HandOver, HandOverState, JointSession, SessionState
from bot.domain.reply import Button, Reply
from knowledge.wording_partners import HerPartnerWords, PartnerWords

_EVENTS = frozenset({EventKind.HANDOVER, EventKind.PARTNER, EventKind.SESSION})


# ── the card, as staff send it and as she comes back to it ───────────────────────────────────────────


def card_text(words: PartnerWords, hand_over: HandOver) -> str:
    """给谁、给什么、为什么、多久. Holds no words of hers, and reads the same on every day."""
    her = words.her
    refused = [words.fields[one] for one in Field if one in hand_over.refused]
    given = [words.fields[one] for one in hand_over.given]
    return her.card.format(
        agency=hand_over.agency_name,
        purpose=words.purposes[hand_over.purpose],
        given="、".join(given) or "—",
        kept=_kept_back(her, hand_over, refused),
        until=plain_day(civil_day(hand_over.until)),
    )


def _kept_back(her: HerPartnerWords, hand_over: HandOver, refused: Sequence[str]) -> str:
    """What she leaves out, and that they can do little without the employer; each on a line of its own."""
    lines = [her.kept.format(refused="、".join(refused)).strip()] if refused else []
    if Field.EMPLOYER in hand_over.refused and hand_over.lacks_employer:
        lines.append(her.no_employer.strip())
    return "".join(f"{line}\n" for line in lines)


def version_of(words: PartnerWords, hand_over: HandOver) -> str:
    """What her consent is recorded under: a hash of exactly the card she saw."""
    return hashlib.sha256(card_text(words, hand_over).encode()).hexdigest()[:16]


def proposal(words: PartnerWords, hand_over: HandOver) -> Reply:
    """The card with its buttons."""
    labels, one = words.her.buttons, hand_over.id
    rows = (
        (Button(labels.look, act(Do.HAND_OVER, "look", one)),),
        (Button(labels.fields, act(Do.HAND_OVER, "fields", one)),),
        (
            Button(labels.agree, act(Do.HAND_OVER, "agree", one, hand_over.mask)),
            Button(labels.refuse, act(Do.HAND_OVER, "refuse", one)),
        ),
    )
    return Reply(card_text(words, hand_over), rows, card=f"hand-over:{one}", private=True)


def shown_lines(words: PartnerWords, content: Content) -> list[tuple[str, str]]:
    """Name and words of every field, as the agency's page shows them."""
    files = words.her.files.format(count=len(content.files))
    return [
        (words.fields[one], files if one is Field.FILES else content.words[one]) for one in content.fields
    ]


def session_card(words: PartnerWords, session: JointSession, now: datetime) -> Reply:
    """Asks whether she comes to a joint session."""
    labels = words.her.buttons
    text = words.her.session.format(
        when=moment_in_words(session.at, now),
        place=session.place,
        who="、".join(name for name, _ in session.participants),
    )
    row = (
        Button(labels.come, act(Do.HAND_OVER, "come", session.id)),
        Button(labels.stay, act(Do.HAND_OVER, "stay", session.id)),
    )
    return Reply(text, (row,), private=True)


# ── her taps ─────────────────────────────────────────────────────────────────────────────────────────


def tapped(context: Context, tap: Tap) -> Turn:
    """Every button of this card. What is not hers looks like a button that has expired."""
    if tap.verb == "list":
        return _list(context, tap.arg(1))
    if tap.verb in ("come", "stay"):
        return _session(context, tap)
    hand_over = context.look.hand_over(tap.arg(1))
    if hand_over is None:
        return stale(context)
    match tap.verb:
        case "one" | "look" if hand_over.state is HandOverState.AGREED:
            return _look(context, hand_over)
        case "one" | "look" if _was_given(hand_over):
            return _look_back(context, hand_over)
        case "revoke":
            return _ask_to_revoke(context, hand_over)
        case "revoked":
            return _revoke(context, hand_over)
        case "agree" if hand_over.state is HandOverState.AGREED:
            return _agreed(context, hand_over)
        case "refuse" if hand_over.state is HandOverState.REFUSED:
            return _refused(context, hand_over)
        case _ if hand_over.state is not HandOverState.PROPOSED or context.now >= hand_over.until:
            return _over(context, hand_over)
        case "one" | "card":
            return _card(context, hand_over)
        case "look":
            return _look(context, hand_over)
        case "fields":
            return _fields(context, hand_over)
        case "give" | "keep":
            return _choose(context, hand_over, tap)
        case "agree":
            return _agree(context, hand_over, tap.number(2))
        case "refuse":
            return _refused(context, hand_over).doing(AnswerHandOver(hand_over.id, False, ""))
        case _:
            return stale(context)


def _card(context: Context, hand_over: HandOver) -> Turn:
    return Turn((proposal(context.wording.partners, hand_over),), context.session.at_home())


def _look(context: Context, hand_over: HandOver) -> Turn:
    """The very page of the agency, in words."""
    words = context.wording.partners
    content = context.look.hand_over_content(hand_over.id).only(hand_over.given)
    lines = "\n\n".join(
        context.put(words.her.line, field=name, words=text) for name, text in shown_lines(words, content)
    )
    if hand_over.state is HandOverState.AGREED:
        rows: Rows = (
            (_to(context, words.her.buttons.revoke, "revoke", hand_over), _progress(context, hand_over)),
        )
    else:
        agree = act(Do.HAND_OVER, "agree", hand_over.id, hand_over.mask)
        rows = (
            (_to(context, words.her.buttons.fields, "fields", hand_over),),
            (
                Button(words.her.buttons.agree, agree),
                _to(context, words.her.buttons.refuse, "refuse", hand_over),
            ),
        )
    return say(context, words.her.look, *rows, private=True, card=f"hand-over:{hand_over.id}",
               agency=hand_over.agency_name, lines=lines or "—",
               purpose=words.purposes[hand_over.purpose],
               until=plain_day(civil_day(hand_over.until)))  # fmt: skip


def _was_given(hand_over: HandOver) -> bool:
    """Whether an agency could see something once, and cannot any more."""
    return hand_over.state not in RUNNING and bool(hand_over.version or hand_over.oral)


def _look_back(context: Context, hand_over: HandOver) -> Turn:
    """What had been given, when, and whether it was opened; the copy of her words is gone."""
    words = context.wording.partners
    given = "、".join(words.fields[one] for one in hand_over.given) or "—"
    since = hand_over.decided_at or hand_over.proposed_at
    until = hand_over.ended_at or hand_over.until
    return say(context, words.her.look_back, (_progress(context, hand_over),), private=True,
               agency=hand_over.agency_name, given=given, since=plain_day(civil_day(since)),
               until=plain_day(civil_day(until)), seen=_seen(context, hand_over))  # fmt: skip


def _fields(context: Context, hand_over: HandOver) -> Turn:
    """Each field with what a tap does."""
    words = context.wording.partners
    labels = words.her.buttons
    buttons = []
    for place, one in enumerate(Field):
        if one in hand_over.offered:
            given = one not in hand_over.refused
            label = context.put(labels.keep if given else labels.give, field=words.fields[one])
            verb = "keep" if given else "give"  # what the tap does: keep it back, or give it after all
            buttons.append(Button(label, act(Do.HAND_OVER, verb, hand_over.id, place)))
    rows = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
    done = (_to(context, labels.chosen, "card", hand_over),)
    return say(context, words.her.fields, *rows, done, private=True, card=f"hand-over:{hand_over.id}",
               agency=hand_over.agency_name)  # fmt: skip


def _choose(context: Context, hand_over: HandOver, tap: Tap) -> Turn:
    fields = list(Field)
    place = tap.number(2)
    if not 0 <= place < len(fields) or fields[place] not in hand_over.offered:
        return stale(context)
    chosen = fields[place]
    give = tap.verb == "give"
    changed = with_field(hand_over, chosen, give=give)
    return _fields(context, changed).doing(ChooseField(hand_over.id, chosen, give))


def with_field(hand_over: HandOver, chosen: Field, *, give: bool) -> HandOver:
    """The proposal after she gave one field, or kept it back."""
    refused = hand_over.refused - {chosen} if give else hand_over.refused | {chosen}
    return replace(hand_over, refused=refused)


def _agree(context: Context, hand_over: HandOver, mask: int) -> Turn:
    words = context.wording.partners
    if not hand_over.given:
        row = (_to(context, words.her.buttons.fields, "fields", hand_over),
               _to(context, words.her.buttons.refuse, "refuse", hand_over))  # fmt: skip
        return say(context, words.her.nothing_given, row, private=True)
    if mask != hand_over.mask:
        return _card(context, hand_over)
    version = version_of(words, hand_over)
    return _agreed(context, hand_over).doing(AnswerHandOver(hand_over.id, True, version))


def _agreed(context: Context, hand_over: HandOver) -> Turn:
    words = context.wording.partners
    row = (_progress(context, hand_over), _to(context, words.her.buttons.revoke, "revoke", hand_over))
    return say(context, words.her.agreed, row, private=True, agency=hand_over.agency_name,
               given="、".join(words.fields[one] for one in hand_over.given),
               until=plain_day(civil_day(hand_over.until)))  # fmt: skip


def _refused(context: Context, hand_over: HandOver) -> Turn:
    row = (_progress(context, hand_over),)
    return say(context, context.wording.partners.her.refused, row, private=True, agency=hand_over.agency_name)


def _over(context: Context, hand_over: HandOver) -> Turn:
    row = (_progress(context, hand_over),)
    return say(
        context, context.wording.partners.her.no_longer, row, private=True, agency=hand_over.agency_name
    )


def _ask_to_revoke(context: Context, hand_over: HandOver) -> Turn:
    words = context.wording.partners.her
    if hand_over.state is not HandOverState.AGREED:
        return _over(context, hand_over)
    row = (_to(context, words.buttons.revoke_yes, "revoked", hand_over),
           Button(words.buttons.revoke_no, see_case(hand_over.case_id)))  # fmt: skip
    return say(context, words.revoke_ask, row, private=True, agency=hand_over.agency_name,
               seen=_seen(context, hand_over))  # fmt: skip


def _seen(context: Context, hand_over: HandOver) -> str:
    words = context.wording.partners.her
    if hand_over.last_seen_at is None:
        return words.never_seen
    return context.put(
        words.seen, count=hand_over.views, at=moment_in_words(hand_over.last_seen_at, context.now)
    )


def _revoke(context: Context, hand_over: HandOver) -> Turn:
    words = context.wording.partners.her
    row = (_progress(context, hand_over),)
    if hand_over.state is not HandOverState.AGREED:
        return say(context, words.already_revoked, row, private=True, agency=hand_over.agency_name)
    turn = say(context, words.revoked, row, private=True, agency=hand_over.agency_name)
    return turn.doing(RevokeHandOver(hand_over.id))


def _session(context: Context, tap: Tap) -> Turn:
    words = context.wording.partners.her
    session = context.look.joint(tap.arg(1))
    if session is None:
        return stale(context)
    row = (Button(context.labels.see_case, see_case(session.case_id)),)
    if session.state is not SessionState.PLANNED or context.now >= session.at:
        return say(context, words.session_gone, row, private=True)
    comes = tap.verb == "come"
    verb, label = ("stay", words.buttons.stay) if comes else ("come", words.buttons.come)
    change = Button(label, act(Do.HAND_OVER, verb, session.id))
    turn = say(context, words.session_answer[tap.verb], (*row, change), private=True)
    return turn if session.she_comes is comes else turn.doing(AnswerSession(session.id, comes))


# ── in 看进度 ────────────────────────────────────────────────────────────────────────────────────────


def _list(context: Context, case_id: str) -> Turn:
    words = context.wording.partners
    case = context.look.case(case_id)
    if case is None:
        return stale(context)
    case_id = case.card.id  # of a double: the case in which work goes on
    found = context.look.hand_overs(case_id)
    back = (Button(context.labels.back, see_case(case_id)),)
    if not found:
        return say(context, words.her.list_none, back, private=True)
    lines = "\n".join(
        context.put(words.her.list_line, agency=one.agency_name, state=words.her.states[one.state])
        for one in found
    )
    running = (one.state in RUNNING and context.now < one.until for one in found)
    rows = [
        (_to(context, one.agency_name, "one", one),)
        for one, runs in zip(found, running, strict=True)
        if runs or _was_given(one)
    ]
    return say(context, words.her.list, *rows, back, private=True, lines=lines)


def timeline_rows(context: Context, case: HerCase) -> Rows:
    """Rows for 看进度: what waits for her decision, and where the case was ever to go."""
    labels = context.wording.partners.her.buttons
    asked = [
        (_to(context, context.put(labels.decide, agency=one.agency_name), "card", one),)
        for one in waiting(context, case)
    ]
    if not any(event.kind is EventKind.HANDOVER for event in case.events):
        return tuple(asked)
    return (*asked, (Button(labels.list, act(Do.HAND_OVER, "list", case.card.id)),))


def waiting(context: Context, case: HerCase) -> list[HandOver]:
    """Hand-overs that she has not decided on yet."""
    if case.card.closed_at:
        return []
    return [
        one
        for one in context.look.hand_overs(case.card.id)
        if one.state is HandOverState.PROPOSED and context.now < one.until
    ]


def timeline_words(context: Context, event: CaseEvent) -> str | None:
    """How her timeline tells of a hand-over or a joint session; None for any other event."""
    if event.kind not in _EVENTS:
        return None
    facts = event.facts or {}
    words = context.wording.partners.her.timeline
    hand_over = context.look.hand_over(facts["hand_over"]) if "hand_over" in facts else None
    told = words.get(facts.get("state", ""))
    if told is None:
        return None
    return context.put(told, agency=hand_over.agency_name if hand_over else "")


def _to(context: Context, label: str, verb: str, hand_over: HandOver) -> Button:
    return Button(label, act(Do.HAND_OVER, verb, hand_over.id))


def _progress(context: Context, hand_over: HandOver) -> Button:
    return Button(context.labels.see_case, see_case(hand_over.case_id))
