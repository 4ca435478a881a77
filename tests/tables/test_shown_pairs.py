from __future__ import annotations

import numpy as np
import pytest

from src.models import Evaluation, PairSet, Projection
from src.tables import shown_pairs as dp
from src.tables.shown_pairs import ShownPairs, shown_pairs
from tests.support.factories import make_evaluation, make_pairs


def mapped(pairs: PairSet, rows: list[int], model: str = "baseline") -> Evaluation:
    """An evaluation whose map shows some rows."""
    places = tuple(float(row) for row in rows)
    projection = Projection(
        indices=tuple(rows), x=places, y=places, clusters=(), n_neighbors=15, sampled_from=len(pairs)
    )
    return make_evaluation(model, pairs, projection=projection)


def columns(n: int) -> PairSet:
    return make_pairs(n, category=["values"] * n)


def test_a_small_file_is_drawn_whole() -> None:
    drawn = shown_pairs([make_evaluation()], make_pairs())

    assert drawn.rows.tolist() == list(range(120))
    assert not drawn.is_sample


def test_of_a_large_file_the_pairs_of_all_maps_are_drawn() -> None:
    pairs = columns(dp.PAIRS_ON_PAGE + 1)
    drawn = shown_pairs([mapped(pairs, [3, 5, 900]), mapped(pairs, [5, 7], "lora")], pairs)

    assert drawn.rows.tolist() == [3, 5, 7, 900]
    assert drawn.is_sample
    assert drawn.models == ("lora",)


def test_never_more_than_the_page_holds_and_evenly_spaced() -> None:
    pairs = columns(4 * dp.PAIRS_ON_PAGE)
    drawn = shown_pairs([make_evaluation(projection=None)], pairs)

    assert len(drawn) == dp.PAIRS_ON_PAGE
    assert (drawn.rows[0], drawn.rows[-1]) == (0, len(pairs) - 1)
    assert set(np.diff(drawn.rows)) <= {3, 4, 5}


def test_rows_have_places_and_what_is_not_drawn_has_none() -> None:
    drawn = ShownPairs(make_pairs(), np.array([2, 4, 9]), ())

    assert drawn.places(np.array([9, 2, 3, 119])).tolist() == [2, 0, -1, -1]
    assert ShownPairs(make_pairs(), np.array([], dtype=np.int64), ()).places(np.array([1])).tolist() == [-1]


def test_names_beyond_the_hundredth_share_one() -> None:
    names = [f"category {i // 2 if i < 198 else i}" for i in range(400)]
    drawn = shown_pairs([make_evaluation()], make_pairs(400, category=names))

    assert len(set(drawn.categories)) == dp.MAX_NAMES + 1
    assert drawn.categories[-1] == dp.RARER
    assert drawn.categories[0] == "category 0"


def test_a_name_is_one_short_line() -> None:
    drawn = shown_pairs([make_evaluation()], make_pairs(10, pair_type=["two\nlines \u202e" + "x" * 100] * 10))

    assert set(drawn.pair_types) == {"two lines " + "x" * 49 + "…"}


class TestLinks:
    @pytest.fixture
    def drawn(self) -> ShownPairs:
        return ShownPairs(make_pairs(10, category=["a&b=c <i>"] * 10), np.arange(10), ("lora",))

    def test_it_names_what_to_filter_by(self, drawn: ShownPairs) -> None:
        assert drawn.link(category="a&b=c <i>", model="lora") == "#category=a%26b%3Dc+%3Ci%3E&model=lora"

    def test_a_model_that_cannot_be_chosen_is_left_out(self, drawn: ShownPairs) -> None:
        assert drawn.link(category="a&b=c <i>", model="baseline") == "#category=a%26b%3Dc+%3Ci%3E"

    def test_to_pairs_that_are_not_drawn_there_is_none(self, drawn: ShownPairs) -> None:
        assert drawn.link(category="values") == ""
