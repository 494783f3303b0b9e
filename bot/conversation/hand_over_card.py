"""She is asked whether her case may go to a partner agency: what they would see, field by field."""

from bot.conversation.actions import Tap
from bot.conversation.menu import stale
from bot.conversation.turn import Context, Turn


def tapped(context: Context, tap: Tap) -> Turn:
    """Every button of this card."""
    return stale(context)
