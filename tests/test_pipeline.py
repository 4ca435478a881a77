from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Never

import pytest
from sentence_transformers import SentenceTransformer

from src import pipeline
from src.audit.finding_codes import FindingCode
from src.baseline_analysis import baseline_stage
from src.comparison import comparison_stage
from src.core.paths import ProjectPaths
from src.models import NO_PROMPTS, DecisionRules, Prompts, SelectOn, StageState, TrainConfig, TrainingMode
from src.pipeline import (
    instruction_training,
    judged_to_compare,
    project_status,
    recipes_of_run,
    run_all,
    trainings_of_run,
)
from src.training.recipe import recipe_command
from src.training_stage import read_training
from tests.support.chart_figures import BASELINE_NAMES, COMPARISON_NAMES
from tests.support.data_files import records, write_jsonl
from tests.support.finished_run import ARTIFACTS, NAMES, Listener, quick_trainings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.workflow.context import RunContext

STAGES = [
    "evaluate-data",
    "baseline",
    *(f"train-{name}" for name in NAMES),
    *(f"evaluate-{name}" for name in NAMES),
    "compare",
    "report-data",
    "report-baseline",
    "report-comparison",
]
# a run trains before it makes the baseline, for the sake of memory
AS_RUN = [STAGES[0], "report-data", *STAGES[2:5], STAGES[1], *STAGES[5:9], "report-baseline", "report-comparison"]
WRITTEN = [
    "data/evaluation/data_quality_report.json",
    "data/evaluation/data_quality_summary.txt",
    *(
        f"data/embeddings/{artifact}_{split}.npy"
        for artifact in ("baseline", *ARTIFACTS)
        for split in ("train", "eval", "challenge")
    ),
    *(f"eval/{artifact}_metrics.json" for artifact in ("baseline", *ARTIFACTS)),
    "eval/baseline_report.html",
    "eval/comparison_report.html",
    "eval/comparison_result.json",
    "eval/model_card.md",
    "eval/summary.md",
    *(f"eval/visualizations/baseline/{name}.png" for name in BASELINE_NAMES),
    *(f"eval/visualizations/comparison/{name}.png" for name in COMPARISON_NAMES),
    *(f"training/{name}_training_info.json" for name in NAMES),
]


@pytest.fixture
def finished(finished: RunContext, monkeypatch: pytest.MonkeyPatch) -> RunContext:
    """A finished run whose trainings are the ones that `run` would do."""
    monkeypatch.setattr(pipeline, "trainings_of_run", quick_trainings)
    return finished


def interrupt(*_: object) -> Never:
    raise KeyboardInterrupt


