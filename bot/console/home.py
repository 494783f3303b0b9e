"""The home page: the day's figures and a chart with its table."""

import asyncio
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import Response

from bot.console.guard import Visit
from bot.domain.civil_time import civil_day
from bot.domain.staff import Power
from bot.services import figures

# The picture is shown as an image: it runs nothing, and its own styles reach nobody else.
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_SCRIPT = re.compile(rb"<script\b.*?</script>", re.DOTALL)


async def home(visit: Visit) -> Response:
    """Figures for those who may see them, otherwise only the way on."""
    now = visit.deps.clock.now()
    shown = None
    if visit.actor.may(Power.SEE_FIGURES):
        shown = await visit.deps.store.read(lambda unit: figures.day_figures(unit, now))
    return visit.show("home.html", figures=shown, small=figures.SMALL_CELL, today=civil_day(now))


async def chart(visit: Visit) -> Response:
    """Cases opened per day over 14 days as SVG."""
    today = civil_day(visit.deps.clock.now())
    per_day = await visit.deps.store.read(lambda unit: figures.opened_per_day(unit, today))
    drawn = await asyncio.to_thread(_draw, per_day)
    return Response(drawn, media_type="image/svg+xml", headers={"content-security-policy": _PICTURE_POLICY})


def _draw(per_day: Mapping[date, int]) -> bytes:
    import pygal  # lazily: it takes a while to import
    from pygal.style import Style

    style = Style(
        background="transparent", plot_background="transparent", colors=("#2f6f6a",),
        font_family="sans-serif", label_font_size=13, major_label_font_size=13, value_font_size=13,
        foreground="#55605f", foreground_strong="#22302f", foreground_subtle="#dfe6e5",
    )  # fmt: skip
    drawing: Any = pygal.Bar(
        style=style, js=[], show_legend=False, width=640, height=300, margin=4, spacing=6,
        print_values=True, print_values_position="top", show_y_guides=False,
        print_zeroes=False, include_x_axis=True, x_label_rotation=0,
        value_formatter=lambda value: f"{value:.0f}", y_labels=_steps(max(per_day.values(), default=0)),
        explicit_size=False, truncate_label=-1, no_prefix=True,
    )  # fmt: skip
    drawing.x_labels = [_day(day, first=place == 0) for place, day in enumerate(per_day)]
    drawing.add("", list(per_day.values()))
    # The library always adds a script for its own tooltips; ours is a still picture.
    return _SCRIPT.sub(b"", drawing.render())


def _day(day: date, *, first: bool) -> str:
    """The month only where it begins: fourteen labels must fit beside each other."""
    return f"{day.month}-{day.day}" if first or day.day == 1 else str(day.day)


def _steps(highest: int) -> list[int]:
    """Whole numbers on the axis, at most six."""
    step = max(1, -(-highest // 5))
    return list(range(0, max(highest, 1) + step, step))
