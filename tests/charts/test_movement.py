from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.charts.movement import MOST_POINTS, PairMovement
from src.models import GradeScale
from src.tables.shown_pairs import shown_pairs
from src.views.movement import movement
from tests.support.chart_figures import printed, words
from tests.support.factories import make_cosines, make_pairs

if TYPE_CHECKING:
    from src.models import PairSet


def chart(pairs: PairSet) -> PairMovement:
    before = make_cosines(pairs)
    moved = [movement(name, before, make_cosines(pairs, name), pairs) for name in ("finetuned", "lora")]
    return PairMovement(moved, shown_pairs([], pairs))


@pytest.fixture(scope="module")
def small() -> PairMovement:
    return chart(make_pairs())


def test_each_pair_is_a_point_of_its_way_in_each_panel(small: PairMovement) -> None:
    moved = small.movements[1]
    right, wrong, still = (trace for trace in small.figure().data if trace.meta == {"moved": 2})

    assert list(right.customdata) == np.flatnonzero(moved.way == 1).tolist()
    assert list(wrong.customdata) == np.flatnonzero(moved.way == -1).tolist()
    assert len(right.x) + len(wrong.x) + len(still.x) == 120
    assert list(right.x) == pytest.approx(moved.before[moved.way == 1].tolist(), abs=0.051)
    assert list(right.y) == pytest.approx(moved.after[moved.way == 1].tolist(), abs=0.051)


def test_the_counts_are_in_the_heading_and_by_label_in_the_table(small: PairMovement) -> None:
    way = small.movements[0].way
    right, wrong = np.count_nonzero(way == 1), np.count_nonzero(way == -1)
    [table] = small.tables()
    rows = [[cell.text for cell in row] for row in table.rows]

    assert f"standard: {right} the right way, {wrong} the wrong way" in small.figure().layout.annotations[0].text
    assert rows[0][:5] == ["standard", "all", "120", str(right), str(wrong)]
    assert [row[1] for row in rows] == ["all", "compatible", "incompatible"] * 2
    assert int(rows[1][3]) + int(rows[2][3]) == right


def test_of_many_pairs_some_are_drawn_and_all_are_counted() -> None:
    large = chart(make_pairs(2_000))
    drawn = sum(len(trace.x) for trace in large.figure().data if trace.meta["moved"] == 1)

    assert drawn == MOST_POINTS
    assert large.tables()[0].rows[0][2].text == "2,000"


def test_grades_have_no_rows_by_label() -> None:
    pairs = replace(make_pairs(60), grades=np.arange(60.0), scale=GradeScale(low=0, high=59))

    assert [row[1].text for row in chart(pairs).tables()[0].rows] == ["all", "all"]


def test_it_is_printed_with_its_counts(small: PairMovement) -> None:
    assert "the right way" in words(printed(small))
