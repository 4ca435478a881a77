from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from src.charts.maps import LabelMap, LabelMaps
from src.charts.palette import LABEL_STYLES
from src.tables.shown_pairs import ShownPairs, shown_pairs
from tests.support.chart_figures import MODELS, all_pairs, four_models, notes, places, printed, without_map, words
from tests.support.factories import make_evaluation, make_pairs


class TestFigure:
    def test_a_point_lies_where_the_projection_puts_its_pair(self) -> None:
        projection = four_models()[0].projection
        compatible, incompatible = LabelMap(four_models()[:1], all_pairs()).figure().data

        assert compatible.name == "compatible"
        assert list(compatible.x) == pytest.approx([projection.x[p] for p in compatible.customdata], abs=1e-3)
        assert list(incompatible.y) == pytest.approx([projection.y[p] for p in incompatible.customdata], abs=1e-3)
        assert compatible.hoverinfo == "text"

    def test_each_panel_names_its_model_by_position(self) -> None:
        figure = LabelMaps([four_models()[0], four_models()[2]], all_pairs()).figure()

        assert [trace.meta["map"] for trace in figure.data] == [0, 0, 1, 1]

    def test_only_the_drawn_pairs_are_on_it_and_the_heading_says_how_many(self) -> None:
        some = ShownPairs(make_pairs(), np.array([0, 5, 9, 77]), ())
        figure = LabelMap(four_models()[:1], some).figure()

        assert places(figure) == [0, 1, 2, 3]
        assert notes(figure) == ["baseline: 4 of 120 pairs shown"]

    def test_a_model_has_a_panel_headed_by_its_number_of_pairs(self) -> None:
        figure = LabelMaps(four_models(), all_pairs()).figure()

        assert notes(figure) == [f"{name}: 120 pairs" for name in MODELS]

    def test_a_fifth_model_has_a_panel_too(self) -> None:
        figure = LabelMaps([*four_models(), make_evaluation("lora-wide")], all_pairs()).figure()

        assert notes(figure)[4:] == ["lora-wide: 120 pairs"]

    @pytest.mark.parametrize(("reason", "told"), [("fewer than 16 pairs",) * 2, ("", "no map was made of these pairs")])
    def test_without_map_the_reason_is_written(self, reason: str, told: str) -> None:
        assert notes(LabelMap([without_map(reason=reason)], all_pairs()).figure())[-1] == f"n/a: {told}"

    def test_one_model_without_map_leaves_its_panel_empty(self) -> None:
        figure = LabelMaps([four_models()[0], without_map("lora")], all_pairs()).figure()
        note = figure.layout.annotations[-1]

        assert (note.text, note.xref) == ("n/a: fewer than 16 pairs", "x2 domain")


class TestPrintFigure:
    def test_it_has_one_point_a_pair_in_its_label_s_colour(self) -> None:
        [axes] = printed(LabelMap(four_models()[:1], all_pairs())).axes
        compatible, incompatible = axes.collections

        assert len(compatible.get_offsets()) + len(incompatible.get_offsets()) == 120
        assert to_hex(compatible.get_facecolor()[0]).upper() == LABEL_STYLES[1].colour
        assert to_hex(incompatible.get_facecolor()[0]).upper() == LABEL_STYLES[0].colour

    def test_many_points_are_drawn_as_given(self) -> None:
        pairs = make_pairs(600)
        evaluation = make_evaluation(pairs=pairs)
        [axes] = printed(LabelMap([evaluation], shown_pairs([evaluation], pairs))).axes

        assert sum(len(points.get_offsets()) for points in axes.collections) == 600

    def test_without_map_the_reason_is_written(self) -> None:
        assert "n/a: fewer than 16 pairs" in words(printed(LabelMap([without_map()], all_pairs())))

    def test_one_model_without_map_leaves_its_panel_empty(self) -> None:
        figure = printed(LabelMaps([four_models()[0], without_map("lora")], all_pairs()))

        assert [text.get_text() for axes in figure.axes for text in axes.texts] == ["n/a: fewer than 16 pairs"]
