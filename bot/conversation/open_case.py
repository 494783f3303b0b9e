"""She asks the union for help: consents, her own words, four questions, a review, a receipt."""

from dataclasses import replace

from bot.conversation import answer_staff, deadline_lines
from bot.conversation import case_questions as questions
from bot.conversation.actions import Do, Tap, act
from bot.conversation.case_kind import kind_of, topic_of
from bot.conversation.consent import STEP_OF, ConsentKind, consent_text, given, needed
from bot.conversation.effects import OpenCase, RecordConsent
from bot.conversation.menu import home, small_rows, stale
from bot.conversation.session import CaseDraft, Place, Step
from bot.conversation.turn import Context, Turn, say
from bot.domain.case_deadlines import plan
from bot.domain.cases import CaseCard, NameLevel
from bot.domain.civil_time import civil_day, day_in_words, moment_in_words
from bot.domain.receipt_codes import in_groups, make_code
from bot.domain.reply import Button

MOST_FILES = 10
_NUMBERS_CHOOSE = (Step.PROCESSING, Step.HANDING_OVER, Step.CARRIED, Step.LEVEL, Step.DISTRICT, Step.REVIEW)


def numbers_choose(context: Context) -> bool:
    """Whether a typed number taps a button here; in a free question it is an answer."""
    draft = context.session.draft
    return draft is None or draft.step in _NUMBERS_CHOOSE


def tapped(context: Context, tap: Tap) -> Turn:
    """Every button of this flow."""
    draft = context.session.draft
    match tap.verb:
        case "start":
            return start(context, tap.arg(1) or None)
        case "another":
            topic = context.session.live_topic(context.now)
            return _begin(context, topic, for_other=context.session.for_other)
        case "later":
            return home(context, context.talk.open_case.paused) if draft else stale(context)
    if draft is None:
        return _nothing_to_write(context, tap)
    match tap.verb:
        case "resume":
            return questions.ask(questions.with_draft(context, draft))
        case "drop":
            return drop(context)
        case "restart":
            return _begin(context, draft.topic, for_other=draft.for_other)
        case "submit":
            return _submit(context, draft)
        case "edit":
            return _edit(context, draft, tap.arg(1))
        case _:
            return _at_step(context, draft, tap)


def start(context: Context, topic: str | None) -> Turn:
    """The door to a person, from anywhere. What was begun is offered first, what was handed in too."""
    draft = context.session.draft
    labels = context.labels
    if draft is not None and (draft.has_content or draft.consents):
        row = (
            Button(labels.resume, act(Do.OPEN_CASE, "resume")),
            Button(labels.restart, act(Do.OPEN_CASE, "restart")),
        )
        return say(context, context.talk.home.draft_waiting, row, (Button(labels.menu, act(Do.MENU)),))
    topic = topic if topic in context.knowledge.topics else context.session.live_topic(context.now)
    running = next((card for card in context.look.cases() if not card.closed_at), None)
    likely = answer_staff.likely_case(context)
    running = likely if running is not None and likely is not None and not likely.closed_at else running
    if running is not None:
        return _has_one(context, running, topic)
    return _begin(context, topic, for_other=context.session.for_other)


def _has_one(context: Context, running: CaseCard, topic: str | None) -> Turn:
    words = answer_staff.just_said(context)
    adds = answer_staff.add_last_row(context) if words else ()
    adds = adds or ((Button(context.labels.add_last, act(Do.CASE, "say", running.id)),),)
    another = (Button(context.labels.another_case, act(Do.OPEN_CASE, "another")),)
    day = day_in_words(civil_day(running.opened_at), context.today)
    session = replace(context.session, topic=topic, topic_at=context.now if topic else None)
    text = context.talk.open_case.has_one
    if words:  # a case need not be told twice; she sees what would go
        text = f"{text}\n\n{context.talk.my_case.has_one_words}"
    return say(context, text, *adds, another, session=session, private=True,
               number=running.number, day=day, words=words)  # fmt: skip


