"""The handbook: every answer by chapter, to read on the web and to print."""

from knowledge.wording_base import Section, Text, Words, says


class HandbookHeadings(Section):
    """Headings within a topic."""

    details: Text
    steps: Text
    evidence: Text
    deadlines: Text
    local: Text
    say: Text
    handover: Text
    audience: Text
    citations: Text
    related: Text


class HandbookWording(Section):
    """`categories` are the chapters in their order; `danger` stands before everything else."""

    link: Text  # where it is linked from
    page_title: Text  # what the browser's history shows
    title: Text
    about: Text
    checked: Text = says("day")
    drawn: Text = says("day")
    unreviewed: Text
    discreet: Text
    danger_title: Text
    danger: Words
    danger_line: Text
    danger_more: Text
    hotlines_title: Text
    contents_title: Text
    all_title: Text
    chapter: Text = says("number", "name")
    topics: Text = says("count")
    places_title: Text
    places_intro: Text
    places_none: Text
    whole: Text
    whole_hint: Text
    to_contents: Text
    to_chapter: Text
    to_talk: Text
    to_main: Text
    before: Text = says("name")
    after: Text = says("name")
    topic_checked: Text = says("day", "review")
    headings: HandbookHeadings
    categories: dict[str, Text]
