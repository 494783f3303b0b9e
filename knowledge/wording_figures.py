"""What is said about figures, reports and exports."""

from pydantic import Field

from knowledge.wording_base import Section, Text, says


class ReportWords(Section):
    """The monthly and the yearly report."""

    title: Text = says("period")
    made: Text = says("day", "time")
    open_end: Text
    small: Text = says("least")
    figures: Text
    figure: Text
    number: Text
    means: Text
    total: Text
    nothing: Text


class ExportWords(Section):
    """Files with one line a case. `columns` names the columns in their order."""

    columns: dict[str, Text]
    sheet: Text
    about: Text
    mark: Text = says("id", "by", "second", "at")
    alone: Text
    kept_back: Text = says("least")
    notes: tuple[Text, ...]


class ExportNotices(Section):
    """What members of staff are told about exports that take two people."""

    asked: Text = says("name", "period", "count")
    agreed: Text = says("name", "period", "count", "until")
    declined: Text = says("name", "period", "count")


class FigureWords(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did.

    `names`, `means` and `units` have a text for each figure; `by` and `by_means` for each breakdown.
    """

    names: dict[str, Text]
    means: dict[str, Text]
    units: dict[str, Text]
    by: dict[str, Text]
    by_means: dict[str, Text]
    sizes: dict[str, Text]
    unset: Text
    gone: Text
    few: Text
    small: Text = says("least")
    kept_back: Text
    nothing: Text
    hours: Text = says("hours", "minutes")
    kept: Text = says("percent", "in_time", "late")
    kept_percent: Text = says("percent")
    rate: Text = says("percent", "part", "whole")
    rate_percent: Text = says("percent")
    stars: Text = says("mean", "rated")
    stars_mean: Text = says("mean")
    report: ReportWords
    export: ExportWords
    notices: ExportNotices
    not_drawn: Text = says("name", "shown")
    refused: dict[str, Text] = says("limit", "length", "least", "most")
    done: dict[str, Text] = Field(default={})
