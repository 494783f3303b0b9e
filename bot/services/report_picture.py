"""Bars for a document: word processors show no SVG everywhere, so they are drawn as a picture."""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

from bot.services.figure_tables import Cell

_WIDTH, _LINE, _NAMES, _PAD, _SIZE = 1500, 54, 330, 20, 28
_BAR, _INK = (47, 111, 106), (34, 48, 47)
_MOST = 24


def bars(values: Sequence[tuple[str, Cell]], title: str) -> bytes | None:
    """Lying bars with their numbers, as PNG; of a number that is kept back the words stand without a bar.

    None where there is nothing to draw, or no library or font to draw with.
    """
    shown = [(name, cell) for name, cell in values[:_MOST] if cell.number != 0]
    widest = max((cell.number or 0 for _, cell in shown), default=0)
    font = _font()
    if font is None or not widest:
        return None
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (_WIDTH, _LINE * (len(shown) + 1) + 2 * _PAD), "white")
    draw = ImageDraw.Draw(image)
    draw.text((_PAD, _PAD), title, fill=_INK, font=font)
    room = _WIDTH - _NAMES - 4 * _PAD - 160
    for at, (name, cell) in enumerate(shown, start=1):
        top = _PAD + at * _LINE
        draw.text((_NAMES, top + 8), name, fill=_INK, font=font, anchor="ra")
        if cell.number is None:
            draw.text((_NAMES + _PAD, top + 8), cell.text, fill=_INK, font=font)
            continue
        ends = _NAMES + _PAD + max(3, round(room * cell.number / widest))
        draw.rectangle((_NAMES + _PAD, top + 6, ends, top + _LINE - 10), fill=_BAR)
        draw.text((ends + _PAD // 2, top + 8), cell.text, fill=_INK, font=font)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


@cache
def _font() -> Any:
    """The open Chinese font of the `images` extra; None where it is not installed."""
    try:
        from PIL import ImageFont
        from pylopdf_fonts_zh_cn import sans_path
    except ImportError:
        return None
    return ImageFont.truetype(str(sans_path()), _SIZE)
