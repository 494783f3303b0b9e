"""The mark of a store that holds invented data: it is set once and cannot be taken off."""

from datetime import datetime

from bot.domain.ports import Unit

_FACT = "demo"


def mark_demo(unit: Unit, now: datetime) -> None:
    """From now on every page says that nothing here is real; whatever was opened up to `now` is invented."""
    unit.facts.put(_FACT, now.isoformat())


def is_demo(unit: Unit) -> bool:
    """Whether this store holds invented data."""
    return unit.facts.get(_FACT) is not None


def invented_until(unit: Unit) -> datetime | None:
    """The instant up to which every case of this store is invented; None where the store is no demo."""
    kept = unit.facts.get(_FACT)
    return None if kept is None else datetime.fromisoformat(kept)
