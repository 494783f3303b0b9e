"""The talk with her, text by text."""

from typing import Annotated

from pydantic import Field

from knowledge.models import AskedFor, DangerKind, OfficeKind
from knowledge.wording_base import Section, Text, Words, says
from knowledge.wording_learn import LearnWords


class Buttons(Section):
    """Words on buttons; also understood when typed."""

    menu: Text
    help: Text
    back: Text
    contest: Text
    learn: Text
    open_case: Text
    my_cases: Text
    privacy: Text
    law: Text
    steps: Text
    evidence: Text
    more: Text
    short: Text
    helped: Text
    helped_yes: Text
    unclear: Text
    not_mine: Text
    none_of_these: Text
    leave_topic: Text
    add_last: Text
    add_to: Text = says("number")
    add_elsewhere: Text
    add_closed: Text
    answer_yes: Text = says("number")
    not_this: Text
    safe_now: Text
    clear: Text
    clear_yes: Text
    clear_no: Text
    quiet: Text
    agree: Text
    disagree: Text
    skip: Text
    keep_value: Text
    unknown: Text
    done_telling: Text
    use_this: Text
    rewrite: Text
    submit: Text
    not_yet: Text
    resume: Text
    later: Text
    drop: Text
    keep_writing: Text
    restart: Text
    another_case: Text
    see_case: Text
    add: Text
    show_code: Text
    set_phrase: Text
    withdraw: Text
    withdraw_yes: Text
    keep_case: Text
    reopen: Text
    new_case: Text
    enter_code: Text
    done_adding: Text
    start: Text
    resume_contest: Text
    ranking: Text
    choose_district: Text
    no_district: Text
    confirm: Text
    next_question: Text
    result: Text
    happened_to_me: Text
    again: Text
    chosen: Text = says("letter")


class Commands(Section):
    """Words that mean the same everywhere; only a whole message counts, the first command that claims one."""

    hello: Words
    thanks: Words
    help: Words
    back: Words
    cancel: Words
    restart: Words
    privacy: Words
    clear: Words
    quiet: Words
    stop_tips: Words
    menu: Words
    open_case: Words
    my_cases: Words
    contest: Words
    places: Words
    learn: Words
    stories: Words
    lessons: Words
    tips: Words
    handbook: Words
    yes: Words
    no: Words
    skip: Words
    unknown: Words
    done: Words


class Situation(Section):
    """A life situation of the menu and the topics it opens, as far as they are written."""

    label: Text
    intro: Text
    topics: Words
    places: bool = False  # whether 去哪里办 stands under it


class Home(Section):
    welcome: Text
    menu: Text
    draft_waiting: Text
    draft_gone: Text
    help: Text
    restarted: Text
    nothing_to_cancel: Text
    hello: Text
    thanks: Text
    stale: Text
    situation_without_topics: Text
    situations: Annotated[tuple[Situation, ...], Field(min_length=1)]


class Ask(Section):
    card: Text = says("title", "short")
    say_it: Text = says("say")
    unreviewed: Text
    reviewed: Text = says("day")
    overdue: Text = says("day")
    talking_about: Text = says("title")
    topic_left: Text
    several: Text = says("count", "titles")
    several_title: Text = says("number", "title")
    several_more: Text
    law: Text = says("title", "citations", "checked_on", "review")
    deadlines: Text
    deadline: Text = says("label", "in_words", "law")
    steps: Text = says("title", "steps")
    handover: Text = says("when")
    evidence: Text = says("title", "items")
    no_evidence: Text
    more: Text = says("title", "details")
    audience: Text = says("who")
    local: Text
    local_stated: Text = says("label", "value", "since", "checked")
    local_since: Text = says("day")
    local_checked: Text = says("day")
    local_ask: Text = says("label", "where")
    related: Text
    did_you_mean: Text
    likely: Text
    not_found: Text
    not_found_again: Text
    none_of_these: Text
    helped_ask: Text
    helped_yes: Text
    unclear: Text
    not_mine: Text
    not_mine_others: Text
    empty: Text
    only_signs: Text
    file_without_case: Text
    voice_without_case: Text
    file_refused: dict[str, Text]


class PlaceKind(Section):
    """A kind of office: its name, and whom to ask where its address is not checked."""

    name: Text
    ask: Text


class PlacesWords(Section):
    """去哪里办; address, telephone and hours are told only where somebody checked them."""

    open: Text
    all: Text
    list: Text = says("lines")
    list_for: Text = says("title", "lines")
    list_line: Text = says("kind", "name")
    none: Text
    card: Text = says("name", "kind", "lines")
    competence: Text = says("what")
    bring: Text
    bring_item: Text = says("item")
    phone: Text = says("phone")
    address: Text = says("address")
    hours: Text = says("hours")
    checked: Text = says("day")
    unchecked: Text = says("ask")
    kinds: dict[OfficeKind, PlaceKind]


class SiblingsWords(Section):
    """The one question that decides between topics that people confuse."""

    ask: Text = says("question")
    not_this: Text
    not_mine: Text = says("question")


