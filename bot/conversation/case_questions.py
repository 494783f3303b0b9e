"""The questions of a new case: how each is asked, and what an answer to it changes."""

from dataclasses import asdict, replace

from bot.conversation.actions import Do, act
from bot.conversation.consent import KIND_OF, TELEGRAM, ConsentKind, consent_text
from bot.conversation.session import CaseDraft, Place, Step
from bot.conversation.turn import Context, Rows, Turn, say
from bot.domain.cases import Answers, NameLevel
from bot.domain.civil_time import plain_day
from bot.domain.reply import Button

UNKNOWN = "unknown"  # how Answers keeps 不知道
NUMBERED = {Step.SINCE: 1, Step.DISTRICT: 2, Step.EMPLOYER: 2, Step.EVIDENCE: 3, Step.WISH: 4}
FREE_TEXT = (*NUMBERED, Step.NAME, Step.CONTACT)
_SHOWN = 300  # signs of her own words on a card; all of them are kept
_SHOWN_ASKED = 600
LONGEST_ANSWER = 4000


def step_after(draft: CaseDraft, channel: str) -> Step:
    """The next step that concerns her; back to the review where one field was edited."""
    return Step.REVIEW if draft.editing else _neighbour(draft, channel, 1)


def step_before(draft: CaseDraft, channel: str) -> Step | None:
    """The step before, None at the first."""
    if draft.editing:
        return Step.REVIEW
    before = _neighbour(draft, channel, -1)
    return None if before is draft.step else before


def _neighbour(draft: CaseDraft, channel: str, way: int) -> Step:
    steps = [step for step in Step if _concerns(step, draft, channel)]
    at = steps.index(draft.step) if draft.step in steps else 0
    return steps[max(0, min(at + way, len(steps) - 1))]


def _concerns(step: Step, draft: CaseDraft, channel: str) -> bool:
    if step is Step.CARRIED:
        return channel == TELEGRAM
    if step in (Step.NAME, Step.CONTACT):
        return draft.level not in (None, NameLevel.ANONYMOUS)
    return True


def with_draft(context: Context, draft: CaseDraft) -> Context:
    """The context with this draft, touched now, and her in the flow."""
    draft = replace(draft, touched_at=context.now)
    return context.with_session(replace(context.session, draft=draft, place=Place.OPENING, code=None))


def with_answer(draft: CaseDraft, step: Step, value: str | None) -> CaseDraft:
    """The draft with the field of a step set."""
    name = step.value
    if name not in Answers.__slots__:
        return draft
    fields = {**asdict(draft.answers), name: value[:LONGEST_ANSWER] if value else None}
    return replace(draft, answers=Answers(**fields))


def value_of(draft: CaseDraft, step: Step) -> str | None:
    """What the draft holds for a question."""
    return getattr(draft.answers, step.value) if step.value in Answers.__slots__ else None


def in_words(context: Context, value: str | None, most: int = _SHOWN) -> str:
    """A value as she reads it: 不知道, （没写）, or her words, cut where they are long."""
    words = context.talk.open_case
    if value == UNKNOWN:
        return words.unknown
    if not value:
        return words.skipped
    return value if len(value) <= most else context.put(words.cut, words=value[:most])


def ask(context: Context, note: str = "") -> Turn:
    """The current step's message, after a note where there is one."""
    draft = context.session.draft
    assert draft is not None
    match draft.step:
        case Step.PROCESSING | Step.HANDING_OVER | Step.CARRIED:
            turn = _ask_consent(context, KIND_OF[draft.step])
        case Step.LEVEL:
            turn = _ask_level(context)
        case Step.HAPPENED:
            turn = _ask_what_happened(context, draft)
        case Step.REVIEW:
            turn = _review(context, draft)
        case _:
            turn = _ask_question(context, draft)
    if not note:
        return turn
    first = replace(turn.replies[0], text=f"{note}\n\n{turn.replies[0].text}")
    return replace(turn, replies=(first, *turn.replies[1:]))


def _ask_consent(context: Context, kind: ConsentKind) -> Turn:
    yes, no = act(Do.OPEN_CASE, "yes", kind.value), act(Do.OPEN_CASE, "no", kind.value)
    row = (Button(context.labels.agree, yes), Button(context.labels.disagree, no))
    session = replace(context.session, yes_no=(yes, no))
    # The text is shown exactly as it is hashed: nothing is put in between.
    text = consent_text(context, kind).text.replace("{", "{{").replace("}", "}}")
    return say(context, text, row, (_back(context, KIND_STEP[kind]),), session=session, private=True)


KIND_STEP = {kind: step for step, kind in KIND_OF.items()}


def _back(context: Context, step: Step) -> Button:
    return Button(context.labels.back, act(Do.OPEN_CASE, "back", step.value))


def _ask_level(context: Context) -> Turn:
    words = context.talk.open_case
    lines = [words.level, "", *(words.levels[level.value] for level in NameLevel)]
    names = context.wording.labels.level
    rows = [(Button(names[level.value], act(Do.OPEN_CASE, "level", level.value)),) for level in NameLevel]
    return say(context, "\n".join(lines), *rows, (_back(context, Step.LEVEL),), private=True)


