"""What she reads when her case ends, and when somebody asks how it went: neutral first line, easy answers."""

from bot.conversation.actions import Do, act, see_case, write_to_case
from bot.conversation.after_closing import buttons_of_question, question_in_words
from bot.domain.cases import CaseCard
from bot.domain.closing import CallResult
from bot.domain.money import yuan
from bot.domain.reply import Button, Reply
from bot.services.case_messages import fill
from knowledge.wording import Wording


def closed(wording: Wording, card: CaseCard, closing: int, words: str) -> Reply:
    """The outcome, what staff say about it, the question whether it has come, and the way back."""
    her, labels = wording.closing.her, wording.labels
    outcome = labels.outcome[card.outcome] if card.outcome else ""
    parts = [fill(her.closed, outcome=outcome)]
    if card.recovered_fen and card.recovered_kind:
        kind = labels.recovered[card.recovered_kind]
        parts[0] += "\n" + fill(her.recovered, sum=yuan(card.recovered_fen), kind=kind)
    parts += [fill(wording.desk.her.said, text=words)] if words else []
    parts += [her.after, question_in_words(wording, card)]
    return Reply(
        "\n\n".join(parts),
        (*buttons_of_question(wording, card, closing), *_ways(wording, card)),
        private=True,
    )


def call_back(wording: Wording, card: CaseCard, closing: int) -> Reply:
    """Some time after closing: the same question once more."""
    text = fill(wording.closing.her.call_back, question=question_in_words(wording, card))
    return Reply(text, (*buttons_of_question(wording, card, closing), _reopen(wording, card)), private=True)


def by_telephone(
    wording: Wording, card: CaseCard, closing: int, result: CallResult, fen: int | None
) -> Reply:
    """What staff noted down of a call, so that she can set it right."""
    her = wording.closing.her
    answer = wording.closing.calls[result]
    if fen is None:
        text = fill(her.by_telephone, answer=answer)
    else:
        text = fill(her.by_telephone_partly, answer=answer, sum=yuan(fen))
    change = Button(her.buttons.change, act(Do.AFTER, "ask", card.id, closing))
    return Reply(text, ((change,), _reopen(wording, card)), private=True)


def _ways(wording: Wording, card: CaseCard) -> tuple[tuple[Button, ...], ...]:
    buttons = wording.desk.her.buttons
    see = (Button(buttons.add, write_to_case(card.id)), Button(buttons.progress, see_case(card.id)))
    return see, _reopen(wording, card)


def _reopen(wording: Wording, card: CaseCard) -> tuple[Button, ...]:
    return (Button(wording.desk.her.buttons.reopen, act(Do.CASE, "reopen", card.id)),)
