"""Writes across a picture whose copy it is: whoever passes it on can be told."""

import io
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFont

_QUALITY = 85
_SMALLEST, _SHARE = 14, 34  # the letters are a part of the picture's width, never too small to read


def mark(data: bytes, mime: str, text: str) -> bytes:
    """The picture (a clean copy of our own, JPEG or PNG) with `text` across it again and again."""
    from PIL import Image, ImageDraw  # lazily: only where files are handed out

    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
        picture = opened.convert("RGBA")
    size = max(_SMALLEST, picture.width // _SHARE)
    font = _font(size)
    sheet = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(sheet)
    width = int(pen.textlength(text, font=font)) + 3 * size
    for row, top in enumerate(range(size // 2, picture.height, 6 * size)):
        for left in range(-(row % 2) * (width // 2), picture.width, width):
            pen.text((left + 1, top + 1), text, font=font, fill=(255, 255, 255, 110))
            pen.text((left, top), text, font=font, fill=(70, 70, 70, 110))
    marked = Image.alpha_composite(picture, sheet)
    out = io.BytesIO()
    if mime == "image/png":
        marked.save(out, "PNG", compress_level=4)
    else:
        marked.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


@lru_cache(maxsize=16)
def _font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    """The open Chinese font of the extra `images`; else Pillow's own, which has no Chinese."""
    from PIL import ImageFont

    try:
        import pylopdf_fonts_zh_cn

        return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)
    except ImportError:
        return ImageFont.load_default(size)
