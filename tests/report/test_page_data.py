from __future__ import annotations

import dataclasses
import itertools
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.charts.map_parts import shown_map
from src.charts.maps import label_maps
from src.report import page_data
from src.tables.shown_pairs import ShownPairs, shown_pairs
from tests.support.factories import HOSTILE, make_cosines, make_evaluation, make_pairs

if TYPE_CHECKING:
    from src.models import PairSet


def drawn_from(pairs: PairSet) -> ShownPairs:
    return shown_pairs([make_evaluation()], pairs)


class TestJson:
    def test_no_text_can_end_its_script(self) -> None:
        packed = page_data.script_json(list(HOSTILE))

        assert "<" not in packed
        assert json.loads(packed) == list(HOSTILE)

    def test_what_is_no_number_is_refused(self) -> None:
        with pytest.raises(ValueError, match="not JSON compliant"):
            page_data.script_json([float("nan")])


def test_a_cosine_is_never_rounded_up_to_a_threshold_that_it_does_not_reach() -> None:
    cosines = np.array([0.449996, 0.45, 0.4500001, 0.449994, -0.2000004, -0.199996, 0.999999, 0.123456])

    found = page_data._rounded(cosines)

    thresholds = np.arange(-1000, 1001) / 1000
    assert np.array_equal(found[:, None] >= thresholds, cosines[:, None] >= thresholds)
    assert found == pytest.approx(cosines, abs=1.5e-5)


class TestFigures:
    def test_a_map_holds_places_and_no_coordinates(self) -> None:
        pairs = make_pairs()
        drawn = drawn_from(pairs)
        figure = label_maps([shown_map(make_evaluation(), drawn)], drawn)
        traces = json.loads(page_data.figure_json(figure))["data"]

        assert sorted(itertools.chain(*(trace["customdata"] for trace in traces))) == list(range(120))
        assert all("x" not in trace and "hovertext" not in trace for trace in traces)


class TestTexts:
    def test_a_text_is_cut_at_three_hundred_characters(self) -> None:
        assert page_data.text_limit(drawn_from(make_pairs())) == 300

    @pytest.mark.parametrize("letter", ["x", "\u4e2d", "\U0001f600", "<", "\x01"])
    def test_long_texts_of_many_pairs_are_cut_shorter_so_that_all_fit_in_any_script(self, letter: str) -> None:
        n = 3000
        pairs = make_pairs(n, text_1=["boy: " + letter * 400] * n, text_2=["girl: " + letter * 400] * n)
        drawn = ShownPairs(pairs, np.arange(n), ())
        limit = page_data.text_limit(drawn)
        block = page_data.pair_json(drawn, [], {}, redact=False)

        assert limit < 300
        assert len(block.encode()) < page_data.TEXT_BYTES + 100_000
        assert max(map(len, json.loads(block)["text_1"])) == limit


class TestPairs:
    def test_ids_are_there_where_the_data_has_them_also_without_texts(self) -> None:
        plain = make_pairs(3)
        named = dataclasses.replace(plain, ids=["a", "b" * 50, "c"])
        blocks = [json.loads(page_data.pair_json(drawn_from(pairs), [], {}, redact=True)) for pairs in (plain, named)]

        assert "ids" not in blocks[0]
        assert blocks[1]["ids"] == ["a", "b" * 39 + "…", "c"]

    def test_each_column_is_of_the_drawn_rows(self) -> None:
        pairs = make_pairs()
        drawn = ShownPairs(pairs, np.array([3, 7, 119]), ())
        evaluation = make_evaluation()
        cosines = make_cosines(pairs)
        block = json.loads(page_data.pair_json(drawn, [evaluation], {"baseline": cosines}, redact=False))
        [model] = block["models"]

        assert block["rows"] == [4, 8, 120]
        assert block["n"] == 120
        assert block["text_2"] == [pairs.text_2[row] for row in (3, 7, 119)]
        assert [block["categories"][code] for code in block["category"]] == [pairs.category[r] for r in (3, 7, 119)]
        assert [block["pair_types"][code] for code in block["pair_type"]] == [pairs.pair_type[r] for r in (3, 7, 119)]
        assert model["cosine"] == pytest.approx(cosines[[3, 7, 119]].tolist(), abs=1e-5)
        assert model["map"]["x"] == pytest.approx([evaluation.projection.x[r] for r in (3, 7, 119)], abs=1e-3)

    def test_right_is_decided_by_the_exact_cosine_at_the_models_own_threshold(self) -> None:
        pairs = make_pairs(4)
        evaluation = make_evaluation()
        at = evaluation.operating_point.threshold
        scores = np.array([at, np.nextafter(at, 0), np.nextafter(at, 0), at])
        block = page_data.pair_json(drawn_from(pairs), [evaluation], {"baseline": scores}, redact=False)

        assert pairs.labels.tolist() == [1, 0, 1, 0]
        assert json.loads(block)["models"][0]["right"] == [1, 1, 0, 0]

    def test_without_threshold_nothing_is_right_or_wrong_and_without_map_there_are_no_coordinates(self) -> None:
        pairs = make_pairs()
        bare = make_evaluation(operating_point=None, projection=None)
        [model] = json.loads(
            page_data.pair_json(drawn_from(pairs), [bare], {"baseline": make_cosines(pairs)}, redact=False)
        )["models"]

        assert (model["right"], model["map"]) == (None, None)

    def test_redacted_it_holds_no_text(self) -> None:
        pairs = make_pairs()
        block = page_data.pair_json(
            drawn_from(pairs), [make_evaluation()], {"baseline": make_cosines(pairs)}, redact=True
        )

        assert not any(text in block for text in (*pairs.text_1, *pairs.text_2))
        assert "text_1" not in json.loads(block)


def test_the_slider_gets_counts_that_add_up_and_the_train_point() -> None:
    pairs = make_pairs()
    evaluation = make_evaluation()
    cosines = make_cosines(pairs)
    [model] = json.loads(page_data.threshold_json([evaluation], {"baseline": cosines}, pairs.labels))

    assert (model["positive"], model["negative"]) == (60, 60)
    assert sum(model["true_positives"][1000 + 450 :]) == int((cosines[pairs.labels == 1] >= 0.45).sum())
    assert sum(model["false_positives"]) == 60
    assert model["train"]["threshold"] == 0.5
    assert model["train"]["true_positives"] == evaluation.operating_point.true_positives


def test_scores_of_other_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="two of"):
        page_data.threshold_json([make_evaluation()], {"baseline": np.zeros(3)}, make_pairs().labels)
