"""The `Chart` value: its words, its interactive figure, its print figure, its tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from matplotlib.figure import Figure

    from ..models import Split
    from ..tables.table import Table


class Chart(ABC):
    """One chart; a subclass is a frozen dataclass that holds the results it shows.

    Attributes:
        name: File stem of the print figure.
        title: What the chart shows.
        reading: How to read it.
        group: Heading below which the page shows it.
        shape: How much room the page gives it.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    reading: ClassVar[str]
    group: ClassVar[str]
    shape: ClassVar[str] = ""  # or "wide", "tall"

    @abstractmethod
    def figure(self) -> go.Figure:
        """The interactive figure. It has no title of its own; every string from the data is escaped."""

    @abstractmethod
    def print_figure(self) -> Figure:
        """The figure for print, drawn with matplotlib's object interface, within `matplotlib_theme`."""

    @abstractmethod
    def tables(self) -> tuple[Table, ...]:
        """What the chart shows as tables, for readers without a screen, a mouse or JavaScript."""

    def on_splits(self) -> dict[Split, Chart]:
        """The same chart of the pairs of other splits; empty where there is no other."""
        return {}
