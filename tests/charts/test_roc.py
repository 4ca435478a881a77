from __future__ import annotations

import pytest
from matplotlib.colors import to_hex

from src.charts.palette import model_style
from src.charts.roc import ROC_ROWS, RocCurve, RocCurves
from tests.support.chart_figures import MODELS, four_models, printed, traces, without_numbers, words
from tests.support.factories import make_evaluation


class TestFigure:
    def test_the_curve_names_its_area_and_both_thresholds(self) -> None:
        names = [trace.name for trace in RocCurve(four_models()[:1]).figure().data if trace.name]

        assert names[0].startswith("baseline: AUC 0.")
        assert names[1:] == ["operating threshold 0.500", "oracle threshold 0.450"]

    def test_a_model_keeps_its_colour_in_its_own_tab(self) -> None:
        figure = RocCurve([make_evaluation("lora")], position=2).figure()

        [curve] = [trace for trace in figure.data if "AUC" in (trace.name or "")]
        assert curve.line.color == model_style(2).colour

    def test_every_model_has_a_line_of_its_own(self) -> None:
        lines = [trace for trace in RocCurves(four_models()).figure().data if "AUC" in (trace.name or "")]

        assert [line.line.color for line in lines] == [model_style(i).colour for i in range(4)]
        assert len({line.line.dash for line in lines}) == 4

    def test_every_curve_has_its_band_and_leaves_the_chart_with_it(self) -> None:
        bands = traces(RocCurves(four_models()).figure(), fill="toself")
        band = four_models()[0].roc_band

        assert [trace.legendgroup for trace in bands] == MODELS
        assert list(bands[0].y) == pytest.approx([*band.low, *reversed(band.high)], abs=1e-3)
        assert all(trace.fillcolor == model_style(i).band for i, trace in enumerate(bands))

    def test_only_the_operating_threshold_s_point_follows_the_slider_and_says_whose_it_is(self) -> None:
        of_one = RocCurve([make_evaluation("lora")], position=2).figure()
        of_all = RocCurves(four_models()).figure()

        assert [(t.name, t.meta["decides"]) for t in of_one.data if t.meta] == [("operating threshold 0.500", 2)]
        assert [trace.meta["decides"] for trace in of_all.data if trace.meta] == [0, 1, 2, 3]

    def test_an_area_that_is_undefined_is_n_a_and_has_no_points(self) -> None:
        [curve] = RocCurve([without_numbers()]).figure().data

        assert curve.name == "baseline: AUC n/a"


class TestPrintFigure:
    def test_the_curve_is_the_evaluation_s_with_both_thresholds(self) -> None:
        evaluation = four_models()[0]
        figure = printed(RocCurve([evaluation]))
        [axes] = figure.axes

        [band] = axes.collections
        assert axes.lines[1].get_xdata() == pytest.approx(evaluation.roc.false_positive_rate)
        assert evaluation.roc_band.low[5] in band.get_paths()[0].vertices[:, 1]
        assert axes.lines[2].get_ydata() == pytest.approx([evaluation.operating_point.recall])
        assert "operating threshold 0.500" in words(figure)
        assert "oracle threshold 0.450" in words(figure)

    def test_every_model_has_its_colour_and_its_band(self) -> None:
        [axes] = printed(RocCurves(four_models())).axes
        curves = [line for line in axes.lines if "AUC" in str(line.get_label())]

        colours = [model_style(i).colour for i in range(4)]
        assert [curve.get_color() for curve in curves] == colours
        assert [to_hex(band.get_facecolor()[0]).upper() for band in axes.collections] == colours

    def test_an_area_that_is_undefined_is_n_a(self) -> None:
        assert "AUC n/a" in words(printed(RocCurve([without_numbers()])))


class TestTable:
    def test_it_runs_from_corner_to_corner(self) -> None:
        [table] = RocCurve(four_models()[:1]).tables()

        assert [cell.text for cell in table.rows[0][1:3]] == ["0.000", "0.000"]
        assert [cell.text for cell in table.rows[-1][1:3]] == ["1.000", "1.000"]
        assert len(table.rows) <= ROC_ROWS

    def test_it_has_the_band_at_each_rate(self) -> None:
        band = four_models()[0].roc_band
        [table] = RocCurve(four_models()[:1]).tables()
        [bare] = RocCurve([make_evaluation(roc_band=None)]).tables()

        assert table.rows[0][3].text == f"[{band.low[0]:.3f}, {band.high[0]:.3f}]"
        assert table.rows[-1][3].text == f"[{band.low[-1]:.3f}, {band.high[-1]:.3f}]"
        assert bare.rows[0][3].text == "n/a"

    def test_without_a_curve_it_says_n_a(self) -> None:
        [table] = RocCurve([make_evaluation(roc=None)]).tables()

        assert table.rows[0][1].text == "n/a"