def _ask_what_happened(context: Context, draft: CaseDraft) -> Turn:
    words, labels = context.talk.open_case, context.labels
    back = _back(context, Step.HAPPENED)
    done = Button(labels.done_telling, act(Do.OPEN_CASE, "done", Step.HAPPENED.value))
    rewrite = Button(labels.rewrite, act(Do.OPEN_CASE, "rewrite"))
    if draft.answers.happened:
        now_is = context.put(words.now_is, value=in_words(context, draft.answers.happened, _SHOWN_ASKED))
        return say(context, "{now_is}\n\n{more}", (done, rewrite), (back,), private=True,
                   now_is=now_is, more=words.happened_more)  # fmt: skip
    if context.session.asked:
        use = Button(labels.use_this, act(Do.OPEN_CASE, "use"))
        asked = in_words(context, context.session.asked, _SHOWN_ASKED)
        return say(context, words.happened_from_asked, (use, rewrite), (back,), private=True, words=asked)
    files = context.put(words.files_line, count=len(draft.files)) if draft.files else ""
    rows = ((done, back),) if draft.files else ((back,),)
    return say(context, words.happened + files, *rows, private=True)


def _ask_question(context: Context, draft: CaseDraft) -> Turn:
    words, labels = context.talk.open_case, context.labels
    step = draft.step
    question = words.questions[step.value]
    value = value_of(draft, step)
    lines = [question.title, question.text]
    if step in NUMBERED:
        lines[0] = context.put(words.progress, number=NUMBERED[step], of=max(NUMBERED.values())) + lines[0]
    if value:
        lines.append(context.put(words.now_is, value=in_words(context, value)))
    if draft.files and step is Step.EVIDENCE:
        lines.append(context.put(words.files_line, count=len(draft.files)))
    keep = (Button(labels.keep_value, act(Do.OPEN_CASE, "next", step.value)),) if value else ()
    unknown = () if step in (Step.NAME, Step.CONTACT) else (
        Button(labels.unknown, act(Do.OPEN_CASE, "unknown", step.value)),
    )  # fmt: skip
    skip = Button(labels.skip, act(Do.OPEN_CASE, "skip", step.value))
    rows = (*_choice_rows(context, step), keep, (*unknown, skip, _back(context, step)))
    return say(context, "{lines}", *rows, private=True, lines="\n".join(lines))


def choices(context: Context, step: Step) -> tuple[str, ...]:
    """What a question offers to tap."""
    if step is Step.DISTRICT:
        return context.knowledge.region.districts
    return context.talk.open_case.questions[step.value].choices


def _choice_rows(context: Context, step: Step) -> Rows:
    buttons = [
        Button(label, act(Do.OPEN_CASE, "pick", f"{step.value}-{at}"))
        for at, label in enumerate(choices(context, step))
    ]
    return tuple(tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3))


def picked(context: Context, step: Step, at: int) -> str | None:
    """The value of a tapped choice; 今天 and 昨天 become dates, so that they stay true tomorrow."""
    offered = choices(context, step)
    if not 0 <= at < len(offered):
        return None
    if step is Step.SINCE and at < 2:
        day = context.today.fromordinal(context.today.toordinal() - at)
        return plain_day(day)
    return offered[at]


def _review(context: Context, draft: CaseDraft) -> Turn:
    """Every field with a button to change it; nothing is handed in yet."""
    words, labels = context.talk.open_case, context.labels
    fields = review_fields(context, draft)
    lines = [context.put(words.review_line, field=field, value=value) for field, value, _ in fields]
    edits = [
        Button(context.put(words.edit, field=field), act(Do.OPEN_CASE, "edit", step.value))
        for field, _, step in fields
        if step is not None
    ]
    rows: Rows = tuple(tuple(edits[at : at + 2]) for at in range(0, len(edits), 2))
    submit = Button(labels.submit, act(Do.OPEN_CASE, "submit"))
    not_yet = Button(labels.not_yet, act(Do.OPEN_CASE, "later"))
    return say(context, words.review, (submit,), *rows, (not_yet,), private=True, lines="\n".join(lines))


def review_fields(context: Context, draft: CaseDraft) -> list[tuple[str, str, Step | None]]:
    """(name, value in words, step to edit it) of everything that will be handed in."""
    words = context.talk.open_case
    level = context.wording.labels.level[draft.level.value] if draft.level else words.skipped
    fields: list[tuple[str, str, Step | None]] = [
        (words.level_line, level, Step.LEVEL),
        (words.happened_field, in_words(context, draft.answers.happened), Step.HAPPENED),
    ]
    for step in FREE_TEXT:
        if _concerns(step, draft, context.look.channel):
            name = words.questions[step.value].short
            fields.append((name, in_words(context, value_of(draft, step)), step))
    if draft.files:
        fields.append((words.files_field, str(len(draft.files)), None))
    return fields
