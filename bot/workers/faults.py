"""How an unexpected exception is written into the log: what and where, never its words."""

import traceback
from pathlib import Path


def what_and_where(error: BaseException) -> str:
    """ "ValueError at rendering.py:42": a message could quote what she wrote, so it stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
