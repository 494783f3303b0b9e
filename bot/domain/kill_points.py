"""Named places where tests end the process hard; off unless the environment names one."""

import os
import signal

# SAFEHOUSE_KILL_AT="after_commit:17" ends the process the 17th time it passes that place.
_PLACE, _, _COUNT = os.environ.get("SAFEHOUSE_KILL_AT", "").partition(":")
_left = int(_COUNT or 1)


def pass_kill_point(place: str) -> None:
    """End the process with SIGKILL if this is the named place and its turn; otherwise do nothing."""
    global _left
    if place != _PLACE:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
