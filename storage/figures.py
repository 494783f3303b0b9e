"""Figures over events, and requests that take a second person."""

from storage.context import UnitContext


class FiguresTable:
    """Fulfils ports.FigureSource."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal
