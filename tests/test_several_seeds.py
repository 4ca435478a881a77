from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.comparison import comparison_stage
from src.core.errors import MissingStageError
from src.embedding_stage import embedding_stage
from src.metrics import auc_roc, cosine_similarities
from src.models import Split, StageState
from src.pipeline import project_status
from src.post_training_eval import evaluate_trained, evaluation_stage, names_to_evaluate
from src.report.markdown import summary_markdown
from src.report_stage import comparison_report_stage
from src.tables.seeds import seeds_note
from src.training_stage import known_recipes, known_seeds, known_trainings
from tests.support.report_pages import text_of
from tests.support.seeded_run import SEEDS, copy_seeded_run, train_other_seeds

if TYPE_CHECKING:
    from src.workflow.context import RunContext


@pytest.fixture
def seeded(context: RunContext) -> RunContext:
    """A finished run, two of whose trainings were repeated with two more seeds."""
    copy_seeded_run(context)
    return context


def test_other_seeds_are_trainings_of_their_own_and_no_models_of_the_comparison(seeded: RunContext) -> None:
    result = comparison_stage(seeded).ensure()

    assert known_recipes(seeded) == ["standard", "lora", "lora-tuned"]
    assert "standard-seed43" in known_trainings(seeded)
    assert [one.name for one in known_seeds(seeded)["lora"]] == ["lora", "lora-seed43", "lora-seed44"]
    assert [model.name for model in result.models] == ["baseline", "finetuned", "lora", "lora-tuned"]
    assert names_to_evaluate(seeded, "all", None) == known_recipes(seeded)
    assert names_to_evaluate(seeded, None, "lora-seed43") == ["lora-seed43"]


def test_each_recipe_has_the_mean_over_its_seeds_and_its_difference_to_the_base_model(seeded: RunContext) -> None:
    result = comparison_stage(seeded).ensure()

    labels = seeded.pair_sets[Split.TEST].labels
    of_seeds = [
        auc_roc(cosine_similarities(embedding_stage(seeded, name, "").read()[Split.TEST]), labels)
        for name in ("finetuned", "standard-seed43", "standard-seed44")
    ]
    recipes = {found.model: found for found in result.seeds.recipes}
    found = recipes["finetuned"].estimate("auc_roc")
    assert set(recipes) == {"finetuned", "lora"}
    assert recipes["finetuned"].seeds == SEEDS
    assert found.values == pytest.approx(of_seeds)
    assert found.mean == pytest.approx(np.mean(of_seeds))
    base = result.models[0].evaluation.auc_roc
    assert recipes["finetuned"].difference("auc_roc").mean == pytest.approx(np.mean(of_seeds) - base)
    assert recipes["finetuned"].challenge.values
    assert recipes["finetuned"].challenge_difference.values
    assert recipes["finetuned"].estimate("f1").values[1] is not None


def test_recipes_are_compared_over_the_seeds_that_both_have(seeded: RunContext) -> None:
    result = comparison_stage(seeded).ensure()
    [between] = result.seeds.between
    one, other = (found.estimate("auc_roc").values for found in result.seeds.recipes)

    assert (between.model, between.against, between.seeds) == ("lora", "finetuned", SEEDS)
    assert between.difference.values == pytest.approx(np.subtract(other, one))


def test_a_comparison_needs_the_other_seeds_embedded_and_evaluate_does_it(seeded: RunContext) -> None:
    seeded.paths.stage_record("embeddings-standard-seed43").unlink()

    with pytest.raises(MissingStageError, match="embeddings-standard-seed43 has not been run") as told:
        comparison_stage(seeded).ensure()
    assert "evaluate" in str(told.value.command)

    evaluate_trained(seeded, None, None)

    assert comparison_stage(seeded).ensure().seeds.recipes


def test_status_knows_the_other_seeds_by_their_training_and_their_embeddings(seeded: RunContext) -> None:
    found = {status.stage: status.state for status in project_status(seeded)}

    assert found["train-lora-seed44"] == found["embeddings-lora-seed44"] == StageState.FRESH
    assert "evaluate-lora-seed44" not in found


def test_status_shows_all_stages_where_the_training_of_another_seed_is_gone(seeded: RunContext) -> None:
    seeded.paths.training_info("lora-seed44").unlink()

    found = {status.stage: status.state for status in project_status(seeded)}

    assert found["train-lora-seed44"] is StageState.DAMAGED
    assert found["baseline"] is StageState.FRESH
    assert found["compare"] is not StageState.FRESH


def test_another_seed_makes_the_comparison_stale_and_no_evaluation(finished: RunContext) -> None:
    train_other_seeds(finished, "standard")

    assert comparison_stage(finished).status().state is StageState.STALE
    assert evaluation_stage(finished, "standard").status().state is StageState.FRESH


def test_all_outputs_show_the_seeds(seeded: RunContext) -> None:
    result = comparison_stage(seeded).ensure()
    comparison_report_stage(seeded).ensure()

    page, summary = text_of(seeded.paths.comparison_report.read_text()), summary_markdown(result)

    assert "Over the seeds" in page
    assert "A small dot is one trained file" in page
    assert "Over the seeds" in summary
    assert "Means over the seeds 42, 43, 44" in summary
    assert seeds_note(result) == ""


def test_with_one_seed_a_line_says_what_one_seed_cannot_show(finished: RunContext) -> None:
    result = comparison_stage(finished).ensure()

    assert not result.seeds.recipes
    assert "How far another seed would move them is not known; --seeds shows it." in summary_markdown(result)
