from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from sentence_transformers import SentenceTransformer

from src import pipeline
from src.core.errors import PipelineError, UserInputError
from src.embedding.encoder import distinct_texts
from src.models import CostBasis, DecisionRules, SelectOn, Split, TrainConfig
from src.pipeline import plan_run
from src.planning.plan import steps_and_texts
from src.training_stage import read_training
from tests.support.finished_run import NAMES, quick_trainings, recipe
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.models import Plan
    from src.workflow.context import RunContext
    from tests.support.real_command import Ended

MADE_WITH_LORA = [
    "train-lora",
    "embeddings-lora",
    "evaluate-lora",
    "compare",
    "report-comparison",
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "trainings_of_run", quick_trainings)


def made(plan: Plan) -> dict[str, str]:
    return {stage.stage: stage.reason for stage in plan.stages if not stage.is_reused}


def state_of(root: Path) -> dict[Path, tuple[int, bytes]]:
    return {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in root.rglob("*")}


def test_a_finished_run_is_reused_as_a_whole_and_no_model_is_loaded_for_its_plan(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(SentenceTransformer, "__init__")

    plan = plan_run(finished)

    assert made(plan) == {}
    assert (plan.seconds, plan.n_measured_steps, plan.checkpoint_bytes) == (0, 0, 0)
    assert {stage.seconds for stage in plan.stages} == {None}


def test_the_plan_of_an_empty_root_makes_everything_by_measured_steps_and_makes_no_root(context: RunContext) -> None:
    plan = plan_run(context)

    assert len(made(plan)) == len(plan.stages)
    bases = {stage.stage: stage.basis for stage in plan.stages}
    assert bases["train-standard"] is bases["embeddings-lora"] is CostBasis.MEASURED
    assert bases["baseline"] is CostBasis.USUAL
    assert plan.n_measured_steps > 0
    assert min(stage.seconds or 0 for stage in plan.stages) > 0
    assert not context.paths.root.exists()


def test_a_plan_leaves_every_byte_below_the_root_as_it_was(finished: RunContext) -> None:
    info = finished.paths.training_info("lora")
    info.unlink()
    before = state_of(finished.paths.root)

    plan_run(finished, seeds=(42, 43), with_instruction=True)

    assert state_of(finished.paths.root) == before


def test_other_seeds_take_as_long_as_their_recipe_did_and_what_stands_is_reused(finished: RunContext) -> None:
    plan = plan_run(finished, seeds=(42, 43))

    assert list(made(plan)) == [
        *(f"train-{name}-seed43" for name in ("standard", "lora", "lora-tuned")),
        *(f"embeddings-{name}-seed43" for name in ("standard", "lora", "lora-tuned")),
        "compare",
        "report-comparison",
    ]
    known = {stage.stage: stage for stage in plan.stages}["train-lora-seed43"]
    info = read_training(finished, "lora")
    assert (known.basis, known.seconds) == (CostBasis.RECORDED, info.provenance.duration_seconds)
    assert (known.steps, plan.n_measured_steps) == (info.steps, 0)


def test_another_recipe_makes_its_training_and_all_that_builds_on_it(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_another_rate(seed: int) -> tuple[TrainConfig, ...]:
        standard, lora, tuned = quick_trainings(seed)
        return standard, lora.model_copy(update={"learning_rate": 2e-2}), tuned

    monkeypatch.setattr(pipeline, "trainings_of_run", with_another_rate)

    plan = plan_run(finished)

    assert list(made(plan)) == MADE_WITH_LORA
    assert made(plan)["train-lora"] == "changed since: recipe"
    assert made(plan)["evaluate-lora"] == "train-lora is made"


def test_what_a_run_would_refuse_its_plan_refuses(finished: RunContext) -> None:
    with pytest.raises(UserInputError, match="nobody"):
        plan_run(dataclasses.replace(finished, rules=DecisionRules(candidate="nobody")))


def test_results_of_an_interrupted_command_are_not_moved_but_told(finished: RunContext) -> None:
    waiting = finished.paths.complete("compare")
    waiting.mkdir()
    (waiting / ".pipeline").mkdir()
    (waiting / ".pipeline" / "compare.json").write_bytes(finished.paths.stage_record("compare").read_bytes())

    with pytest.raises(PipelineError, match=r"an interrupted command left results .* run `status`"):
        plan_run(finished)

    assert waiting.exists()


@pytest.mark.parametrize("name", NAMES)
def test_steps_and_evaluated_texts_are_those_of_the_training(finished: RunContext, name: str) -> None:
    info = read_training(finished, name)
    texts = len(distinct_texts([finished.pair_sets[Split.TEST]]))

    assert steps_and_texts(finished, info.config) == (info.steps, len(info.history) * texts)


@pytest.mark.parametrize(("eval_steps", "evaluations"), [(2, 10), (4, 6), (500, 4)])
def test_an_evaluation_at_the_end_of_an_epoch_counts_once(
    context: RunContext, eval_steps: int, evaluations: int
) -> None:
    config = recipe("standard", epochs=3, batch_size=8, eval_steps=eval_steps)

    assert steps_and_texts(context, config) == (18, evaluations * 2 * len(context.pair_sets[Split.TEST]))


def test_with_validation_pairs_set_aside_the_steps_of_all_phases_count(context: RunContext) -> None:
    config = recipe("standard", select_on=SelectOn.VALIDATION)
    aside, on_file = (steps_and_texts(one, config) for one in (context, with_validation(context)))

    assert aside == (31, 2 * 2 * len(context.pair_sets[Split.TRAIN]))  # five folds and all pairs
    assert on_file == (6, 2 * 48)


def test_the_command_prints_the_plan_and_writes_nothing(run: Callable[..., Ended], context: RunContext) -> None:
    ended = run("run", "--dry-run", "--seeds", "42,43")

    assert ended.code == 0, ended.err
    assert "train-lora-tuned-seed43" in ended.out
    assert "training steps were measured" in ended.out
    assert "Memory: about " in ended.out
    assert not context.paths.root.exists()
