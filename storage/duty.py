"""Who is on duty, who stands in for whom, and what each member of staff must be told."""

from storage.context import UnitContext


class DutyTable:
    """Fulfils ports.DutyBook."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal
