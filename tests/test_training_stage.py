from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Never

import pytest

from src import trainer as trainer_module
from src import training_stage as module
from src.baseline_analysis import baseline_inputs
from src.core.errors import ArtifactError, DataFileError, MissingStageError, ModelError, PipelineError, UserInputError
from src.data import components
from src.embedding_stage import embedding_inputs
from src.evaluation.selection_optimism import checkpoint_selection
from src.models import SelectOn, Split, StageState
from src.training import selection
from src.training.pair_evaluator import PairEvaluator
from src.training.recipe import recipe_command
from src.training_stage import (
    known_trainings,
    not_trained,
    read_training,
    run_training,
    training_inputs,
    training_stage,
)
from src.workflow.stage import read_record, write_record
from tests.support.data_files import records, write_jsonl
from tests.support.finished_run import Listener, recipe
from tests.support.prompted import POOLING, copy_with
from tests.support.refusals import refused, told
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.workflow.context import RunContext


@pytest.fixture
def no_training(finished: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - finished first
    """After the finished run, a training would be an error."""
    monkeypatch.delattr(trainer_module.StandardTrainer, "train")


def test_a_training_is_recorded_with_every_file_of_its_folder_and_keeps_no_checkpoint(context: RunContext) -> None:
    info = run_training(context, recipe("standard"))

    root = context.paths.root
    record = read_record(context.paths, "train-standard")
    folder = {
        path.relative_to(root).as_posix() for path in context.paths.model("standard").rglob("*") if path.is_file()
    }
    assert {output.path for output in record.provenance.outputs} == {*folder, "training/standard_training_info.json"}
    assert "training/model/standard_model/model.safetensors" in folder
    assert record.inputs == training_inputs(context, recipe("standard"))
    assert info.provenance.fingerprint == record.fingerprint
    assert info == read_training(context, "standard")
    assert not context.paths.checkpoints("standard").exists()


def test_an_interrupted_training_leaves_its_checkpoints_no_record_and_no_info(
    context: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = recipe("standard", eval_steps=2)
    with monkeypatch.context() as patch:
        patch.setattr(trainer_module.StandardTrainer, "_load_best", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_training(context, config)

    assert list(context.paths.checkpoints("standard").glob("checkpoint-*"))
    assert not context.paths.training_info("standard").exists()
    assert known_trainings(fresh()) == []
    with refused(MissingStageError, match="standard was not trained yet"):
        read_training(fresh(), "standard")

    info = run_training(fresh(), config, resume=True)
    assert info.resumed_from_step == 6
    assert not context.paths.checkpoints("standard").exists()


def interrupt(*_, **__) -> Never:
    raise KeyboardInterrupt


def test_a_training_alone_that_changes_nothing_is_refused_and_leaves_nothing(context: RunContext) -> None:
    with pytest.raises(ModelError, match=r"standard: the training changed nothing; .*; give a higher"):
        run_training(context, recipe("standard", learning_rate=1e-12))

    assert known_trainings(context) == []
    assert not context.paths.model("standard").exists()
    assert not context.paths.checkpoints("standard").exists()


def test_among_others_a_training_that_changes_nothing_is_recorded_and_told(
    context: RunContext, fresh: Callable[[], RunContext]
) -> None:
    listener = Listener()
    config = recipe("standard", learning_rate=1e-12)
    info = run_training(dataclasses.replace(context, reporter=listener), config, keep_unchanged=True)

    assert info.saved.is_unchanged
    assert info == read_training(fresh(), "standard")
    assert listener.said[-1] == (
        "standard: the training changed nothing; embeddings equal the base model's; it is compared as it is"
    )
    with pytest.raises(ModelError, match="changed nothing"):
        run_training(fresh(), config)


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("name", ["standard", "lora"])
def test_a_training_that_stands_is_not_repeated(finished: RunContext, name: str) -> None:
    listener = Listener()

    info = run_training(dataclasses.replace(finished, reporter=listener), recipe(name))

    assert listener.said == [f"train-{name}: up to date, nothing to do"]
    assert info == read_training(finished, name)


def test_another_recipe_is_another_training(finished: RunContext, fresh: Callable[[], RunContext]) -> None:
    before = read_training(finished, "standard")

    after = run_training(fresh(), recipe("standard", seed=7))

    assert after.config.seed == 7
    assert after.weights_sha256 != before.weights_sha256
    assert read_training(fresh(), "standard") == after


def test_a_training_on_other_data_is_stale(finished: RunContext, fresh: Callable[[], RunContext]) -> None:
    write_jsonl(finished.paths.train_pairs, records(40, "new"))

    with pytest.raises(MissingStageError) as caught:
        read_training(fresh(), "lora")

    command = recipe_command(recipe("lora"), seed=42)
    assert told(caught.value) == f"train-lora is stale, changed since: train; run `{command}` first"


@pytest.mark.parametrize(("name", "file"), [("standard", "model.safetensors"), ("lora", "adapter_config.json")])
def test_a_training_with_a_damaged_file_is_refused(finished: RunContext, name: str, file: str) -> None:
    path = finished.paths.model(name) / file
    path.write_bytes(path.read_bytes()[:-1])

    with refused(ArtifactError, match=rf"{file} has \d+ bytes instead of \d+; run `train --mode {name} .*` again"):
        read_training(finished, name)


def test_another_prompt_makes_a_training_stale_unless_it_has_an_instruction(finished: RunContext) -> None:
    prompted = dataclasses.replace(finished, prompt_2="passage: ")
    instructed = recipe("standard", instruction="Judge this:")

    status = training_stage(prompted, "standard").status()

    assert (status.state, status.reason) == (StageState.STALE, "changed since: prompts")
    assert training_inputs(prompted, instructed) == training_inputs(finished, instructed)


def test_an_instruction_that_pooling_leaves_out_is_refused_before_anything_is_trained(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delattr(trainer_module.StandardTrainer, "train")
    folder = copy_with(Path(context.base_model or ""), tmp_path / "pooled", POOLING, include_prompt=False)
    context = dataclasses.replace(context, base_model=str(folder))

    with pytest.raises(ModelError, match=r"include_prompt is false: .*; leave out --instruction$"):
        run_training(context, recipe("standard", instruction="Judge this:"))


@pytest.mark.parametrize(("name", "changed"), [("code_version", "code"), ("versions", "packages")])
def test_changed_code_or_packages_make_a_training_stale(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch, name: str, changed: str
) -> None:
    monkeypatch.setattr(module, name, lambda *_: "other")

    status = training_stage(finished, "lora").status()

    assert (status.state, status.reason) == (StageState.STALE, f"changed since: {changed}")


def test_a_training_made_on_another_device_is_stale(finished: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(finished.__dict__, "device", "cuda")

    assert training_stage(finished, "lora").status().reason == "changed since: device"


def test_trainings_are_listed_standard_first_then_lora_then_by_name(context: RunContext) -> None:
    context.paths.trainings.mkdir(parents=True)
    for name in ("b", "lora-tuned", "lora", "a", "standard"):
        context.paths.training_info(name).touch()
        context.paths.model(name).mkdir(parents=True)

    assert known_trainings(context) == ["standard", "lora", "a", "b", "lora-tuned"]


def test_an_empty_root_knows_no_training(context: RunContext) -> None:
    assert known_trainings(context) == []


def test_a_training_that_lost_its_info_file_alone_is_known_and_refused(
    finished: RunContext, fresh: Callable[[], RunContext]
) -> None:
    finished.paths.training_info("lora").unlink()

    assert known_trainings(fresh()) == ["standard", "lora", "lora-tuned"]
    with refused(ArtifactError, match=r"training/lora_training_info\.json is gone; run `.*` again"):
        read_training(fresh(), "lora")


def test_a_training_that_lost_its_model_folder_alone_is_known(finished: RunContext) -> None:
    shutil.rmtree(finished.paths.model("lora"))

    assert known_trainings(finished) == ["standard", "lora", "lora-tuned"]


def test_a_removed_training_is_forgotten(finished: RunContext) -> None:
    shutil.rmtree(finished.paths.model("lora"))
    finished.paths.training_info("lora").unlink()

    assert known_trainings(finished) == ["standard", "lora-tuned"]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("standard", "train --mode standard"),
        ("lora", "train --mode lora"),
        ("lora-tuned", "run"),
        ("mine", "train --name mine"),
    ],
)
def test_without_a_record_a_training_of_the_run_has_its_command_and_any_other_one_that_asks_for_the_mode(
    finished: RunContext, name: str, command: str
) -> None:
    finished.paths.stage_record(f"train-{name}").write_text('{"stage": "cut')

    assert training_stage(finished, name).command == command


def test_a_training_is_made_again_by_the_recipe_of_its_record(finished: RunContext) -> None:
    assert training_stage(finished, "lora-tuned").command == (
        "train --mode lora --name lora-tuned --epochs 1 --batch-size 8 --learning-rate 0.01 "
        "--warmup-steps 2 --precision fp32"
    )
    assert "--seed 42 train" in training_stage(dataclasses.replace(finished, seed=7), "lora").command


def test_where_another_recipe_is_wanted_the_recorded_one_is_not_repeated(finished: RunContext) -> None:
    assert training_stage(finished, "lora", recipe("lora", epochs=2)).command == "train --mode lora"


@pytest.mark.parametrize("recorded", [{}, {"recipe": "{"}, {"recipe": recipe("lora").model_dump_json()}])
def test_a_record_without_the_recipe_of_this_training_is_not_relied_on(
    finished: RunContext, recorded: dict[str, str]
) -> None:
    write_record(finished.paths, "train-standard", recorded, [], 0.0)

    assert training_stage(finished, "standard").command == "train --mode standard"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("finetuned", "finetuned was not trained yet; choose one of standard, lora-tuned"),
        ("mine", "mine was not trained yet; choose one of standard, lora-tuned"),
        ("lora", "lora was not trained yet; run `train --mode lora` first"),
    ],
)
def test_of_a_training_that_is_not_there_it_is_said_what_there_is_or_what_makes_it(
    finished: RunContext, name: str, message: str
) -> None:
    shutil.rmtree(finished.paths.model("lora"))
    for path in (finished.paths.training_info("lora"), finished.paths.stage_record("train-lora")):
        path.unlink()

    assert told(not_trained(finished, name)) == message
    with pytest.raises(MissingStageError) as caught:
        read_training(finished, name)
    assert told(caught.value) == message


# --- what must not be lost ------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["diverges", "is not what was saved", "changes nothing", "meets a full disk"])
def test_a_training_that_fails_leaves_the_model_that_stood(
    finished: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    before = read_training(finished, "standard")
    changes: dict[str, object] = {"seed": 7}
    if fault == "diverges":
        monkeypatch.setattr(PairEvaluator, "__call__", raising(PipelineError("the training diverged")))
    elif fault == "is not what was saved":
        monkeypatch.setattr(trainer_module, "SAVED_TOLERANCE", -1.0)
    elif fault == "changes nothing":
        changes["learning_rate"] = 1e-12
    else:
        monkeypatch.setattr(trainer_module, "write_model_card", raising(OSError(28, "No space left on device")))

    with pytest.raises(PipelineError):
        run_training(fresh(), recipe("standard", **changes))

    assert read_training(fresh(), "standard") == before
    assert training_stage(finished, "standard").status().state is StageState.FRESH


def raising(error: Exception) -> Callable[..., Never]:
    def fail(*_: object, **__: object) -> Never:
        raise error

    return fail


def test_eval_pairs_of_one_label_are_refused_before_a_model_is_loaded(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(trainer_module.StandardTrainer, "train")
    write_jsonl(context.paths.eval_pairs, [row | {"label": 1} for row in records(8, "e")])

    with pytest.raises(DataFileError, match="all 8 pairs have the label 1; Spearman, which chooses the checkpoint"):
        run_training(context, recipe("standard"))
    assert not context.paths.root.exists()


def test_a_training_is_not_called_like_a_shallow_baseline(context: RunContext) -> None:
    """Both are compared by their names."""
    with pytest.raises(UserInputError, match="--name length: a shallow baseline has this name"):
        run_training(context, recipe("length"))


def test_a_training_does_not_replace_the_base_model_that_it_starts_from(finished: RunContext) -> None:
    base = str(finished.paths.model("standard"))

    with pytest.raises(UserInputError, match="training standard replaces it; choose a --name"):
        run_training(dataclasses.replace(finished, base_model=base), recipe("standard"))


@pytest.mark.parametrize("name", ["Upper", "a b", "baseline", "finetuned", "x\x1b"])
def test_a_file_or_folder_whose_name_is_none_is_not_a_training(context: RunContext, name: str) -> None:
    (context.paths.models / f"{name}_model").mkdir(parents=True)
    (context.paths.trainings / f"{name}_training_info.json").touch()

    assert known_trainings(context) == []


# --- validation chooses ---------------------------------------------------------------------------------


@pytest.fixture
def two_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two folds in place of five."""
    for folded in (components, selection):
        monkeypatch.setattr(folded, "FOLDS", 2)


@pytest.mark.usefixtures("two_folds")
def test_a_training_that_validation_chooses_stands_on_other_eval_pairs_and_keeps_no_checkpoint(
    context: RunContext, fresh: Callable[[], RunContext]
) -> None:
    info = run_training(context, recipe("standard", select_on="validation"))
    write_jsonl(context.paths.eval_pairs, records(12, "other"))

    assert training_stage(fresh(), "standard").status().state is StageState.FRESH
    assert training_stage(fresh(), "standard", recipe("standard")).status().reason == "changed since: eval, recipe"
    assert read_training(fresh(), "standard") == info
    assert training_stage(fresh(), "standard").command.endswith(" --select-on validation")
    assert not context.paths.checkpoints("standard").exists()
    assert checkpoint_selection(info).select_on is SelectOn.VALIDATION


@pytest.mark.usefixtures("no_training")
def test_train_pairs_that_all_share_a_text_leave_nothing_to_set_aside_and_no_model_is_loaded(
    context: RunContext,
) -> None:
    write_jsonl(context.paths.train_pairs, [row | {"text_1": "boy: hub"} for row in records(40, "t")])

    with pytest.raises(DataFileError, match=r"shared texts join 40 of 40 pairs, .*; use --select-on test"):
        run_training(context, recipe("standard", select_on="validation"))


# --- a validation file ----------------------------------------------------------------------------------


def test_another_validation_file_makes_stale_only_what_looked_at_it(context: RunContext) -> None:
    run = with_validation(context)
    run_training(run, recipe("standard", select_on="validation"))
    other = with_validation(context, records(24, "w"))

    before, after = (
        [training_stage(each, "standard").status().reason, baseline_inputs(each), embedding_inputs(each)]
        for each in (dataclasses.replace(run), other)
    )
    assert (before[0], after[0]) == ("changed since: validation", "changed since: validation")
    assert before[1:] == after[1:]
    without = dataclasses.replace(context, data=dataclasses.replace(run.data, files=_without_validation(run)))
    assert training_stage(without, "standard").status().reason == "changed since: validation"
    assert training_inputs(other, recipe("lora")) == training_inputs(without, recipe("lora"))


def _without_validation(run: RunContext) -> dict[Split, Path]:
    return {split: file for split, file in run.data.files.items() if split is not Split.VALIDATION}


@pytest.mark.usefixtures("no_training")
def test_a_validation_file_with_too_few_pairs_is_refused_before_a_model_is_loaded(context: RunContext) -> None:
    with pytest.raises(DataFileError, match=r"validation\.jsonl: 9 positive and 9 negative pairs, too few"):
        run_training(with_validation(context, records(18, "v")), recipe("standard", select_on="validation"))


@pytest.mark.usefixtures("no_training")
def test_a_validation_file_that_is_not_used_is_told_once(context: RunContext) -> None:
    listener = Listener()
    run = dataclasses.replace(with_validation(context), reporter=listener)
    for _ in range(2):
        with pytest.raises(AttributeError):
            run_training(run, recipe("standard"))

    assert [line for line in listener.said if "--select-on" in line] == [
        "validation.jsonl: not used, because --select-on test chooses each checkpoint; --select-on validation takes it"
    ]
