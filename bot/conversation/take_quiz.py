"""The contest, one tap at a time. All about a try lies in the contest's own tables, none of it here."""

from dataclasses import replace

from bot.conversation import quiz_cards as cards
from bot.conversation.actions import Do, Tap, act, read_tap
from bot.conversation.answer_card import next_card
from bot.conversation.ask_question import show_topic
from bot.conversation.effects import ChooseDistrict, FinishAttempt, KeepAnswer, ShowQuestion, StartAttempt
from bot.conversation.menu import small_rows, stale
from bot.conversation.turn import Context, Turn, say
from bot.domain.campaigns import current_campaign, draw_questions, is_right, shuffle_options
from bot.domain.civil_time import plain_day
from bot.domain.ports_contest import Attempt
from bot.domain.reply import Button
from knowledge.teaching import Campaign

_LONGEST_MS = 2**31 - 1


def tapped(context: Context, tap: Tap) -> Turn:
    """Every button of the contest."""
    campaign = (
        current_campaign(dict(context.knowledge.campaigns), context.today) if context.contest_on else None
    )
    if tap.verb == "me":
        return private_door(context, tap.arg(1))
    if campaign is None:
        return say(
            context, context.talk.contest.none, *small_rows(context), session=context.session.at_home()
        )
    match tap.verb:
        case "home":
            return contest_home(context, campaign)
        case "start":
            return _start(context, campaign, ask_district=True)
        case "go":
            return _start(context, campaign, ask_district=False)
        case "district":
            return _ask_for_district(context)
        case "pick":
            return _pick_district(context, campaign, tap)
        case "ranking":
            return Turn((cards.ranking_card(context, campaign),), context.session.at_home())
        case _:
            return _in_attempt(context, tap)


def contest_home(context: Context, campaign: Campaign) -> Turn:
    """The rules in five lines, and where she stands."""
    words, labels, look = context.talk.contest, context.labels, context.look
    session = context.session.at_home()
    ranking = Button(labels.ranking, act(Do.CONTEST, "ranking"))
    menu = Button(labels.menu, act(Do.MENU))
    if context.today < campaign.opens_on:
        return say(context, words.before, (menu,), session=session,
                   title=campaign.title, opens=plain_day(campaign.opens_on))  # fmt: skip
    unfinished = look.contest.current(look.player, campaign.id)
    if not campaign.is_open(context.today) and unfinished is None:
        return say(context, words.after, (ranking, menu), session=session,
                   title=campaign.title, closes=plain_day(campaign.closes_on))  # fmt: skip
    left = campaign.tries_per_day - look.contest.tries_on(look.player, campaign.id, context.today)
    lines = [
        context.put(
            words.home,
            title=campaign.title,
            intro=campaign.intro,
            closes=plain_day(campaign.closes_on),
            questions=campaign.questions_per_try,
            tries=campaign.tries_per_day,
            left=max(left, 0),
            seconds=campaign.seconds_per_question,
            pass_mark=campaign.pass_mark,
        )
    ]
    best = look.contest.best(look.player, campaign.id)
    if best is not None:
        lines.append(context.put(words.home_best, best=best))
    district = look.contest.district(look.player, campaign.id)
    if district:
        lines.append(context.put(words.home_district, district=district))
    start = Button(labels.resume_contest if unfinished else labels.start, act(Do.CONTEST, "start"))
    choose = Button(labels.choose_district, act(Do.CONTEST, "district"))
    return say(
        context, "{text}", (start,), (choose, ranking), (menu,), session=session, text="\n".join(lines)
    )


def _ask_for_district(context: Context) -> Turn:
    districts = context.knowledge.region.districts
    buttons = [Button(name, act(Do.CONTEST, "pick", at)) for at, name in enumerate(districts)]
    rows = [tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)]
    none = (Button(context.labels.no_district, act(Do.CONTEST, "pick", "none")),)
    return say(context, context.talk.contest.district_ask, *rows, none, session=context.session.at_home())


def _pick_district(context: Context, campaign: Campaign, tap: Tap) -> Turn:
    districts, words = context.knowledge.region.districts, context.talk.contest
    if tap.arg(1) == "none":
        district, text = None, words.district_none
    elif 0 <= tap.number(1) < len(districts):
        district = districts[tap.number(1)]
        text = context.put(words.district_set, district=district)
    else:
        return stale(context)
    started = _start(context, campaign, ask_district=False, district=district)
    note = say(context, text)
    return started.after(note.doing(ChooseDistrict(campaign.id, district)))


def _start(context: Context, campaign: Campaign, *, ask_district: bool, district: str | None = None) -> Turn:
    """A new try, or the one she left; the first time she may name her district."""
    look, words = context.look, context.talk.contest
    unfinished = look.contest.current(look.player, campaign.id)
    if unfinished is not None:
        return _current_question(context, campaign, unfinished, words.resumed)
    if not campaign.is_open(context.today):
        return contest_home(context, campaign)
    tries = look.contest.tries_on(look.player, campaign.id, context.today)
    if tries >= campaign.tries_per_day:
        return say(context, words.no_tries, *small_rows(context), session=context.session.at_home(),
                   tries=campaign.tries_per_day)  # fmt: skip
    known = district or look.contest.district(look.player, campaign.id)
    if ask_district and known is None and tries == 0 and look.contest.best(look.player, campaign.id) is None:
        return _ask_for_district(context)
    attempt = _drawn(context, campaign, known)
    return _shown(context, campaign, attempt).doing(StartAttempt(attempt))


