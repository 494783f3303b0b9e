"""When a text is due to be read again against the law."""

from __future__ import annotations

from datetime import date, timedelta

from knowledge.base import Review

LONGEST_UNCHECKED = timedelta(days=365)


def is_overdue(checked_on: date, review: Review, today: date) -> bool:
    """True once `review.next` is past or the last check is more than 365 days ago; `today` is a civil day."""
    return (review.next is not None and review.next < today) or today - checked_on > LONGEST_UNCHECKED
