from __future__ import annotations

import os

import matplotlib as mpl
import pytest
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.rcsetup import validate_backend

from src.charts.palette import DIVERGING, LABEL_STYLES, ink_on_margin, matplotlib_theme, model_style, plotly_theme
from src.core.formatting import display_name
from tests.support.contrast import luminance


def test_five_models_have_five_colours_and_none_is_a_label_s() -> None:
    colours = {model_style(position).colour for position in range(5)}

    assert len(colours) == 5
    assert colours.isdisjoint(style.colour for style in LABEL_STYLES.values())


def test_beyond_the_palette_the_marker_tells_models_apart() -> None:
    styles = {(s.colour, s.marker, s.dash) for s in map(model_style, range(30))}

    assert len(styles) == 30


def test_labels_differ_in_more_than_colour() -> None:
    compatible, incompatible = LABEL_STYLES[1], LABEL_STYLES[0]

    assert compatible.marker != incompatible.marker
    assert compatible.symbol != incompatible.symbol
    assert compatible.dash != incompatible.dash
    assert compatible.pattern != incompatible.pattern


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("baseline", "baseline"),
        ("finetuned", "standard"),
        ("lora", "lora"),
        ("lora-tuned", "lora-tuned"),
        ("mine", "mine"),
    ],
)
def test_readers_see_short_names(model: str, shown: str) -> None:
    assert shown == display_name(model)


def test_the_matplotlib_theme_ends_with_its_block() -> None:
    before = mpl.rcParams["font.size"], mpl.rcParams["text.parse_math"]
    with matplotlib_theme():
        assert mpl.rcParams["text.parse_math"] is False

    assert (mpl.rcParams["font.size"], mpl.rcParams["text.parse_math"]) == before


@pytest.mark.parametrize("backend", ["module://matplotlib_inline.backend_inline", "nonsense"])
def test_a_backend_that_the_environment_names_is_not_asked_for(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    """A notebook hands its own down; matplotlib reads the variable when it is imported, and refuses one it lacks."""
    monkeypatch.setenv("MPLBACKEND", backend)

    with matplotlib_theme():
        assert validate_backend(os.environ["MPLBACKEND"]) == "agg"


def test_the_plotly_theme_lets_the_page_shine_through() -> None:
    layout = plotly_theme().layout

    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_the_plotly_theme_carries_nothing_but_a_layout() -> None:
    assert list(plotly_theme().to_plotly_json()) == ["layout"]


@pytest.mark.parametrize("share", [-1, -0.8, -0.5, 0, 0.3, 0.6, 0.84, 0.86, 1])
def test_a_number_can_be_read_anywhere_on_the_scale_of_margins(share: float) -> None:
    scale = LinearSegmentedColormap.from_list("margin", DIVERGING)
    back, text = luminance(scale((share + 1) / 2)), luminance(to_rgb(ink_on_margin(share)))

    assert (max(back, text) + 0.05) / (min(back, text) + 0.05) > 3.9


def test_a_band_has_its_models_colour() -> None:
    assert model_style(1).band == "rgba(0,158,115,0.13)"
