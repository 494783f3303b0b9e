"""What all kinds of knowledge share: names, citations, reviews; unknown keys are refused."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$")]
ArticleNumber = Annotated[
    str,
    StringConstraints(
        pattern=r"^(?:附录|附件)?第[零〇一二三四五六七八九十百千0-9]+(?:条|点)(?:之[一二三四五六七八九十])?$"
    ),
]
ParagraphNumber = Annotated[str, StringConstraints(pattern=r"^第[零一二三四五六七八九十0-9]+款$")]
ItemNumber = Annotated[str, StringConstraints(pattern=r"^第[（(]?[零一二三四五六七八九十0-9]+[）)]?项$")]


class Frozen(BaseModel):
    """Base of everything read from YAML: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Citation(Frozen):
    """A place in a law of laws.yaml; `article` is left out where a law has no numbers."""

    law: Text
    article: ArticleNumber | None = None
    paragraph: ParagraphNumber | None = None
    item: ItemNumber | None = None

    def in_words(self) -> str:
        """《女职工劳动保护特别规定》第五条, with paragraph and item where given."""
        return f"《{self.law}》{self.article or ''}{self.paragraph or ''}{self.item or ''}"


class ReviewStatus(StrEnum):
    """Whether a lawyer has read the entry."""

    WAITING = "待律师审核"
    REVIEWED = "已审核"


class Review(Frozen):
    """Who reviewed an entry, when, and when it is due again (civil dates, Asia/Shanghai)."""

    status: ReviewStatus
    by: str | None = None
    on: date | None = None
    next: date | None = None