class AskingForWords(Section):
    """One line more where somebody asks for another person, or as an employer."""

    notes: dict[AskedFor, Text]
    consent_first: Text
    she_agrees: Text


class DangerWords(Section):
    """What is said first when a message tells of danger, by kind."""

    first: dict[DangerKind, Text]
    kept: Text
    topic_missing: Text


class Question(Section):
    title: Text
    text: Text
    short: Text  # its name on the review card and on edit buttons
    choices: tuple[Text, ...] = ()


class OpenCaseWords(Section):
    processing: Text
    handing_over: Text
    carried: Text
    refused: Text
    carried_refused: Text
    level: Text
    levels: dict[str, Text]
    happened: Text
    happened_from_asked: Text = says("words")
    happened_more: Text
    happened_missing: Text
    happened_field: Text
    questions: dict[str, Question]
    progress: Text = says("number", "of")
    now_is: Text = says("value")
    unknown: Text
    skipped: Text
    file_kept: Text
    files_line: Text = says("count")
    edit: Text = says("field")
    review: Text = says("lines")
    review_line: Text = says("field", "value")
    level_line: Text
    files_field: Text
    cut: Text = says("words")
    cancel_ask: Text
    dropped: Text
    paused: Text
    restart_ask: Text
    has_one: Text = says("number", "day")
    receipt: Text = says("number", "at", "promise", "code")
    provisional: Text
    type_back_right: Text
    type_back_wrong: Text = says("last")
    already_sent: Text


class MyCaseWords(Section):
    none: Text
    list: Text
    list_line: Text = says("number", "status", "day")
    see: Text = says("number", "status", "who", "next", "timeline")
    who_nobody: Text
    who_somebody: Text
    who_ended: Text
    next: dict[str, Text]  # by status; "default" for the others
    next_promised: Text = says("promise")
    timeline_line: Text = says("at", "what")
    events: dict[str, Text]
    event_status: Text = says("status")
    event_words: Text = says("words")
    event_reply: Text = says("words")
    event_closed: Text = says("outcome")
    event_closed_words: Text = says("outcome", "words")
    earlier: Text = says("count")
    say: Text = says("number")
    received: Text = says("at", "number")
    received_files: Text = says("at", "number", "count")
    answer_ask: Text = says("words", "number")
    answer_which: Text = says("words")
    answer_case: Text = says("number", "day")
    danger_words: Text
    has_one_words: Text = says("words")
    say_closed: Text = says("number")
    received_closed: Text = says("at", "number")
    nothing_to_add: Text
    done_adding: Text
    closed: Text = says("number", "status")
    reopened: Text = says("number", "promise")
    code: Text = says("number", "code")
    phrase_ask: Text = says("fewest")
    phrase_short: Text = says("fewest")
    phrase_long: Text
    phrase_set: Text
    withdraw_ask: Text = says("number")
    withdraw_why: Text
    withdrawn: Text = says("number")
    already_withdrawn: Text = says("number")


class CodeWords(Section):
    ask: Text
    shape: Text
    unsound: Text
    phrase_ask: Text
    wrong: Text
    too_often: Text
    continued: Text = says("number")
    continued_noted: Text = says("number")  # a case that staff took down from her


class ContestWords(Section):
    none: Text
    before: Text = says("title", "opens")
    after: Text = says("title", "closes")
    home: Text = says("title", "intro", "closes", "questions", "tries", "seconds", "left", "pass_mark")
    home_best: Text = says("best")
    home_district: Text = says("district")
    district_ask: Text
    district_set: Text = says("district")
    district_none: Text
    no_tries: Text = says("tries")
    resumed: Text
    question: Text = says("number", "of", "kind", "right", "text", "options")
    kinds: dict[str, Text]
    option: Text = says("letter", "text")
    choose_several: Text
    right: Text
    wrong: Text = says("answer")
    feedback: Text = says("number", "of", "question", "verdict", "explanation", "law")
    nothing_chosen: Text
    result: Text = says("title", "score", "right", "of", "verdict")
    passed: Text
    not_passed: Text
    best: Text = says("best")
    place: Text = says("place", "players")
    wrong_ones: Text
    ranking: Text = says("title", "lines")
    ranking_line: Text = says("place", "district", "mean", "people")
    ranking_empty: Text
    ranking_note: Text = says("fewest")
    private_door: Text
    private_door_no_topic: Text


class PrivacyWords(Section):
    card: Text
    clear_ask: Text
    cleared: Text
    cleared_with_case: Text
    not_cleared: Text
    quiet_on: Text


class Shown(Section):
    """How her transcript shows what is no text, or what is better not shown."""

    tap: Text
    hidden: Text
    hidden_phrase: Text
    files: dict[str, Text]


class Talk(Section):
    buttons: Buttons
    commands: Commands
    home: Home
    ask: Ask
    places: PlacesWords
    siblings: SiblingsWords
    asking_for: AskingForWords
    danger: DangerWords
    open_case: OpenCaseWords
    my_case: MyCaseWords
    code: CodeWords
    contest: ContestWords
    learn: LearnWords
    privacy: PrivacyWords
    shown: Shown
