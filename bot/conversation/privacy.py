"""What is kept, who sees it, how it goes away; and not being written to."""

from dataclasses import replace

from bot.conversation.actions import Do, Tap, act
from bot.conversation.effects import ForgetTalk, SetQuiet
from bot.conversation.menu import menu_rows, stale
from bot.conversation.session import Session
from bot.conversation.turn import Context, Turn, say
from bot.domain.reply import Button


def privacy(context: Context, tap: Tap) -> Turn:
    """The taps of the privacy card."""
    match tap.verb:
        case "card":
            return privacy_card(context)
        case "clear":
            return ask_to_clear(context)
        case "cleared":
            return cleared(context)
        case "kept":
            return say(context, context.talk.privacy.not_cleared, *menu_rows(context))
        case _:
            return stale(context)


def privacy_card(context: Context) -> Turn:
    """In plain words, with what cannot be deleted said as plainly."""
    labels = context.labels
    return say(
        context,
        context.talk.privacy.card,
        (Button(labels.clear, act(Do.PRIVACY, "clear")), Button(labels.quiet, act(Do.QUIET))),
        (Button(labels.my_cases, act(Do.CASE, "list")), Button(labels.menu, act(Do.MENU))),
    )


def ask_to_clear(context: Context) -> Turn:
    """Clearing asks once."""
    yes, no = act(Do.PRIVACY, "cleared"), act(Do.PRIVACY, "kept")
    row = (Button(context.labels.clear_yes, yes), Button(context.labels.clear_no, no))
    return say(
        context, context.talk.privacy.clear_ask, row, session=replace(context.session, yes_no=(yes, no))
    )


def cleared(context: Context) -> Turn:
    """Everything of the talk goes, the draft too; what stays is said."""
    words = context.talk.privacy
    text = words.cleared_with_case if context.look.cases() else words.cleared
    if context.look.gets_tips():
        text += "\n" + context.talk.learn.cleared
    turn = say(context, text, *menu_rows(context), session=Session(cards=context.session.cards))
    return replace(turn.doing(ForgetTalk()), shown="")


def be_quiet(context: Context) -> Turn:
    """别回: this one answer, then silence until she writes again."""
    turn = say(context, context.talk.privacy.quiet_on, session=context.session)
    quiet = tuple(replace(reply, quiet=True) for reply in turn.replies)
    return replace(turn, replies=quiet).doing(SetQuiet(True))
