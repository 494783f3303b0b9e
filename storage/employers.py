"""Employers across cases: one sealed name each, with the other ways people write it."""

from storage.context import UnitContext


class EmployersTable:
    """Fulfils ports.EmployerRegister."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal
