"""The legal dates of each case."""

from storage.context import UnitContext


class DeadlinesTable:
    """Fulfils ports.DeadlineBook."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal
