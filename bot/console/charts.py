"""Charts as still SVG pictures; the numbers stand beside them as a table."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from starlette.responses import Response

# The picture is shown as an image: it runs nothing, and its own styles reach nobody else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_SCRIPT = re.compile(rb"<script\b.*?</script>", re.DOTALL)
_BAR_HEIGHT, _AROUND = 38, 40
_LONGEST_NAME = 14
_BESIDE = "\u2003\u2003"  # the number is set around the end of its bar: this moves it outside
Number = int | float | None


def columns(names: Sequence[str], values: Sequence[Number]) -> bytes:
    """Standing bars: days or months from left to right."""
    drawing = _chart("Bar", values, width=640, height=300, spacing=6)
    drawing.x_labels = list(names)
    drawing.add("", list(values))
    return _still(drawing)


def lying_bars(names: Sequence[str], values: Sequence[Number]) -> bytes:
    """Lying bars, the first one on top; None has no bar."""
    height = _AROUND + _BAR_HEIGHT * max(1, len(names))
    drawing = _chart("HorizontalBar", values, width=480, height=height, spacing=2)
    shown = [_short(name) for name in reversed(names)]
    drawing.margin_left = 4 + 6 * max(map(len, shown), default=0)  # it takes every letter for a narrow one
    drawing.range = (0, 1.12 * max((value for value in values if value is not None), default=1) or 1)
    drawing.x_labels = shown
    drawing.add("", list(reversed(values)))
    return _still(drawing)


def picture(drawn: bytes) -> Response:
    """The answer that carries a chart."""
    return Response(drawn, media_type="image/svg+xml", headers={"content-security-policy": _POLICY})


def day_names(days: Sequence[date]) -> list[str]:
    """The month only where it begins: fourteen labels must fit beside each other."""
    return [
        f"{day.month}-{day.day}" if place == 0 or day.day == 1 else str(day.day)
        for place, day in enumerate(days)
    ]


def _chart(
    kind: str, values: Sequence[Number], *, width: int, height: int, spacing: int,
) -> Any:  # fmt: skip
    import pygal  # lazily: it takes a while to import
    from pygal.style import Style

    style = Style(
        background="transparent", plot_background="transparent", colors=("#2f6f6a",),
        font_family="sans-serif", label_font_size=13, major_label_font_size=13, value_font_size=13,
        foreground="#55605f", foreground_strong="#22302f", foreground_subtle="#dfe6e5",
    )  # fmt: skip
    lying = kind == "HorizontalBar"
    steps = _steps(max((value for value in values if value is not None), default=0))
    return getattr(pygal, kind)(
        style=style, js=[], show_legend=False, width=width, height=height, margin=4, spacing=spacing,
        print_values=True, print_values_position="top", show_y_guides=False, show_x_guides=False,
        print_zeroes=False, include_x_axis=True, x_label_rotation=0, explicit_size=False, truncate_label=-1,
        value_formatter=lambda value: (_BESIDE if lying else "") + f"{value:,.0f}",
        show_y_labels=True, show_x_labels=not lying, y_labels=None if lying else steps,
    )  # fmt: skip


def _still(drawing: Any) -> bytes:
    """The library always adds a script for its own tooltips; ours is a still picture."""
    return _SCRIPT.sub(b"", drawing.render())


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _steps(highest: float) -> list[int]:
    """Whole numbers on the axis, at most six."""
    step = max(1, -(-int(highest) // 5))
    return list(range(0, max(int(highest), 1) + step, step))