def files_below(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def states(context: RunContext, *, verify: bool = False) -> dict[str, StageState]:
    return {status.stage: status.state for status in project_status(context, verify=verify)}


def test_a_run_writes_every_artifact_and_nothing_else(finished: RunContext) -> None:
    found = files_below(finished.paths.root)

    results = {name for name in found if not name.startswith((".pipeline/", "training/model/"))}
    assert results == set(WRITTEN)
    assert {name.split("/")[2] for name in found if name.startswith("training/model/")} == {
        f"{name}_model" for name in NAMES
    }
    assert [name for name, content in found.items() if not content] == [".pipeline/lock"]


def test_no_artifact_names_a_folder_of_this_machine(finished: RunContext) -> None:
    folders = [str(finished.paths.data_dir.parent).encode(), str(finished.base.source).encode()]

    for name, content in files_below(finished.paths.root).items():
        assert not [folder for folder in folders if folder in content], name


def test_running_again_encodes_and_trains_nothing_changes_nothing_and_says_so(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_below(finished.paths.root)
    monkeypatch.delattr(SentenceTransformer, "__init__")
    listener = Listener()

    result = run_all(dataclasses.replace(finished, reporter=listener))

    assert listener.said == [f"{stage}: up to date, nothing to do" for stage in AS_RUN]
    assert files_below(finished.paths.root) == before
    assert result == comparison_stage(finished).ensure()


def test_a_damaged_training_is_done_again_and_what_the_same_weights_gave_stands(
    finished: RunContext, fresh: Callable[[], RunContext]
) -> None:
    before = read_training(finished, "lora")
    weights = finished.paths.model("lora") / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    listener = Listener()

    run_all(dataclasses.replace(finished, reporter=listener))

    others = [stage for stage in AS_RUN if stage != "train-lora"]
    assert [text.partition(":")[0] for text in listener.said if "up to date" in text] == others
    assert read_training(fresh(), "lora").weights_sha256 == before.weights_sha256


def test_a_run_ends_with_a_comparison_where_a_training_changes_nothing(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_a_still_one(seed: int) -> tuple[TrainConfig, ...]:
        standard, lora, tuned = quick_trainings(seed)
        return standard, lora.model_copy(update={"learning_rate": 1e-12}), tuned

    monkeypatch.setattr("src.pipeline.trainings_of_run", with_a_still_one)
    result = run_all(finished)

    unchanged = [found for found in result.verdict.findings if found.code == FindingCode.WEIGHTS_UNCHANGED]
    assert [(found.model, found.role) for found in unchanged] == [("lora", "note")]


def test_the_result_is_the_baseline_and_the_three_trainings(finished: RunContext) -> None:
    result = run_all(finished)

    assert [model.name for model in result.models] == ["baseline", *ARTIFACTS]
    assert result.models[0].evaluation == baseline_stage(finished).require()


def test_the_trainings_of_a_run_are_the_controlled_experiment_and_lora_at_its_own_rate() -> None:
    standard, lora, tuned = trainings_of_run(7)

    assert (standard.name, lora.name, tuned.name) == NAMES
    assert (standard.mode, lora.mode) == (TrainingMode.STANDARD, TrainingMode.LORA)
    for config in (standard, lora):
        assert (config.epochs, config.batch_size, config.learning_rate, config.warmup_steps) == (4, 16, 2e-5, 100)
        assert (config.eval_steps, config.loss, config.seed) == (500, "cosine", 7)
    assert lora.lora is not None
    assert (lora.lora.rank, lora.lora.alpha, lora.lora.dropout) == (8, 16, 0.1)
    assert tuned.learning_rate > lora.learning_rate
    assert tuned.model_copy(update={"name": "lora", "learning_rate": lora.learning_rate}) == lora


# --- status ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verify", [False, True])
def test_after_a_run_every_stage_is_fresh(finished: RunContext, verify: bool) -> None:
    found = project_status(finished, verify=verify)

    assert [status.stage for status in found] == STAGES
    assert {status.state for status in found} == {StageState.FRESH}
    assert {status.reason for status in found} == {""}


def test_in_an_empty_root_every_stage_is_missing_and_has_its_command(context: RunContext) -> None:
    found = project_status(context)

    assert [(status.stage, status.command) for status in found] == [
        ("evaluate-data", "evaluate-data"),
        ("baseline", "baseline"),
        ("train-standard", "train --mode standard"),
        ("train-lora", "train --mode lora"),
        ("train-lora-tuned", "run"),
        ("evaluate-standard", "evaluate --name standard"),
        ("evaluate-lora", "evaluate --name lora"),
        ("evaluate-lora-tuned", "evaluate --name lora-tuned"),
        ("compare", "compare"),
        ("report-data", "evaluate-data"),
        ("report-baseline", "baseline"),
        ("report-comparison", "compare"),
    ]
    assert {status.state for status in found} == {StageState.MISSING}
    assert not context.paths.root.exists()


def test_other_data_makes_every_stage_stale_and_names_the_file(
    finished: RunContext, fresh: Callable[[], RunContext]
) -> None:
    write_jsonl(finished.paths.eval_pairs, records(20, "new"))

    found = {status.stage: status for status in project_status(fresh())}

    assert {status.state for status in found.values()} == {StageState.STALE}
    for stage in STAGES[:5]:
        assert found[stage].reason == "changed since: eval"
    for stage in STAGES[5:]:
        assert "changed since: eval" in found[stage].reason


def test_another_seed_makes_the_numbers_stale_but_not_the_audit_of_the_data(finished: RunContext) -> None:
    found = states(dataclasses.replace(finished, seed=7))

    assert found["evaluate-data"] is StageState.FRESH
    assert found["baseline"] is StageState.STALE
    assert found["compare"] is StageState.STALE


def test_with_an_instruction_a_run_trains_the_standard_recipe_once_more(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[list[str]] = []
    monkeypatch.setattr(pipeline, "check_rules", lambda _, names: known.append(names))
    monkeypatch.setattr(pipeline, "quality_stage", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_all(context, recipes_of_run(context, with_instruction=True))

    standard = trainings_of_run(42)[0]
    found = instruction_training(context, standard)

    assert known == [[*NAMES, "instruction"]]
    text = "Represent what this person says about a partner, to judge compatibility:"
    assert found == standard.model_copy(update={"name": "instruction", "instruction": text})
    assert found.prompts(NO_PROMPTS) == Prompts(prompt_1=f"{text} ", prompt_2=f"{text} ")


def test_another_recipe_makes_a_training_of_the_run_stale(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        pipeline,
        "trainings_of_run",
        lambda seed: tuple(
            c.model_copy(update={"epochs": 9}) if c.name == "lora" else c for c in quick_trainings(seed)
        ),
    )

    found = {status.stage: status for status in project_status(finished)}

    assert (found["train-lora"].state, found["train-lora"].reason) == (StageState.STALE, "changed since: recipe")
    assert found["train-lora"].command == "train --mode lora"
    assert found["train-standard"].state is StageState.FRESH


def test_a_damaged_training_of_the_run_is_repaired_by_its_own_recipe(finished: RunContext) -> None:
    finished.paths.training_info("lora").unlink()

    found = {status.stage: status for status in project_status(finished)}["train-lora"]

    assert (found.state, found.reason) == (StageState.DAMAGED, "training/lora_training_info.json is gone")
    assert found.command == recipe_command(quick_trainings(42)[1], seed=42)


def test_status_looks_on_while_another_process_writes(finished: RunContext, fresh: Callable[[], RunContext]) -> None:
    with finished.writing():
        assert set(states(fresh()).values()) == {StageState.FRESH}


def test_data_that_is_gone_is_a_reason_and_no_crash(finished: RunContext, tmp_path: Path) -> None:
    nowhere = ProjectPaths(root=finished.paths.root, data_dir=tmp_path / "nowhere")

    found = project_status(dataclasses.replace(finished, paths=nowhere))

    assert {status.state for status in found} == {StageState.STALE}
    assert all("no such file" in status.reason for status in found)


@pytest.mark.parametrize("verify", [False, True])
def test_a_changed_byte_is_found_by_verify_alone(finished: RunContext, verify: bool) -> None:
    file = finished.paths.summary
    content = bytearray(file.read_bytes())
    content[-2] ^= 1
    file.write_bytes(content)

    found = states(finished, verify=verify)

    assert found.pop("report-comparison") is (StageState.DAMAGED if verify else StageState.FRESH)
    assert set(found.values()) == {StageState.FRESH}


def test_a_damaged_model_takes_its_evaluation_and_the_comparison_with_it(finished: RunContext) -> None:
    (finished.paths.model("lora") / "adapter_config.json").unlink()

    found = states(finished)

    standing = [stage for stage, state in found.items() if state is StageState.FRESH]
    assert found["train-lora"] is StageState.DAMAGED
    assert found["evaluate-lora"] is StageState.STALE
    assert standing == [
        stage for stage in STAGES if stage not in ("train-lora", "evaluate-lora", "compare", "report-comparison")
    ]


def test_a_training_of_the_users_own_is_a_stage_like_the_others(finished: RunContext) -> None:
    info = finished.paths.training_info("standard").read_bytes()
    finished.paths.training_info("mine").write_bytes(info)
    finished.paths.model("mine").mkdir()

    found = states(finished)

    assert found["train-mine"] is StageState.MISSING
    assert found["evaluate-mine"] is StageState.MISSING
    assert found["compare"] is StageState.STALE


def test_a_record_of_an_older_version_is_damaged_and_no_crash(finished: RunContext) -> None:
    finished.paths.stage_record("compare").write_text('{"schema_version": 0}')

    assert states(finished)["compare"] is StageState.DAMAGED


def test_trainings_that_would_be_chosen_on_other_pairs_are_stale(finished: RunContext) -> None:
    found = {status.stage: status.reason for status in project_status(finished, select_on=SelectOn.VALIDATION)}

    assert {found[f"train-{name}"] for name in NAMES} == {"changed since: recipe, validation"}


# --- models that were trained elsewhere -----------------------------------------------------------------


def test_a_judged_model_and_its_evaluation_are_stages_of_the_status(judged: RunContext) -> None:
    found = states(judged)

    assert {stage: found[stage] for stage in found if "wide" in stage} == {
        "judge-wide": StageState.FRESH,
        "evaluate-wide": StageState.FRESH,
    }
    assert found["compare"] is StageState.FRESH


def test_a_run_compares_judged_models_that_are_up_to_date_or_that_its_decision_needs(judged: RunContext) -> None:
    judged.paths.stage_record("evaluate-wide").unlink()
    judged.paths.stage_record("evaluate-same").unlink()
    listener = Listener()

    found = list(judged_to_compare(dataclasses.replace(judged, reporter=listener)))

    assert found == ["adapter", "wide"]
    assert listener.said == ["same: left out of the comparison: evaluate-same is missing"]
    compared = dataclasses.replace(judged, rules=DecisionRules())
    assert [model.name for model in comparison_stage(compared, ["adapter"]).ensure().models] == ["baseline", "adapter"]
