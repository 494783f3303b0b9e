"""去哪里办: the region's offices. What each is for and what to bring; address and telephone once checked."""

from dataclasses import replace
from datetime import date

from bot.conversation.actions import Do, Tap, act
from bot.conversation.answer_card import CARDS, next_card
from bot.conversation.menu import small_rows, stale
from bot.conversation.place_links import ALL, kinds_for, offices
from bot.conversation.turn import Context, Organisation, Rows, Turn, say
from bot.domain.civil_time import plain_day
from bot.domain.reply import Button, Reply
from knowledge.models import Entry, Office, OfficeKind
from knowledge.wording_talk import PlaceKind, PlacesWords


def tapped(context: Context, tap: Tap) -> Turn:
    """A list (of one topic, or of everything) or one office, each in place of the other."""
    known = {office.id: office for office in context.knowledge.region.directory}
    match tap.verb, tap.arg(1):
        case "for", topic if topic == ALL or topic in context.knowledge.entries:
            return _list(context, context.knowledge.entries.get(topic), tap.number(2))
        case "at", office if office in known:
            return _one(context, known[office], tap.number(2))
        case _:
            return stale(context)


def typed(context: Context) -> Turn:
    """去哪里, 地址, 电话: for what is being talked about, if anything."""
    topic = context.session.live_topic(context.now)
    return _list(context, context.knowledge.entries.get(topic or ""), -1)


def _list(context: Context, entry: Entry | None, number: int) -> Turn:
    """The offices by kind; for a topic only those that help there, as far as there are any."""
    words = context.talk.places
    own = offices(context.knowledge, kinds_for(entry)) if entry else []
    shown = own or offices(context.knowledge)
    if not shown:
        return say(context, words.none, *small_rows(context), session=context.session.at_home())
    lines = "\n".join(
        context.put(words.list_line, kind=kind_words(words, office.kind).name, name=office.name)
        for office in shown
    )
    context, number = _on_card(context, number)
    rows = _office_rows(words, shown, number)
    if entry and own:
        text = context.put(words.list_for, title=entry.title, lines=lines)
        rows = (*rows, (_all(context, number),))
    else:
        text = context.put(words.list, lines=lines)
    return _card(context, text, number, rows)


def _one(context: Context, office: Office, number: int) -> Turn:
    words = context.talk.places
    context, number = _on_card(context, number)
    lines = "\n\n".join(office_blocks(office, words, context.organisation, context.today))
    text = context.put(words.card, name=office.name, lines=lines)
    return _card(context, text, number, ((_all(context, number),),))


def office_blocks(office: Office, words: PlacesWords, house: Organisation, today: date) -> list[str]:
    """What is told of an office: what it is for, what to bring, and where it is or whom to ask."""
    blocks = [house.put(words.competence, what=office.competence)] if office.competence else []
    if office.bring:
        items = (house.put(words.bring_item, item=item) for item in office.bring)
        blocks.append("\n".join([words.bring, *items]))
    return [*blocks, where_to_go(office, words, house, today)]


def where_to_go(office: Office, words: PlacesWords, house: Organisation, today: date) -> str:
    """Telephone, address and hours with the day of their check; where nobody checked them, whom to ask."""
    checked_on = office.verified_on
    if checked_on is None or not office.may_be_visited(today):
        return house.put(words.unchecked, ask=house.put(kind_words(words, office.kind).ask))
    lines = [
        house.put(words.phone, phone=office.phone) if office.phone else "",
        house.put(words.address, address=office.address) if office.address else "",
        house.put(words.hours, hours=office.hours) if office.hours else "",
        house.put(words.checked, day=plain_day(checked_on)),
    ]
    return "\n".join(line for line in lines if line)


def kind_words(words: PlacesWords, kind: OfficeKind) -> PlaceKind:
    """The name of a kind, and whom to ask about it."""
    return words.kinds.get(kind) or words.kinds[OfficeKind.OTHER]


def _office_rows(words: PlacesWords, shown: list[Office], number: int) -> Rows:
    """Two in a row; an office that is the only one of its kind goes by the kind's short name."""
    kinds = [office.kind for office in shown]
    buttons = [
        Button(
            kind_words(words, office.kind).name if kinds.count(office.kind) == 1 else office.name,
            act(Do.PLACES, "at", office.id, number),
        )
        for office in shown
    ]
    return tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))


def _all(context: Context, number: int) -> Button:
    return Button(context.talk.places.all, act(Do.PLACES, "for", ALL, number))


def _on_card(context: Context, number: int) -> tuple[Context, int]:
    """The card whose button was tapped; a new one, and out of every flow, where it came from elsewhere."""
    if number >= 0:
        return context, number % CARDS
    return next_card(context.with_session(context.session.at_home()))


def _card(context: Context, text: str, number: int, rows: Rows) -> Turn:
    reply = Reply(text, (*rows, *small_rows(context)), card=f"places:{number}", bold=True)
    return Turn((reply,), replace(context.session, yes_no=None))
