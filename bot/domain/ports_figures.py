"""Figures over events, and requests that take a second person."""

from typing import Protocol


class FigureSource(Protocol):
    """Figures over events, and requests that take a second person."""