def _drawn(context: Context, campaign: Campaign, district: str | None) -> Attempt:
    questions = draw_questions(campaign, context.random)
    return Attempt(
        id=f"{context.random.getrandbits(64):016x}",
        campaign=campaign.id,
        player=context.look.player,
        day=context.today,
        questions=tuple(question.id for question in questions),
        orders=tuple(shuffle_options(question, context.random) for question in questions),
        answered=0,
        right=0,
        started_at=context.now,
        shown_at=context.now,
        finished_at=None,
        district=district,
    )


def _shown(context: Context, campaign: Campaign, attempt: Attempt, note: str = "") -> Turn:
    """The current question on a new card."""
    context, card = next_card(context)
    if cards.question_of(campaign, attempt, attempt.answered) is None:
        return stale(context).doing(FinishAttempt(attempt.id))  # the campaign was edited under a running try
    reply = cards.question_card(context, campaign, attempt, attempt.answered, card, note=note)
    return Turn((reply,), context.session.at_home())


def _current_question(context: Context, campaign: Campaign, attempt: Attempt, note: str = "") -> Turn:
    return _shown(context, campaign, attempt, note).doing(ShowQuestion(attempt.id))


def _in_attempt(context: Context, tap: Tap) -> Turn:
    """Taps on a try's card; a forged or foreign one looks like an expired button."""
    attempt = context.look.contest.get(tap.arg(1))
    if attempt is None or attempt.player != context.look.player:
        return stale(context)
    campaign = context.knowledge.campaigns.get(attempt.campaign)
    if campaign is None:
        return stale(context)
    number, mask, card = tap.number(2), tap.number(3), tap.number(4)
    match tap.verb:
        case "a" if number >= 0 and mask >= 0 and card >= 0:
            return _answer(context, campaign, attempt, number, mask, card)
        case "x" if number >= 0 and mask >= 0 and card >= 0:
            return _tick(context, campaign, attempt, number, mask, card)
        case "next" if card >= 0:
            return _next(context, campaign, attempt, number, card)
        case "result" if attempt.finished_at:
            return Turn((cards.result_card(context, campaign, attempt),), context.session.at_home())
        case "result":
            return _current_question(context, campaign, attempt, context.talk.contest.resumed)
        case _:
            return stale(context)


def _answer(
    context: Context, campaign: Campaign, attempt: Attempt, number: int, mask: int, card: int
) -> Turn:
    """The first answer counts; a second tap shows the same feedback again."""
    if number < attempt.answered:
        given = next(
            (right for at, _, right in context.look.contest.answers(attempt.id) if at == number), None
        )
        if given is None or cards.question_of(campaign, attempt, number) is None:
            return stale(context)
        return Turn((cards.feedback_card(context, campaign, attempt, number, given, card),), context.session)
    question = cards.question_of(campaign, attempt, number)
    if number != attempt.answered or attempt.finished_at or question is None:
        return _current_or_stale(context, campaign, attempt)
    choice = cards.shown_choice(attempt, number, mask)
    if not choice:
        note = context.talk.contest.nothing_chosen
        reply = cards.question_card(context, campaign, attempt, number, card, note=note)
        return Turn((reply,), context.session)
    right = is_right(question, choice)
    ms = int((context.now - attempt.shown_at).total_seconds() * 1000)
    kept = KeepAnswer(attempt.id, number, choice, right, max(0, min(ms, _LONGEST_MS)))
    after = replace(attempt, answered=number + 1, right=attempt.right + right)
    reply = cards.feedback_card(context, campaign, after, number, right, card)
    turn = Turn((reply,), context.session).doing(kept)
    return turn.doing(FinishAttempt(attempt.id)) if after.answered >= len(attempt.questions) else turn


def _current_or_stale(context: Context, campaign: Campaign, attempt: Attempt) -> Turn:
    if attempt.finished_at:
        return Turn((cards.result_card(context, campaign, attempt),), context.session)
    return _current_question(context, campaign, attempt)


def _tick(context: Context, campaign: Campaign, attempt: Attempt, number: int, mask: int, card: int) -> Turn:
    """One option of a multiple choice ticked or unticked; nothing is kept until 确定."""
    if (
        number != attempt.answered
        or attempt.finished_at
        or cards.question_of(campaign, attempt, number) is None
    ):
        return _answer(context, campaign, attempt, number, 0, card)
    reply = cards.question_card(context, campaign, attempt, number, card, mask)
    return Turn((reply,), context.session)


def _next(context: Context, campaign: Campaign, attempt: Attempt, number: int, card: int) -> Turn:
    if attempt.finished_at or number != attempt.answered:
        return _current_or_stale(context, campaign, attempt)
    if cards.question_of(campaign, attempt, number) is None:
        return stale(context).doing(FinishAttempt(attempt.id))
    reply = cards.question_card(context, campaign, attempt, number, card)
    return Turn((reply,), context.session).doing(ShowQuestion(attempt.id))


def private_door(context: Context, topic: str) -> Turn:
    """这事发生在我身上: help on the topic; nothing remembers where she came from."""
    session = replace(context.session.at_home(), choices=(), asked="", asked_at=None)
    context = context.with_session(session)
    words = context.talk.contest
    if topic not in context.knowledge.entries:
        return say(context, words.private_door_no_topic, *small_rows(context))
    return show_topic(context, topic).after(say(context, words.private_door))


def letters_typed(context: Context, text: str) -> str | None:
    """The action behind typed letters (“AC”) while a multiple choice is on the screen."""
    letters = text.strip().upper()
    if not 1 <= len(letters) <= len(cards.LETTERS) or set(letters) - set(cards.LETTERS):
        return None
    for _, action in context.session.choices:
        tap = read_tap(action)
        if tap and tap.do is Do.CONTEST and tap.verb == "x":
            mask = sum(1 << cards.LETTERS.index(letter) for letter in set(letters))
            return act(Do.CONTEST, "a", tap.arg(1), tap.number(2), mask, tap.number(4))
    return None