def _begin(context: Context, topic: str | None, *, for_other: bool) -> Turn:
    context = context.with_session(replace(context.session, for_other=False))
    draft = CaseDraft(
        started_at=context.now,
        touched_at=context.now,
        topic=topic,
        urgent=context.session.danger_at is not None,
        for_other=for_other,
    )
    return questions.ask(questions.with_draft(context, draft))


def _nothing_to_write(context: Context, tap: Tap) -> Turn:
    """Taps of a draft that is gone: handed in (twice tapped), or dropped."""
    if tap.verb == "submit" and context.look.cases():
        row = (Button(context.labels.see_case, act(Do.CASE, "see", context.look.cases()[0].id)),)
        return say(context, context.talk.open_case.already_sent, row)
    return stale(context)


def drop(context: Context) -> Turn:
    """Nothing was sent, so all of it goes."""
    return home(context.with_session(replace(context.session, draft=None)), context.talk.open_case.dropped)


def ask_to_cancel(context: Context) -> Turn:
    """取消 asks once."""
    yes, no = act(Do.OPEN_CASE, "drop"), act(Do.OPEN_CASE, "resume")
    row = (Button(context.labels.drop, yes), Button(context.labels.keep_writing, no))
    return say(
        context, context.talk.open_case.cancel_ask, row, session=replace(context.session, yes_no=(yes, no))
    )


def ask_to_restart(context: Context) -> Turn:
    """重新开始 within the flow asks once too."""
    yes, no = act(Do.OPEN_CASE, "restart"), act(Do.OPEN_CASE, "resume")
    row = (Button(context.labels.restart, yes), Button(context.labels.keep_writing, no))
    return say(
        context, context.talk.open_case.restart_ask, row, session=replace(context.session, yes_no=(yes, no))
    )


def go_back(context: Context) -> Turn:
    """返回: the step before; from the first one out of the flow. Later answers stay."""
    draft = context.session.draft
    assert draft is not None
    before = questions.step_before(draft, context.look.channel)
    if before is None:
        kept = draft if draft.has_content else None
        return home(context.with_session(replace(context.session, draft=kept)))
    return questions.ask(questions.with_draft(context, replace(draft, step=before, editing=False)))


def _go_on(context: Context, draft: CaseDraft, note: str = "") -> Turn:
    following = questions.step_after(draft, context.look.channel)
    draft = replace(draft, step=following, editing=draft.editing and following is not Step.REVIEW)
    return questions.ask(questions.with_draft(context, draft), note)


def _edit(context: Context, draft: CaseDraft, name: str) -> Turn:
    step = next((step for step in Step if step.value == name), None)
    if step is None or draft.step is not Step.REVIEW or step in STEP_OF.values() or step is Step.REVIEW:
        return questions.ask(questions.with_draft(context, draft))
    return questions.ask(questions.with_draft(context, replace(draft, step=step, editing=True)))


def _at_step(context: Context, draft: CaseDraft, tap: Tap) -> Turn:
    """Taps that belong to one step; one of an earlier step is kindly answered with the present one."""
    name, _, place = tap.arg(1).partition("-")
    match tap.verb:
        case "yes" | "no" if draft.step in STEP_OF.values() and name == draft.step.value:
            return _consent(context, draft, ConsentKind(name), agreed=tap.verb == "yes")
        case "level" if draft.step is Step.LEVEL and name in set(NameLevel):
            return _level(context, draft, NameLevel(name))
        case "use" if draft.step is Step.HAPPENED and context.session.asked:
            return _go_on(context, _happened(draft, context.session.asked))
        case "rewrite" if draft.step is Step.HAPPENED:
            draft = replace(draft, answers=replace(draft.answers, happened=""))
            return questions.ask(questions.with_draft(_without_asked(context), draft))
        case "done" if name == draft.step.value:
            return done_telling(context)
        case "back" if name == draft.step.value:
            return go_back(context)
        case "skip" if name == draft.step.value:
            return skip(context)
        case "unknown" if name == draft.step.value:
            return does_not_know(context)
        case "next" if name == draft.step.value:
            return _go_on(context, draft)
        case "pick" if name == draft.step.value and draft.step in questions.FREE_TEXT:
            value = questions.picked(context, draft.step, int(place) if place.isdecimal() else -1)
            if value is not None:
                return _go_on(context, questions.with_answer(draft, draft.step, value))
    return questions.ask(questions.with_draft(context, draft))


