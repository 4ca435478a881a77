from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from sentence_transformers import SentenceTransformer

from src import pipeline
from src.core.errors import PipelineError, UserInputError
from src.models import CostBasis, DecisionRules, TrainConfig
from src.pipeline import plan_run, recipes_of_run
from src.planning.plan import make_plan
from src.planning.work import training_work
from src.training_stage import read_training
from tests.support.finished_run import quick_trainings, recipe

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

    plan_run(finished, recipes_of_run(finished, seeds=(42, 43), with_instruction=True))

    assert state_of(finished.paths.root) == before


def test_other_seeds_take_as_long_as_their_recipe_did_and_what_stands_is_reused(finished: RunContext) -> None:
    plan = plan_run(finished, recipes_of_run(finished, seeds=(42, 43)))

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


def test_trainings_alone_can_be_planned(finished: RunContext) -> None:
    trials = [recipe("lora", name=f"trial-{epochs}", epochs=epochs) for epochs in (1, 3)]

    plan = make_plan(finished, lambda: training_work(finished, trials))

    one, three = plan.stages
    assert made(plan) == {"train-trial-1": "not run", "train-trial-3": "not run"}
    assert (one.basis, three.seconds) == (CostBasis.RECORDED, pytest.approx(3 * (one.seconds or 0)))


def test_the_command_prints_the_plan_and_writes_nothing(run: Callable[..., Ended], context: RunContext) -> None:
    ended = run("run", "--dry-run", "--seeds", "42,43")

    assert ended.code == 0, ended.err
    assert "train-lora-tuned-seed43" in ended.out
    assert "training steps were measured" in ended.out
    assert "Memory: about " in ended.out
    assert not context.paths.root.exists()
