"""What teaches (学一学), text by text: stories, lessons, tips, the weekly tip, the handbook."""

from knowledge.wording_base import Section, Text, says


class LearnButtons(Section):
    """Words on buttons; also understood when typed."""

    stories: Text
    lessons: Text
    tips: Text
    handbook: Text
    open_handbook: Text
    a_story: Text
    a_lesson: Text
    next_page: Text
    last_page: Text
    what_came: Text
    from_start: Text
    next_story: Text
    next_card: Text
    last_card: Text
    to_checks: Text
    next_check: Text
    done: Text
    read_again: Text
    next_lesson: Text
    next_tip: Text
    weekly: Text
    stop: Text


class LearnWords(Section):
    home: Text = says("lines")
    home_stories: Text
    home_lessons: Text
    home_tips: Text
    home_handbook: Text
    stories: Text = says("page", "pages")
    stories_none: Text
    story_label: Text
    story: Text = says("label", "title", "happened", "at_issue")
    story_end: Text = says("label", "title", "outcome", "grounds", "citations", "what_to_do", "review")
    citation: Text = says("citation")
    step: Text = says("number", "text")
    lessons: Text = says("page", "pages")
    lessons_none: Text
    lesson_card: Text = says("title", "number", "of", "card", "text")
    check: Text = says("title", "number", "of", "text")
    check_done: Text = says("title", "number", "of", "text", "verdict", "explanation")
    right: Text
    wrong: Text = says("answer")
    lesson_done: Text = says("title", "citations", "review")
    tip: Text = says("text", "law")
    tips_none: Text
    weekly_is_on: Text
    weekly_set: Text
    weekly_set_here: Text
    weekly_off: Text
    weekly_never: Text
    weekly: Text = says("text", "law")
    handbook: Text
    handbook_elsewhere: Text
    cleared: Text
    buttons: LearnButtons
