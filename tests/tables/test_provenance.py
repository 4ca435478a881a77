from __future__ import annotations

from src.models import Prompts
from src.tables import provenance as provenance_tables
from src.tables.notes import selection_note
from src.tables.selection import trainings
from tests.support.factories import make_comparison, make_provenance
from tests.support.table_reading import row


def test_recipes_stand_side_by_side() -> None:
    table = provenance_tables.recipe_table(trainings(make_comparison()))

    assert [cell.text for cell in row(table, "learning rate")[1:]] == ["2e-5", "2e-5", "2e-4"]
    assert row(table, "lora")[1].text == "none"
    assert row(table, "lora")[2].text == "rank 8, alpha 16, dropout 0.1, target modules query and value"


def test_a_training_tells_how_close_the_saved_folder_is_to_what_was_trained() -> None:
    cells = row(provenance_tables.training_table(make_comparison()), "standard")

    assert cells[-1].text == "3e-7"
    assert cells[2].note == "of 22,786,944"


def test_the_trainings_say_that_their_step_was_chosen_on_the_eval_pairs() -> None:
    result = make_comparison()

    assert (
        selection_note([model.evaluation for model in result.models]) in provenance_tables.training_table(result).note
    )


def test_versions_that_all_results_share_stand_once() -> None:
    same, other = make_provenance(), make_provenance(packages={"torch": "2.16.0"})

    assert len(provenance_tables.packages_table([("a", same), ("b", same)]).rows) == 1
    table = provenance_tables.packages_table([("a", same), ("b", other)])
    assert [cells[0].text for cells in table.rows] == ["a", "b"]


def test_a_run_without_model_names_no_device() -> None:
    [cells] = provenance_tables.runs_table([("x", make_provenance(device=None))]).rows

    assert cells[4].text == "no model was used"


def test_every_file_and_every_models_weights_have_their_hash() -> None:
    result = make_comparison()
    first = result.models[0].evaluation
    files = provenance_tables.data_table([("eval", first.eval_data), ("challenge", None)])
    weights = provenance_tables.weights_table(first.base_sha256, result)

    assert [cells[-1].text for cells in files.rows] == [first.eval_data.sha256]
    assert [cells[0].text for cells in weights.rows] == ["Base model", "standard", "lora", "lora-tuned"]
    assert weights.rows[1][1].text == "b" * 64


def test_prompts_are_shown_where_a_model_read_any() -> None:
    baseline, trained = (model.evaluation for model in make_comparison().models[:2])
    told = trained.model_copy(update={"prompts": Prompts(prompt_1="Judge:\n", prompt_2="d: ")})

    assert provenance_tables.prompt_tables([baseline, trained]) == []
    [table] = provenance_tables.prompt_tables([baseline, told])
    assert [[cell.text for cell in cells] for cells in table.rows] == [
        ["baseline", "nothing", "nothing"],
        ["standard", "“Judge:\\n”", "“d: ”"],
    ]
