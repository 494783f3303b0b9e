"""The same house as the conversation's tests."""

from tests.conversation.conftest import clock, house, knowledge, search, talk, wording

__all__ = ["clock", "house", "knowledge", "search", "talk", "wording"]
