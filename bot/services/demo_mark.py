"""The mark of a store that holds invented data: it is set once and cannot be taken off."""

from datetime import datetime

from bot.domain.ports import Unit

_FACT = "demo"


def mark_demo(unit: Unit, now: datetime) -> None:
    """From now on every page says that nothing here is real."""
    unit.facts.put(_FACT, now.isoformat())


def is_demo(unit: Unit) -> bool:
    """Whether this store holds invented data."""
    return unit.facts.get(_FACT) is not None
