"""What each area of the desk shows in a case page, by the name of its templates."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.console import (
    panel_clock,
    panel_closing,
    panel_deadlines,
    panel_employers,
    panel_intake,
    panel_partners,
    panel_team,
)
from bot.console.deps import ConsoleDeps
from bot.domain.cases import OpenedCase
from bot.domain.ports import Unit
from bot.domain.staff import StaffMember

Panel = Callable[[Unit, StaffMember, OpenedCase, datetime, ConsoleDeps], object]
PANELS: Mapping[str, Panel] = {
    "clock": panel_clock.panel,
    "deadlines": panel_deadlines.panel,
    "intake": panel_intake.panel,
    "team": panel_team.panel,
    "partners": panel_partners.panel,
    "closing": panel_closing.panel,
    "employers": panel_employers.panel,
}
