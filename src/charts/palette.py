"""One colour-blind-safe palette (Okabe & Ito 2008), one meaning a colour, and the theme of each chart library.

Blue and vermillion are the two labels and nothing else; a model takes a colour by its position, the baseline
first. Shape or dash says the same as the colour, for readers and printers without it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import plotly.graph_objects as go

from ..core.user_cache import ensure_user_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..models import Words

Dash = Literal["-", "--"] | tuple[int, tuple[int, ...]]

INK = "#222222"
MUTED = "#666666"
GRID = "#DDDDDD"
BACKGROUND_POINT = "#C4C4C4"
HATCH, PRINT_HATCH = "#808080", "#BBBBBB"  # of cells without a value
HULL, PRINT_HULL = "rgba(128,128,128,0.12)", "#F0F0F0"  # inside of a cluster's outline
PAPER = "rgba(255,255,255,0.85)"  # behind a text that stands on marks
CLEAR = "rgba(0,0,0,0)"
NEUTRAL = "#808080"  # can be seen on a white page and on a dark one


def translucent(colour: str, opacity: float) -> str:
    """A colour that lets through what is behind it (plotly)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


@dataclass(frozen=True)
class LabelStyle:
    """How pairs of one label are drawn."""

    name: str
    colour: str
    marker: str  # matplotlib
    symbol: str  # plotly
    dash: Literal["-", "--"]  # matplotlib
    pattern: str  # plotly


@dataclass(frozen=True)
class ModelStyle:
    """How one model is drawn, on every chart of a report."""

    colour: str
    marker: str  # matplotlib
    symbol: str  # plotly
    dash: Dash  # matplotlib
    plotly_dash: str

    @property
    def band(self) -> str:
        """The colour, faint, for the interval around a line (plotly)."""
        return translucent(self.colour, 0.13)


LABEL_STYLES = MappingProxyType(
    {
        1: LabelStyle("1", "#0072B2", "o", "circle", "-", ""),
        0: LabelStyle("0", "#D55E00", "^", "triangle-up", "--", "/"),
    }
)


def label_styles(words: Words) -> dict[int, LabelStyle]:
    """How pairs of each label are drawn, under the data's own names of the labels."""
    return {
        1: replace(LABEL_STYLES[1], name=words.positive),
        0: replace(LABEL_STYLES[0], name=words.negative),
    }


# Each can be told from a white page and from a dark one, at 3:1 or better. So Okabe-Ito's black is a grey here, its
# orange and its sky blue are darker, and its yellow is left out.
_MODEL_COLOURS = ("#777777", "#009E73", "#CC79A7", "#B97F00", "#3D95CC")
_MARKERS = (
    ("o", "circle"),
    ("s", "square"),
    ("D", "diamond"),
    ("^", "triangle-up"),
    ("v", "triangle-down"),
    ("X", "x"),
)
_DASHES: tuple[tuple[Dash, str], ...] = (
    ("--", "dash"),
    ("-", "solid"),
    ((0, (5, 2, 1, 2)), "dashdot"),
    ((0, (1, 1)), "dot"),
    ((0, (8, 2)), "longdash"),
)
# A margin below zero has the colour of label 0, because its pairs lie closer then.
DIVERGING = ("#D55E00", "#FFFFFF", "#0072B2")


# from this share of the blue half on white can be read better than dark ink; on orange it never can
_WHITE_FROM = 0.85


def ink_on_margin(share: float) -> str:
    """Colour of text on the diverging scale.

    Args:
        share: Place on the scale, -1 to 1.
    """
    return "#FFFFFF" if share > _WHITE_FROM else INK


def model_style(position: int) -> ModelStyle:
    """Colour, dash and marker of the model at a position of the comparison, 0 being the baseline.

    Beyond the fifth model colours come again, with another marker.
    """
    marker, symbol = _MARKERS[position % len(_MARKERS)]
    dash, plotly_dash = _DASHES[position % len(_DASHES)]
    return ModelStyle(_MODEL_COLOURS[position % len(_MODEL_COLOURS)], marker, symbol, dash, plotly_dash)


@contextmanager
def matplotlib_theme() -> Iterator[None]:
    """Theme of the print figures; text from the data is not read as mathematics.

    Print figures are made within it: it sets up the first import of matplotlib, which a page does without.
    """
    ensure_user_cache()
    # A notebook hands its backend down to every command, and matplotlib cannot be imported where it is not installed.
    os.environ["MPLBACKEND"] = "agg"
    import matplotlib as mpl  # noqa: PLC0415 - slow to import, and only print figures need it
    import seaborn as sns  # noqa: PLC0415

    theme = {
        **sns.axes_style("whitegrid"),
        "text.parse_math": False,
        "figure.dpi": 220,
        "font.family": ["DejaVu Sans"],
        "font.size": 10,
        "axes.titlesize": 10,
        "axes.labelsize": 10,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "legend.fontsize": 9,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": MUTED,
        "axes.titlelocation": "left",
        "grid.color": GRID,
        "hatch.linewidth": 0.6,
    }
    with mpl.rc_context(theme):
        yield


def plotly_theme() -> go.layout.Template:
    """The look of every interactive chart; its page recolours text and grid for a dark screen."""
    axis: dict[str, object] = {
        "gridcolor": GRID,
        "zerolinecolor": MUTED,
        "zerolinewidth": 1,
        "automargin": True,
        "ticks": "",
    }
    axis["title"] = {"font": {"size": 13}, "standoff": 8}
    return go.layout.Template(
        layout={
            "font": {"family": "system-ui, sans-serif", "size": 13, "color": INK},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "hoverlabel": {"align": "left", "font": {"size": 13}},
            "hovermode": "closest",
            "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
            "margin": {"l": 10, "r": 10, "t": 30, "b": 10},
            "xaxis": axis,
            "yaxis": axis,
            "autotypenumbers": "strict",
        }
    )
