from __future__ import annotations

from src.tables.shallow_baselines import auc_table, shallow_table
from tests.support.factories import make_comparison, make_trivial_baselines
from tests.support.table_reading import row


def test_models_and_shallow_baselines_share_one_table() -> None:
    table = auc_table(make_comparison().models, make_trivial_baselines())

    assert [" ".join(cells[0].parts) for cells in table.rows] == [
        "baseline", "standard", "lora", "lora-tuned", "text 2 only (shallow)", "bag of words (shallow)",
        "category only (shallow)",
    ]  # fmt: skip
    assert {len(cells) for cells in table.rows} == {len(table.columns)}


def test_a_trained_model_is_held_against_the_best_shallow_baseline() -> None:
    result = make_comparison()
    found = result.models[1].against_trivial
    table = auc_table(result.models, make_trivial_baselines())

    assert found is not None
    assert row(table, "standard")[3].parts == (
        f"{found.value:+.3f}",
        f"[{found.low:+.3f}, {found.high:+.3f}] not distinguishable",
    )
    assert row(table, "baseline")[3].text == ""
    assert "The best one is bag of words (AUC 0.960 in CV)." in table.note


def test_the_note_says_what_a_shallow_baseline_is() -> None:
    for table in (auc_table(make_comparison().models, ()), shallow_table(())):
        assert "They look at words, length or category and use no embedding model" in table.note


def test_a_baseline_has_its_interval_and_its_auc_on_the_challenge_set() -> None:
    cells = row(shallow_table(make_trivial_baselines()), "text 2 only")

    assert [cell.parts for cell in cells[1:]] == [
        ("0.950", "[0.928, 0.975]"),
        ("0.520",),
        ("0.930",),
    ]


def test_a_baseline_that_cannot_be_decided_is_n_a_with_its_reason() -> None:
    cells = row(shallow_table(make_trivial_baselines()), "category only")

    assert (cells[1].text, cells[1].title) == ("n/a", "one category only")


def test_a_baseline_without_an_auc_on_the_challenge_set_says_why() -> None:
    [odd] = [
        one.model_copy(update={"challenge_reason": "no challenge set"})
        for one in make_trivial_baselines()
        if one.name == "bag_of_words"
    ]

    assert row(shallow_table([odd]), "bag of words")[2].parts == ("n/a", "(no challenge set)")
