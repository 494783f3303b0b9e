"""After closing: has it come, was she helped well, shall it be taken up again."""

from bot.conversation.actions import Tap
from bot.conversation.menu import stale
from bot.conversation.turn import Context, Turn


def tapped(context: Context, tap: Tap) -> Turn:
    """Every button of this card."""
    return stale(context)
