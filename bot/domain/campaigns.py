"""The contest as plain rules: what is drawn, what is right, what it scores."""

import random
from collections import Counter
from datetime import date

from knowledge.teaching import Campaign, Difficulty, Question, QuestionKind

FEWEST_SHOWN = 5  # a district's mean over fewer people would tell of single ones


def draw_questions(campaign: Campaign, source: random.Random) -> tuple[Question, ...]:
    """The questions of one try: the campaign's number of each difficulty, topics as different as can be."""
    used: Counter[str] = Counter()
    drawn: list[Question] = []
    for difficulty in Difficulty:
        pool = [question for question in campaign.questions if question.difficulty is difficulty]
        source.shuffle(pool)
        for _ in range(campaign.draw.of(difficulty)):
            best = min(range(len(pool)), key=lambda at: used[pool[at].topic])
            question = pool.pop(best)
            used[question.topic] += 1
            drawn.append(question)
    return tuple(drawn)


def shuffle_options(question: Question, source: random.Random) -> tuple[int, ...]:
    """The order in which options are shown, as indexes into `options`; 对/错 keep theirs."""
    order = list(range(len(question.options)))
    if question.kind is not QuestionKind.TRUE_FALSE:
        source.shuffle(order)
    return tuple(order)


def is_right(question: Question, choice: tuple[int, ...]) -> bool:
    """Whether the chosen option indexes are exactly the right ones."""
    return set(choice) == set(question.answer)


def score(right: int, questions: int) -> int:
    """0–100, rounded half up."""
    return (200 * right + questions) // (2 * questions) if questions else 0


def current_campaign(campaigns: dict[str, Campaign], today: date) -> Campaign | None:
    """The open one; else the next to open; else the one that closed last."""
    ordered = sorted(campaigns.values(), key=lambda campaign: (campaign.opens_on, campaign.id))
    running = [campaign for campaign in ordered if campaign.is_open(today)]
    coming = [campaign for campaign in ordered if campaign.opens_on > today]
    return (running or coming[:1] or ordered)[-1] if ordered else None
