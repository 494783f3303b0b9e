"""Who may open what: the addresses of duty, written by hand apart from the program's own table."""

from tests.console.matrix.roles import HANDLE, LEADER, Cell, Row

PAGES: dict[Row, Cell] = {
    ("GET", "/duty"): HANDLE,
    ("POST", "/duty/days"): {LEADER},
    ("POST", "/duty/substitutes"): {LEADER},
    ("POST", "/duty/substitutes/end"): {LEADER},
    ("POST", "/duty/hand-over"): {LEADER},
}
# For cases: who may on her own, on an unclaimed one, on another's. The path is what follows /cases/{case_id}.
CASES: dict[Row, tuple[Cell, Cell, Cell]] = {}
# What the forms must bring so that the act itself is reached.
FIELDS: dict[str, str] = {}
