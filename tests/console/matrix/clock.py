"""Who may open what: the addresses of clock, written by hand apart from the program's own table."""

from tests.console.matrix.roles import ALL, HANDLE, LEADER, TAKE, Cell, Row

PAGES: dict[Row, Cell] = {
    ("GET", "/notices"): ALL,
    ("POST", "/notices/read"): ALL,
}
# For cases: who may on her own, on an unclaimed one, on another's. The path is what follows /cases/{case_id}.
CASES: dict[Row, tuple[Cell, Cell, Cell]] = {
    ("POST", "/pause"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/resume"): (HANDLE, TAKE, {LEADER}),
}
# What the forms must bring so that the act itself is reached.
FIELDS: dict[str, str] = {"reason": "partner"}
