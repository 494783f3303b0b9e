"""Who may open what: the addresses of deadlines, written by hand apart from the program's own table."""

from tests.console.matrix.roles import HANDLE, LEADER, TAKE, Cell, Row

PAGES: dict[Row, Cell] = {}
# For cases: who may on her own, on an unclaimed one, on another's. The path is what follows /cases/{case_id}.
CASES: dict[Row, tuple[Cell, Cell, Cell]] = {
    ("POST", "/deadlines"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/deadlines/{deadline_id}/day"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/deadlines/{deadline_id}/anew"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/deadlines/{deadline_id}/done"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/deadlines/{deadline_id}/drop"): (HANDLE, TAKE, {LEADER}),
}
# What the forms must bring so that the act itself is reached.
FIELDS: dict[str, str] = {"rule": "lawsuit", "day": "2026-11-20", "what": "claimed", "reason": "settled"}
