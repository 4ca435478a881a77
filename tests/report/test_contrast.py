from __future__ import annotations

import itertools

import pytest

from tests.support.contrast import SCHEMES, contrast, page_colours

TEXTS = ("ink", "muted", "link", "good", "bad", "ok", "warn", "invalid")
BACKS = ("page", "card", "head", "ok-back", "warn-back", "invalid-back")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "back"), list(itertools.product(TEXTS, BACKS)))
def test_every_text_can_be_read_on_every_ground(scheme: str, text: str, back: str) -> None:
    colours = page_colours(scheme)

    assert contrast(colours[text], colours[back]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("back", ["page", "card", "head"])
def test_the_edge_of_every_control_can_be_seen(scheme: str, back: str) -> None:
    colours = page_colours(scheme)

    assert contrast(colours["control"], colours[back]) >= 3


def test_black_on_white_has_the_largest_contrast_and_nothing_has_none() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("rgba(0,0,0,0)", "#ffffff") == contrast("#ffffff", "#ffffff", 0.5) == 1