def _consent(context: Context, draft: CaseDraft, kind: ConsentKind, *, agreed: bool) -> Turn:
    """Agreed: recorded with version and time. Refused: the draft goes, questions and telephones stay."""
    words = context.talk.open_case
    if not agreed:
        text = words.carried_refused if kind is ConsentKind.CARRIED else words.refused
        session = replace(context.session.at_home(), draft=None)
        return say(context, text, *small_rows(context), session=session)
    version = consent_text(context, kind).version
    earlier = tuple(row for row in draft.consents if row[0] != kind.value)
    draft = replace(draft, consents=(*earlier, (kind.value, version, context.now)))
    return _go_on(context, draft).doing(RecordConsent(kind.value, version))


def _level(context: Context, draft: CaseDraft, level: NameLevel) -> Turn:
    """Anonymous takes name and contact out again; a fuller level asks for them."""
    answers = draft.answers
    if level is NameLevel.ANONYMOUS:
        answers = replace(answers, name=None, contact=None)
    draft = replace(draft, level=level, answers=answers)
    if draft.editing and level is not NameLevel.ANONYMOUS and not answers.contact:
        draft = replace(draft, editing=False, step=Step.WISH)  # goes on to name and contact, then the review
    if context.session.asked_files:
        draft = _with_files(draft, context.session.asked_files)
        context = context.with_session(replace(context.session, asked_files=()))
    return _go_on(context, draft)


def _happened(draft: CaseDraft, words: str) -> CaseDraft:
    together = "\n".join(part for part in (draft.answers.happened, words) if part)
    return replace(draft, answers=replace(draft.answers, happened=together))


def _with_files(draft: CaseDraft, files: tuple[str, ...]) -> CaseDraft:
    return replace(draft, files=(*draft.files, *files)[:MOST_FILES])


def _without_asked(context: Context) -> Context:
    return context.with_session(replace(context.session, asked="", asked_at=None))


def done_telling(context: Context) -> Turn:
    """说完了: on with the questions, if there is anything."""
    draft = context.session.draft
    assert draft is not None
    if draft.step is not Step.HAPPENED:
        return _go_on(context, draft) if draft.step in questions.FREE_TEXT else questions.ask(context)
    if not draft.answers.happened and context.session.asked:
        draft = _happened(draft, context.session.asked)
    if not draft.answers.happened and not draft.files:
        return questions.ask(questions.with_draft(context, draft), context.talk.open_case.happened_missing)
    return _go_on(context, draft)


def skip(context: Context) -> Turn:
    """跳过 leaves the field empty; consents and the level cannot be skipped."""
    draft = context.session.draft
    assert draft is not None
    if draft.step is Step.HAPPENED:
        return done_telling(context)
    if draft.step not in questions.FREE_TEXT:
        return questions.ask(context)
    return _go_on(context, questions.with_answer(draft, draft.step, None))


def does_not_know(context: Context) -> Turn:
    """不知道 is an answer."""
    draft = context.session.draft
    assert draft is not None
    if draft.step not in questions.NUMBERED:
        return skip(context)
    return _go_on(context, questions.with_answer(draft, draft.step, questions.UNKNOWN))


def heard(context: Context, text: str, files: tuple[str, ...], *, urgent: bool) -> Turn:
    """Her words and files in the flow: an answer where one is asked for, kept with the story elsewhere."""
    draft = context.session.draft
    assert draft is not None
    draft = replace(draft, urgent=draft.urgent or urgent)
    if draft.step in STEP_OF.values():
        return _before_consent(context, draft, text, files)
    note = context.talk.open_case.file_kept if files else ""
    draft = _with_files(draft, files)
    if not text:
        return questions.ask(questions.with_draft(context, draft), note)
    match draft.step:
        case Step.HAPPENED:
            told = (
                text
                if draft.answers.happened or not context.session.asked
                else f"{context.session.asked}\n{text}"
            )
            return questions.ask(questions.with_draft(_without_asked(context), _happened(draft, told)), note)
        case Step.DISTRICT:
            return _district(context, draft, text)
        case Step.LEVEL | Step.REVIEW:
            return questions.ask(questions.with_draft(context, _happened(draft, text)), note)
        case _:
            return _go_on(context, questions.with_answer(draft, draft.step, text), note)


