"""Who may open what: the addresses of closing, written by hand apart from the program's own table."""

from tests.console.matrix.roles import HANDLE, LEADER, TAKE, Cell, Row

PAGES: dict[Row, Cell] = {}
# For cases: who may on her own, on an unclaimed one, on another's. The path is what follows /cases/{case_id}.
CASES: dict[Row, tuple[Cell, Cell, Cell]] = {
    ("POST", "/call-back"): (TAKE, TAKE, {LEADER}),
    ("POST", "/archive"): (TAKE, TAKE, {LEADER}),
    ("POST", "/lesson"): (HANDLE, TAKE, {LEADER}),
}
# What the forms must bring so that the act itself is reached.
FIELDS: dict[str, str] = {"call_result": "yes"}
