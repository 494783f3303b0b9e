"""A program of its own: an image comes in on standard input, its pixels alone go out on standard output.

    python -I clean_image.py JPEG < picture > clean

Decoders are the weak place of every picture, so they run here, with little memory, little time and
no files. Imports nothing of the product: it starts fast and can be ended at any moment. Exit codes:
0 clean copy written; 2 not readable as that format; 3 too many pixels.
"""

from __future__ import annotations

import io
import resource
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 60_000_000
MAX_SIDE = 4096  # a page photographed stays readable, and a copy stays small
MEMORY_BYTES = 1_200_000_000
CPU_S = 20
UNREADABLE, TOO_MANY_PIXELS = 2, 3


def main(decoder: str) -> int:
    """Read, re-draw, write; returns the exit code."""
    _limit()
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own check below comes before any pixel is decoded
    data = sys.stdin.buffer.read()
    try:
        with Image.open(io.BytesIO(data), formats=(decoder,)) as image:
            if decoder == "JPEG":
                image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # decodes at a fraction of the size
            if image.width * image.height > MAX_PIXELS:
                return TOO_MANY_PIXELS
            clean, kept_as = _pixels_alone(ImageOps.exif_transpose(image), decoder in ("PNG", "GIF"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, IndexError, TypeError):
        return UNREADABLE
    out = io.BytesIO()
    if kept_as == "PNG":
        clean.save(out, "PNG", compress_level=4)
    else:
        clean.save(out, "JPEG", quality=88)
    sys.stdout.buffer.write(out.getvalue())
    return 0


def _pixels_alone(image: Image.Image, lossless: bool) -> tuple[Image.Image, str]:
    """A new image that got nothing but pixels, and the format that suits it."""
    from PIL import Image

    see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    mode = "RGBA" if see_through else "L" if image.mode in ("1", "L") else "RGB"
    pixels = _eight_bits(image).convert(mode)
    pixels.thumbnail((MAX_SIDE, MAX_SIDE))
    clean = Image.new(mode, pixels.size)
    clean.paste(pixels)
    return clean, "PNG" if lossless or see_through else "JPEG"


def _eight_bits(image: Image.Image) -> Image.Image:
    """Deep greyscale (scanners) stretched to what screens show; others as they are."""
    if not image.mode.startswith(("I", "F")):
        return image
    wide = image.convert("F")
    low, high = wide.getextrema()
    assert isinstance(low, float) and isinstance(high, float)
    scale = 255 / (high - low) if high > low else 0.0
    return wide.point(lambda value: value * scale - low * scale).convert("L")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
