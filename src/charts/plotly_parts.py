"""What several interactive figures share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from plotly.subplots import make_subplots

from ..core import formatting as formats
from ..tables.selection import model_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from numpy.typing import NDArray

    from ..models import Evaluation


def panels(rows: int, columns: int, titles: Sequence[str] = (), **options: Any) -> go.Figure:  # noqa: ANN401 - plotly's
    """A grid of equal panels, row by row, each with its title above it."""
    escaped = [plotly_lines(title) for title in titles]
    figure = make_subplots(rows, columns, subplot_titles=escaped or None, **options)
    figure.update_annotations(font_size=13)
    return figure


def sized(figure: go.Figure, height: int, *, titled: bool = False) -> go.Figure:
    """Set the height, and put the legend above the panels' titles, a fixed distance away."""
    return figure.update_layout(height=height, legend_y=1 + (32 if titled else 8) / (height - 60))


def grid_places(count: int, columns: int) -> list[dict[str, int]]:
    """Row and column of each panel, from 1."""
    return [{"row": i // columns + 1, "col": i % columns + 1} for i in range(count)]


def note(figure: go.Figure, text: str, **place: int) -> None:
    """Say in an empty panel why it is empty."""
    words = {"text": formats.plotly_text(text), "showarrow": False}
    figure.add_annotation(x=0.5, y=0.5, xref="x domain", yref="y domain", **words, **place)


def not_available(reason: str) -> go.Figure:
    """A figure that says why there is nothing to see."""
    figure = panels(1, 1)
    note(figure, reason, row=1, col=1)
    figure.update_xaxes(visible=False).update_yaxes(visible=False)
    return figure.update_layout(height=160)


def rounded(values: Sequence[float] | NDArray[np.float64], digits: int = 3) -> list[float]:
    """Numbers no longer than a screen can show, which keeps the page small."""
    short: list[float] = np.round(np.asarray(values, dtype=np.float64), digits).tolist()
    return short


def rows_axis(figure: go.Figure, labels: Sequence[str], **place: int) -> None:
    """Name rows by their number, so that equal or number-like names stay apart."""
    texts = [plotly_lines(label) for label in labels]
    span = [len(labels) - 0.5, -0.5]
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=texts, range=span, zeroline=False, showgrid=False, **place
    )


def plotly_lines(text: str) -> str:
    """Inert text whose line breaks stay."""
    return formats.plotly_text(text).replace("\n", "<br>")


def model_name(evaluation: Evaluation) -> str:
    """A model's name, inert."""
    return formats.plotly_text(model_label(evaluation))


def error_bars(values: Sequence[float], ends: Sequence[tuple[float | None, float | None]]) -> dict[str, object]:
    """Whiskers from low to high; none where there is no interval."""
    above = [0.0 if high is None else high - value for value, (_, high) in zip(values, ends, strict=True)]
    below = [0.0 if low is None else value - low for value, (low, _) in zip(values, ends, strict=True)]
    array, arrayminus = rounded(above, 4), rounded(below, 4)
    return {"type": "data", "symmetric": False, "array": array, "arrayminus": arrayminus, "thickness": 1.5, "width": 3}
