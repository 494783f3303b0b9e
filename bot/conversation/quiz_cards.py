"""How the contest looks: question, feedback, result, ranking."""

from bot.conversation.actions import Do, act
from bot.conversation.turn import Context, Rows
from bot.domain.campaigns import FEWEST_SHOWN, score
from bot.domain.ports_contest import Attempt
from bot.domain.reply import Button, Reply
from knowledge.teaching import Campaign, Question, QuestionKind

LETTERS = "ABCDE"
_RANKED = 20


def card_name(attempt: Attempt, card: int) -> str:
    """One card a sitting, edited in place; a resumed try begins a new one at the end of the talk."""
    return f"quiz:{attempt.id}:{card}"


def question_of(campaign: Campaign, attempt: Attempt, number: int) -> Question | None:
    """Question `number` (from 0) of a try; None where the campaign no longer has it."""
    if not 0 <= number < len(attempt.questions):
        return None
    return next((one for one in campaign.questions if one.id == attempt.questions[number]), None)


def shown_choice(attempt: Attempt, number: int, mask: int) -> tuple[int, ...]:
    """The question's own option indexes behind a bit mask over the shown ones."""
    order = attempt.orders[number]
    return tuple(sorted(order[at] for at in range(len(order)) if mask >> at & 1))


def question_card(
    context: Context,
    campaign: Campaign,
    attempt: Attempt,
    number: int,
    card: int,
    mask: int = 0,
    note: str = "",
) -> Reply:
    """A question with its options in the order of this try; `mask` are those already ticked."""
    words = context.talk.contest
    question = question_of(campaign, attempt, number)
    assert question is not None
    order = attempt.orders[number]
    options = "\n".join(
        context.put(words.option, letter=LETTERS[at], text=question.options[place])
        for at, place in enumerate(order)
    )
    text = context.put(
        words.question,
        number=number + 1,
        of=len(attempt.questions),
        kind=words.kinds[question.kind.value],
        right=attempt.right,
        text=question.text,
        options=options,
    )
    rows = _option_rows(context, question, attempt, number, card, mask)
    return Reply(f"{note}\n\n{text}" if note else text, rows, card=card_name(attempt, card))


def _option_rows(
    context: Context, question: Question, attempt: Attempt, number: int, card: int, mask: int
) -> Rows:
    order = attempt.orders[number]
    several = question.kind is QuestionKind.MULTIPLE

    def button(at: int) -> Button:
        bit = 1 << at
        if several:
            label = context.put(context.labels.chosen, letter=LETTERS[at]) if mask & bit else LETTERS[at]
            return Button(label, act(Do.CONTEST, "x", attempt.id, number, mask ^ bit, card))
        plain = question.kind is QuestionKind.TRUE_FALSE
        label = question.options[order[at]] if plain else LETTERS[at]
        return Button(label, act(Do.CONTEST, "a", attempt.id, number, bit, card))

    options = tuple(button(at) for at in range(len(order)))
    if not several:
        return (options,)
    return (options, (Button(context.labels.confirm, act(Do.CONTEST, "a", attempt.id, number, mask, card)),))


def feedback_card(
    context: Context, campaign: Campaign, attempt: Attempt, number: int, right: bool, card: int
) -> Reply:
    """Right or not, why, by which law; on, or to the private door."""
    words, labels = context.talk.contest, context.labels
    question = question_of(campaign, attempt, number)
    assert question is not None
    last = number + 1 >= len(attempt.questions)
    text = context.put(
        words.feedback,
        number=number + 1,
        of=len(attempt.questions),
        question=question.text,
        verdict=words.right
        if right
        else context.put(words.wrong, answer=_right_answer(context, question, attempt, number)),
        explanation=question.explanation,
        law="；".join(citation.in_words() for citation in question.citations),
    )
    onward = (
        Button(labels.result, act(Do.CONTEST, "result", attempt.id))
        if last
        else Button(labels.next_question, act(Do.CONTEST, "next", attempt.id, number + 1, 0, card))
    )
    door = Button(labels.happened_to_me, act(Do.CONTEST, "me", question.topic))
    return Reply(text, ((onward,), (door,)), card=card_name(attempt, card))


def _right_answer(context: Context, question: Question, attempt: Attempt, number: int) -> str:
    if question.kind is QuestionKind.TRUE_FALSE:
        return question.options[question.answer[0]]
    order = attempt.orders[number]
    return "　".join(
        context.put(context.talk.contest.option, letter=LETTERS[at], text=question.options[place])
        for at, place in enumerate(order)
        if place in question.answer
    )


def result_card(context: Context, campaign: Campaign, attempt: Attempt) -> Reply:
    """Score, best, place, and the topics behind what went wrong."""
    words, labels, contest = context.talk.contest, context.labels, context.look.contest
    points = score(attempt.right, len(attempt.questions))
    verdict = words.passed if points >= campaign.pass_mark else words.not_passed
    lines = [
        context.put(words.result, title=campaign.title, score=points, right=attempt.right,
                    of=len(attempt.questions), verdict=verdict)
    ]  # fmt: skip
    best = contest.best(attempt.player, campaign.id)
    if best is not None:
        lines.append(context.put(words.best, best=best))
    place = contest.own_place(attempt.player, campaign.id)
    if place is not None:
        lines.append(context.put(words.place, place=place[0], players=place[1]))
    topics = _wrong_topics(context, campaign, attempt)
    if topics:
        lines += ["", words.wrong_ones]
    again = (
        Button(labels.again, act(Do.CONTEST, "start")),
        Button(labels.ranking, act(Do.CONTEST, "ranking")),
    )
    return Reply("\n".join(lines), (*topics, again, (Button(labels.menu, act(Do.MENU)),)))


def _wrong_topics(context: Context, campaign: Campaign, attempt: Attempt) -> Rows:
    wrong = [number for number, _, right in context.look.contest.answers(attempt.id) if not right]
    questions = [question_of(campaign, attempt, number) for number in wrong]
    topics = dict.fromkeys(question.topic for question in questions if question is not None)
    entries = context.knowledge.entries
    return tuple(
        (Button(entries[topic].title, act(Do.TOPIC, topic)),) for topic in topics if topic in entries
    )[:6]


def ranking_card(context: Context, campaign: Campaign) -> Reply:
    """Districts by the mean of their people's best scores; small groups would tell of single people."""
    words, labels = context.talk.contest, context.labels
    standings = [one for one in context.look.contest.standings(campaign.id) if one.people >= FEWEST_SHOWN]
    standings.sort(key=lambda one: (-one.mean_best, -one.people, one.district))
    lines = [
        context.put(words.ranking_line, place=place, district=one.district, mean=f"{one.mean_best:.1f}",
                    people=one.people)
        for place, one in enumerate(standings[:_RANKED], 1)
    ] or [words.ranking_empty]  # fmt: skip
    lines.append(context.put(words.ranking_note, fewest=FEWEST_SHOWN))
    own = context.look.contest.own_place(context.look.player, campaign.id)
    if own is not None:
        lines.append(context.put(words.place, place=own[0], players=own[1]))
    text = context.put(words.ranking, title=campaign.title, lines="\n".join(lines))
    row = (Button(labels.contest, act(Do.CONTEST, "home")), Button(labels.menu, act(Do.MENU)))
    return Reply(text, (row,))
