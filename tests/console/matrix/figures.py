"""Who may open what: the addresses of figures, written by hand apart from the program's own table."""

from tests.console.matrix.roles import ADMIN, AUDITOR, LEADER, TAKE, Cell, Row

PAGES: dict[Row, Cell] = {
    ("GET", "/figures"): {*TAKE, ADMIN, AUDITOR},
    ("GET", "/figures/chart.svg"): {*TAKE, ADMIN, AUDITOR},
    ("GET", "/figures/cases"): {*TAKE, AUDITOR},
    ("GET", "/figures/report"): {*TAKE, ADMIN, AUDITOR},
    ("GET", "/figures/report.docx"): {*TAKE, ADMIN, AUDITOR},
    ("GET", "/figures/exports"): {LEADER, AUDITOR},
    ("POST", "/figures/exports"): {LEADER, AUDITOR},
    ("POST", "/figures/exports/agree"): {LEADER, AUDITOR},
    ("POST", "/figures/exports/decline"): {LEADER, AUDITOR},
    ("POST", "/figures/exports/file"): {LEADER, AUDITOR},
}
# For cases: who may on her own, on an unclaimed one, on another's. The path is what follows /cases/{case_id}.
CASES: dict[Row, tuple[Cell, Cell, Cell]] = {}
# What the forms must bring so that the act itself is reached.
FIELDS: dict[str, str] = {}
