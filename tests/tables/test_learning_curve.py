from __future__ import annotations

import pytest

from src.tables.learning_curve import about, curve_tables, forecast_table, points_table, population
from tests.support.learning_curve import drawn_curve


def test_the_points_have_their_pairs_share_and_interval() -> None:
    shown = points_table(drawn_curve())

    assert shown.columns == ("Train pairs", "Test: AUC-ROC", "Challenge set: AUC-ROC")
    assert [row[0].text for row in shown.rows] == [
        "0, base model",
        "120, 10 %",
        "300, 25 %",
        "600, 50 %",
        "1,200, 100 %",
    ]
    assert "seeds deviate by" in shown.rows[1][1].note
    assert "fewer pairs are also fewer steps" in shown.note
    assert "optimistic" in shown.note


def test_the_forecasts_tell_how_many_pairs_are_needed_and_why_that_cannot_be_told() -> None:
    shown = forecast_table(drawn_curve())
    by_name = {row[0].text: row[1:] for row in shown.rows}

    assert list(by_name) == [
        "2,400 pairs give",
        "4,800 pairs give",
        "Twice the pairs gain",
        "Pairs for +0.01",
        "Pairs for 0.900",
    ]
    test, challenge = by_name["Pairs for +0.01"]
    assert int(test.text.replace(",", "")) > 1200
    assert challenge.text == "cannot be told"
    assert challenge.note.startswith("more pairs were not shown to help")


def test_one_seed_says_what_it_cannot_show() -> None:
    points, _ = curve_tables(drawn_curve(seeds=1))

    assert "--seeds 42,43,44" in points.note
    assert "[" in points.rows[1][1].note


def test_a_curve_without_a_fit_tells_why() -> None:
    found = drawn_curve()
    without = found.model_copy(
        update={"curves": tuple(one.model_copy(update={"fit": None, "reason": "too few"}) for one in found.curves)}
    )

    assert [cell.note for cell in forecast_table(without).rows[0][1:]] == ["too few", "too few"]


def test_of_one_curve_without_a_fit_the_reason_stands_once() -> None:
    found = drawn_curve()
    test, challenge = found.curves
    without = found.model_copy(
        update={"curves": (test.model_copy(update={"fit": None, "reason": "it bends upwards"}), challenge)}
    )

    cells = [row[1] for row in forecast_table(without).rows]

    assert {cell.text for cell in cells} == {"cannot be told"}
    assert [cell.note for cell in cells] == ["it bends upwards", *[""] * (len(cells) - 1)]


def test_the_population_is_both_sets() -> None:
    assert population(drawn_curve()) == "200 pairs of test, 200 pairs of challenge set"


@pytest.mark.parametrize(("pairs", "text"), [(1, "1"), (1234, "1,200"), (98765, "99,000"), (12, "12")])
def test_an_estimated_number_of_pairs_has_two_digits(pairs: int, text: str) -> None:
    assert about(pairs) == text
