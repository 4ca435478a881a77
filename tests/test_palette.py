from __future__ import annotations

import matplotlib as mpl
import pytest

from src.formats import display_name
from src.palette import LABEL_STYLES, matplotlib_theme, model_style, plotly_theme


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
        ("baseline", "Baseline"),
        ("finetuned", "Standard"),
        ("lora", "LoRA"),
        ("lora-tuned", "LoRA tuned"),
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


def test_the_plotly_theme_lets_the_page_shine_through() -> None:
    layout = plotly_theme().layout

    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
