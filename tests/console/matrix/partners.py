"""Who may open what: the addresses of partners, written by hand apart from the program's own table."""

from tests.console.matrix.roles import LEADER, TAKE, Cell, Row

PAGES: dict[Row, Cell] = {}
# For cases: who may on her own, on an unclaimed one, on another's. The path is what follows /cases/{case_id}.
CASES: dict[Row, tuple[Cell, Cell, Cell]] = {
    ("POST", "/handovers"): (TAKE, TAKE, {LEADER}),
    ("POST", "/handovers/{handover_id}/oral"): (TAKE, TAKE, {LEADER}),
    ("POST", "/handovers/{handover_id}/cancel"): (TAKE, TAKE, {LEADER}),
    ("POST", "/handovers/{handover_id}/urge"): (TAKE, TAKE, {LEADER}),
    ("POST", "/handovers/{handover_id}/link"): (TAKE, TAKE, {LEADER}),
    ("GET", "/handovers/{handover_id}/package"): (TAKE, TAKE, {LEADER}),
    ("POST", "/joint"): (TAKE, TAKE, {LEADER}),
    ("POST", "/joint/{session_id}/held"): (TAKE, TAKE, {LEADER}),
    ("POST", "/joint/{session_id}/cancel"): (TAKE, TAKE, {LEADER}),
}
# What the forms must bring so that the act itself is reached.
FIELDS: dict[str, str] = {}
