"""Who may open what: the addresses of deadlines, written by hand apart from the program's own table."""

from tests.console.matrix.roles import Cell, Row

PAGES: dict[Row, Cell] = {}
# For cases: who may on her own, on an unclaimed one, on another's. The path is what follows /cases/{case_id}.
CASES: dict[Row, tuple[Cell, Cell, Cell]] = {}
# What the forms must bring so that the act itself is reached.
FIELDS: dict[str, str] = {}
