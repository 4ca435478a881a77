from __future__ import annotations

from src.tables.exploratory import exploratory_tables, looked_at_note
from tests.support.factories import make_comparison, make_evaluation
from tests.support.table_reading import column

MODEL = make_comparison(("baseline", "finetuned")).models[1]


def test_the_slice_with_the_smallest_rate_comes_first_and_says_whether_it_survives() -> None:
    [found] = exploratory_tables(MODEL)

    assert found.caption == "standard: change on exploratory slices"
    assert [cell.text for cell in column(found, "Slice")] == ["category=values", "pair_type=dealbreaker"]
    assert [cell.text for cell in column(found, "At 5 %")] == ["survives", "does not"]
    assert [cell.text for cell in column(found, "Drawn to the mean")] == ["+0.150", "n/a"]
    assert column(found, "FDR")[0].text == "0.0020"


def test_the_note_counts_what_was_looked_at_tested_and_survives() -> None:
    assert exploratory_tables(MODEL)[0].note.startswith(
        "standard: 14 slices were looked at, 2 are large enough for a difference to the base model, and 1 of these "
    )


def test_a_model_without_such_slices_has_no_table() -> None:
    nothing = MODEL.exploratory.model_copy(update={"looked_at": 0, "slices": ()})

    for found in (None, nothing):
        assert exploratory_tables(MODEL.model_copy(update={"exploratory": found})) == ()


def test_tables_of_groups_say_how_many_there_are_to_look_at() -> None:
    groups = make_evaluation()

    assert looked_at_note(groups).startswith(
        f"{len(groups.by_category) + len(groups.by_pair_type)} slices can be looked at (6 categories, "
    )