def _before_consent(context: Context, draft: CaseDraft, text: str, files: tuple[str, ...]) -> Turn:
    """Nothing enters the draft before she agreed; it waits with what she asked."""
    session = context.session
    together = "\n".join(part for part in (session.asked, text) if part)
    kept = (*session.asked_files, *files)[:MOST_FILES]
    session = replace(session, asked=together, asked_files=kept, asked_at=context.now)
    return questions.ask(questions.with_draft(context.with_session(session), draft))


def _district(context: Context, draft: CaseDraft, text: str) -> Turn:
    """“金凤区的万达超市” answers both halves of the question."""
    found = next((name for name in context.knowledge.region.districts if name[:-1] in text), None)
    rest = text.replace(found, "").replace(found[:-1], "").strip(" 的，,。、") if found else text
    draft = questions.with_answer(draft, Step.DISTRICT, found)
    if not rest:
        return _go_on(context, draft)
    draft = questions.with_answer(draft, Step.EMPLOYER, rest)
    return _go_on(context, draft if draft.editing else replace(draft, step=Step.EMPLOYER))


def _submit(context: Context, draft: CaseDraft) -> Turn:
    """Hand it in: a code, a promised time, and where it will be answered."""
    missing = _missing(context, draft)
    if missing is not None:
        note = context.talk.open_case.happened_missing if missing is Step.HAPPENED else ""
        return questions.ask(questions.with_draft(context, replace(draft, step=missing, editing=False)), note)
    draft = replace(draft, topic=topic_of(context, draft.answers.happened, draft.topic))
    kind = kind_of(context, draft.topic)
    case = OpenCase(
        case_id=f"{context.random.getrandbits(80):020x}",
        number=context.look.next_number(),
        code=make_code(context.random),
        kind=kind,
        promised_at=context.promises.first_answer_by(context.now, kind, draft.urgent),
        draft=draft,
    )
    session = replace(
        context.session.at_home(),
        draft=None, asked="", asked_files=(), asked_at=None, case_id=case.case_id, place=Place.TYPE_BACK,
    )  # fmt: skip
    return _receipt(context.with_session(session), case).doing(case)


def _missing(context: Context, draft: CaseDraft) -> Step | None:
    """The first step without which a case cannot be handed in."""
    lacking = needed(context.look.channel) - given(draft)
    for kind in ConsentKind:
        if kind in lacking:
            return STEP_OF[kind]
    if draft.level is None:
        return Step.LEVEL
    if not draft.answers.happened and not draft.files:
        return Step.HAPPENED
    return None if draft.step is Step.REVIEW else draft.step


def _receipt(context: Context, case: OpenCase) -> Turn:
    labels, words = context.labels, context.talk.open_case
    text = words.receipt
    if context.promises.is_provisional(case.promised_at) and not case.draft.urgent:
        text += "\n" + words.provisional
    planned = plan(case.kind, case.draft.topic, case.draft.answers, context.today)
    text = deadline_lines.on_receipt(text, deadline_lines.of_plan(context, planned))
    if case.draft.for_other:
        text = deadline_lines.on_receipt(text, context.wording.intake.for_other)
    see = Button(labels.see_case, act(Do.CASE, "see", case.case_id))
    return say(
        context,
        text,
        (Button(labels.set_phrase, act(Do.CASE, "phrase", case.case_id)),),
        (see, Button(labels.add, act(Do.CASE, "say", case.case_id))),
        (Button(labels.menu, act(Do.MENU)),),
        private=True,
        number=case.number,
        at=moment_in_words(context.now, context.now),
        promise=moment_in_words(case.promised_at, context.now),
        code=in_groups(case.code),
    )
