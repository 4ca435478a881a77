from __future__ import annotations

import pytest

from src.charts.effects import EffectSizes
from tests.support.chart_figures import MODELS, four_models, notes, printed, without_numbers, words


class TestFigure:
    def test_effects_have_their_interval_and_the_target(self) -> None:
        figure = EffectSizes(four_models(), 0.8).figure()

        assert [trace.name for trace in figure.data] == MODELS
        assert figure.data[0].error_x.array == pytest.approx([0.04])
        assert "target 0.8" in notes(figure)

    def test_an_effect_that_is_undefined_is_n_a(self) -> None:
        assert "n/a" in notes(EffectSizes([without_numbers()], None).figure())


class TestPrintFigure:
    def test_effects_have_their_interval_and_the_target(self) -> None:
        figure = printed(EffectSizes(four_models(), 0.8))
        effect = four_models()[0].cohens_d
        interval, point = figure.axes[0].lines[:2]

        assert interval.get_xdata() == pytest.approx([effect - 0.04, effect + 0.04])
        assert point.get_xdata() == pytest.approx([effect])
        assert "target 0.8" in words(figure)

    def test_an_effect_that_is_undefined_is_n_a(self) -> None:
        [axes] = printed(EffectSizes([without_numbers()], None)).axes

        assert [text.get_text().strip() for text in axes.texts] == ["n/a"]


def test_the_table_has_the_interval() -> None:
    evaluation = four_models()[0]
    [table] = EffectSizes([evaluation], None).tables()
    [cells] = table.rows

    assert cells[1].text == f"{evaluation.cohens_d:+.3f}"
    assert cells[2].text == f"[{evaluation.cohens_d - 0.04:.3f}, {evaluation.cohens_d + 0.04:.3f}]"
