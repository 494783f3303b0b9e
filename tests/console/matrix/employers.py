"""Who may open what: the addresses of employers, written by hand apart from the program's own table."""

from tests.console.matrix.roles import ADMIN, HANDLE, LAWYER, LEADER, TAKE, Cell, Row

_SEE: Cell = {LEADER}
PAGES: dict[Row, Cell] = {
    ("GET", "/employers"): _SEE,
    ("GET", "/employers/one"): _SEE,
    ("POST", "/employers/describe"): _SEE,
    ("POST", "/employers/join"): _SEE,
    ("POST", "/employers/apart"): _SEE,
    ("POST", "/employers/split"): _SEE,
    ("GET", "/employers/letter"): {LEADER},  # and a lawyer who was asked about this very letter
    ("GET", "/employers/asked"): {LEADER, LAWYER},
    ("POST", "/employers/letter/lawyer"): _SEE,
    ("POST", "/employers/letter/advice"): {LEADER},
    ("GET", "/employers/letter.docx"): _SEE,
    ("POST", "/employers/letter/accept"): _SEE,
    ("POST", "/employers/letter/dismiss"): _SEE,
    ("POST", "/staff/{staff_id}/employer"): {ADMIN},
}
# For cases: who may on her own, on an unclaimed one, on another's. The path is what follows /cases/{case_id}.
CASES: dict[Row, tuple[Cell, Cell, Cell]] = {
    ("POST", "/employer"): (HANDLE, TAKE, {LEADER}),
}
# What the forms must bring so that the act itself is reached.
FIELDS: dict[str, str] = {"employer_name": "演示百味餐饮", "works_at": ""}
