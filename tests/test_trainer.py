from __future__ import annotations

import dataclasses
import gc
import json
import os
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Never

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from src import trainer as trainer_module
from src.core.errors import ModelError, PipelineError, UnfinishedTrainingError, UserInputError
from src.data import components
from src.data_loader import data_file
from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.embedding.prompts import prompts_of
from src.lora_trainer import LoraTrainer
from src.metrics import best_threshold
from src.models import NO_PROMPTS, LoraSettings, Prompts, SelectOn, Split, TrainConfig, TrainingMode
from src.trainer import StandardTrainer
from src.training import hf_trainer, selection
from src.training.checkpoints import newest_complete, seal
from src.training.hf_trainer import PairTrainer
from src.training.pair_evaluator import PairEvaluator
from tests.support.data_files import records
from tests.support.finished_run import Listener
from tests.support.finished_run import recipe as quick_recipe
from tests.support.prompted import PROMPT, with_prompts
from tests.support.validation_file import with_validation

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.workflow.context import RunContext

MODES = list(TrainingMode)
# the mode that trains faster here, and the other with the slow tests
ONE_MODE = [TrainingMode.LORA, pytest.param(TrainingMode.STANDARD, marks=pytest.mark.slow)]
TEXTS = ["boy: i love tea", "girl: no tea for me", "boy: hm"]


def recipe(mode: TrainingMode, **changes: object) -> TrainConfig:
    return quick_recipe(mode.value, **{"epochs": 2, "eval_steps": 4} | changes)


def make_trainer(context: RunContext, config: TrainConfig) -> StandardTrainer:
    return (LoraTrainer if config.mode is TrainingMode.LORA else StandardTrainer)(context, config)


def embed(context: RunContext, trained: bool, config: TrainConfig) -> np.ndarray:
    folder = context.paths.model(config.name) if trained else None
    with loaded_model(context.base, "cpu", folder) as model:
        return encode_texts(model, TEXTS)


@pytest.mark.parametrize("mode", MODES)
def test_the_saved_folder_is_the_trained_model_and_not_the_base(context: RunContext, mode: TrainingMode) -> None:
    config = recipe(mode)

    info = make_trainer(context, config).train("f")

    assert info.saved.max_abs_difference_to_trained <= 1e-5
    assert info.saved.max_abs_difference_to_base > 1e-3
    assert np.abs(embed(context, True, config) - embed(context, False, config)).max() > 1e-3


@pytest.mark.parametrize("mode", MODES)
def test_it_evaluates_at_the_start_every_few_steps_and_after_each_epoch(
    context: RunContext, mode: TrainingMode
) -> None:
    info = make_trainer(context, recipe(mode)).train("f")

    # 48 pairs in batches of 8: an epoch has 6 steps
    assert [point.step for point in info.history] == [0, 4, 6, 8, 12]
    assert info.history[0].train_loss is None
    assert all(point.train_loss is not None and point.train_loss > 0 for point in info.history[1:])
    assert info.steps == 12


@pytest.mark.parametrize("mode", MODES)
def test_the_best_checkpoint_is_the_one_saved(context: RunContext, mode: TrainingMode) -> None:
    info = make_trainer(context, recipe(mode, epochs=3)).train("f")

    trained = [point for point in info.history if point.step > 0]
    best = max(trained, key=lambda point: (point.spearman, -point.step))
    assert info.best_step == best.step
    assert info.best_spearman == best.spearman
    with loaded_model(context.base, "cpu", context.paths.model(mode.value)) as model:
        found = PairEvaluator(context.pair_sets["eval"])(model)
    assert found["spearman"] == pytest.approx(info.best_spearman, abs=1e-6)


@pytest.mark.parametrize("mode", ONE_MODE)
def test_the_same_seed_trains_the_same_weights(
    context: RunContext, fresh: Callable[[], RunContext], mode: TrainingMode
) -> None:
    first = make_trainer(context, recipe(mode)).train("f")
    second = make_trainer(fresh(), recipe(mode)).train("f")
    other = make_trainer(fresh(), recipe(mode, seed=7)).train("f")

    assert first.weights_sha256 == second.weights_sha256
    assert first.weights_sha256 != other.weights_sha256


@pytest.mark.parametrize("mode", ONE_MODE)
def test_a_resumed_training_ends_like_an_uninterrupted_one(
    context: RunContext, fresh: Callable[[], RunContext], mode: TrainingMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_trainer(context, recipe(mode)).train("f")

    with monkeypatch.context() as patch:
        stop_before_step(patch, 10)
        with pytest.raises(KeyboardInterrupt):
            make_trainer(fresh(), recipe(mode)).train("f")
    resumed = make_trainer(fresh(), recipe(mode)).train("f", resume=True)

    assert resumed.resumed_from_step == 8
    assert resumed.history == whole.history
    assert resumed.weights_sha256 == whole.weights_sha256


def stop_before_step(patch: pytest.MonkeyPatch, step: int) -> None:
    original = PairTrainer.training_step

    def step_or_stop(self, *args, **options):
        if self.state.global_step + 1 == step:
            raise KeyboardInterrupt
        return original(self, *args, **options)

    patch.setattr(PairTrainer, "training_step", step_or_stop)


def interrupted(context: RunContext, config: TrainConfig, step: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The checkpoints of a training that Ctrl-C ended before a step."""
    with monkeypatch.context() as patch:
        stop_before_step(patch, step)
        with pytest.raises(KeyboardInterrupt):
            make_trainer(context, config).train("f")
    return context.paths.checkpoints(config.name)


def test_a_training_is_resumed_from_the_newest_complete_checkpoint_and_names_the_others(
    context: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = recipe(TrainingMode.STANDARD, epochs=3)
    whole = make_trainer(context, config).train("f")
    folder = interrupted(fresh(), config, 15, monkeypatch)
    found = [path.name for path in folder.glob("checkpoint-*")]
    newest, older, *_ = sorted(found, key=lambda name: -int(name.split("-")[1]))
    (folder / "checkpoint-999999").mkdir()
    (folder / newest / "optimizer.pt").write_bytes((folder / newest / "optimizer.pt").read_bytes()[:-1])
    listener = Listener()

    resumed = make_trainer(dataclasses.replace(fresh(), reporter=listener), config).train("f", resume=True)

    assert listener.said == [
        f"standard: ignored {newest}, checkpoint-999999: incomplete, damaged or of another recipe or data"
    ]
    assert f"checkpoint-{resumed.resumed_from_step}" == older
    assert (resumed.history, resumed.weights_sha256) == (whole.history, whole.weights_sha256)


def test_a_checkpoint_of_another_recipe_is_neither_resumed_nor_removed(
    context: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = recipe(TrainingMode.STANDARD)
    folder = interrupted(context, config, 10, monkeypatch)
    before = sorted(folder.iterdir())

    with pytest.raises(UnfinishedTrainingError, match="--discard to remove them"):
        make_trainer(fresh(), config).train("other", resume=True)

    assert sorted(folder.iterdir()) == before


def test_a_training_whose_best_checkpoint_is_damaged_is_resumed_without_it_and_ends(
    context: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    # from step 6 on every evaluation is worse: the best checkpoint is never the newest again
    config, scores = recipe(TrainingMode.STANDARD, epochs=3), iter([0.1, 0.2, 0.9, *(0.8 - i / 100 for i in range(50))])
    evaluate = trainer_module.PairEvaluator.__call__
    with monkeypatch.context() as patch:
        patch.setattr(
            trainer_module.PairEvaluator,
            "__call__",
            lambda *given, **options: evaluate(*given, **options) | {"spearman": next(scores)},
        )
        folder = interrupted(context, config, 11, patch)
    best = folder / "checkpoint-6"
    assert best.is_dir()
    (best / "model.safetensors").write_bytes(b"")

    info = make_trainer(fresh(), config).train("f", resume=True)

    assert info.resumed_from_step is None
    assert info.steps == 18


@pytest.mark.parametrize("mode", MODES)
def test_an_interrupt_keeps_the_last_checkpoint_and_nothing_that_is_half_written(
    context: RunContext, mode: TrainingMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(hf_trainer, "seal", seal_until(8))
        with pytest.raises(KeyboardInterrupt):
            make_trainer(context, recipe(mode)).train("f")

    folder = context.paths.checkpoints(mode.value)
    newest, ignored = newest_complete(folder, "f")
    assert newest == folder / "checkpoint-6"
    assert ignored == []
    assert not context.paths.model(mode.value).exists()


def seal_until(last: int) -> Callable[..., None]:
    """Stands in for a Ctrl-C while a checkpoint is written."""

    def sealed(checkpoint: Path, step: int, fingerprint: str, best_step: int, recipe: str) -> None:
        if step == last:
            raise KeyboardInterrupt
        seal(checkpoint, step, fingerprint, best_step, recipe)

    return sealed


@pytest.mark.parametrize("mode", MODES)
def test_a_checkpoint_holds_no_pickled_arguments_and_no_data_row(
    context: RunContext, mode: TrainingMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = interrupted(context, recipe(mode), 10, monkeypatch)

    names = {path.name for path in folder.rglob("*")}
    assert "training_args.bin" not in names
    assert "README.md" not in names
    pairs = context.pair_sets["train"]
    rows = [row.encode() for row in (*pairs.text_1, *pairs.text_2)]
    for path in filter(Path.is_file, folder.rglob("*")):
        assert not [row for row in rows if row in path.read_bytes()], path


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.canary),)


@pytest.mark.parametrize(
    "name",
    [
        "optimizer.pt",
        *(pytest.param(n, marks=pytest.mark.slow) for n in ("scheduler.pt", "rng_state.pth", "model.safetensors")),
    ],
)
def test_a_pickle_in_a_checkpoint_made_to_look_like_ours_is_not_run(
    context: RunContext, fresh: Callable[[], RunContext], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    config = recipe(TrainingMode.STANDARD)
    checkpoint = interrupted(context, config, 10, monkeypatch) / "checkpoint-8"
    torch.save(Payload(tmp_path / "canary"), checkpoint / name)
    seal(checkpoint, 8, "f", 8)

    info = make_trainer(fresh(), config).train("f", resume=True)

    assert info.resumed_from_step != 8
    assert not (tmp_path / "canary").exists()


def test_too_little_memory_names_the_batch(context: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self, *_, **__) -> Never:
        if self.state.global_step == 2:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory")
        return original(self, *_, **__)

    original = PairTrainer.training_step
    monkeypatch.setattr(PairTrainer, "training_step", fail)

    with pytest.raises(PipelineError, match="out of memory at batch 3; use a smaller --batch-size"):
        make_trainer(context, recipe(TrainingMode.STANDARD)).train("f")


def test_a_warm_up_that_would_not_end_is_shortened_to_a_tenth_of_the_steps_and_that_is_said(
    context: RunContext,
) -> None:
    listener = Listener()
    heard = dataclasses.replace(context, reporter=listener)
    info = make_trainer(heard, recipe(TrainingMode.STANDARD, epochs=4, warmup_steps=24)).train("f")

    # 48 pairs in batches of 8: 24 steps, 2 of them warm-up
    assert (info.steps, info.config.warmup_steps) == (24, 24)
    assert listener.said == ["standard: warm-up shortened from 24 steps to 2, a tenth of the 24 steps of the training"]
    rates = {point.step: point.learning_rate for point in info.history}
    assert rates[4] == pytest.approx(1e-2 * (24 - 4) / (24 - 2))


def test_the_saved_folder_holds_the_limit_of_tokens_that_it_was_trained_with(context: RunContext) -> None:
    short = dataclasses.replace(context, max_seq_length=12)
    make_trainer(short, recipe(TrainingMode.STANDARD)).train("f")
    base = dataclasses.replace(short.base, max_seq_length=None)

    with loaded_model(base, "cpu", context.paths.model("standard")) as model:
        assert model.max_seq_length == 12
        del model
    assert "| tokens of a text that it reads | 12 |" in (short.paths.model("standard") / "README.md").read_text()


def test_a_saved_folder_that_is_not_the_trained_model_is_refused(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make_trainer(context, recipe(TrainingMode.STANDARD, epochs=1))
    original = trainer.save_model

    def save_something_else(model: SentenceTransformer, folder) -> None:
        next(iter(model.parameters())).data.mul_(1.5)
        original(model, folder)

    monkeypatch.setattr(trainer, "save_model", save_something_else)

    with pytest.raises(ModelError, match="the saved model differs from the trained one"):
        trainer.train("f")


def test_a_training_that_diverges_says_so_and_publishes_nothing(context: RunContext) -> None:
    config = recipe(TrainingMode.STANDARD, learning_rate=1.0, max_grad_norm=1e30, warmup_steps=0, epochs=30)
    config = config.model_copy(update={"learning_rate": 1e30})

    with pytest.raises(PipelineError, match="diverged"):
        make_trainer(context, config).train("f")
    assert not context.paths.model("standard").exists()


def test_lora_trains_and_saves_the_adapter_alone_and_names_no_path(context: RunContext) -> None:
    info = make_trainer(context, recipe(TrainingMode.LORA)).train("f")

    folder = context.paths.model("lora")
    # 2 layers x query and value x two matrices of 8 x 32
    assert info.trainable_parameters == 2 * 2 * 2 * 8 * 32
    assert not (folder / "model.safetensors").exists()
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == context.base.name
    texts = "".join(file.read_text() for file in folder.rglob("*.json"))
    assert str(context.paths.root) not in texts
    assert context.base.source not in texts


def test_a_lora_target_that_the_model_does_not_have_is_refused(context: RunContext) -> None:
    config = recipe(TrainingMode.LORA, lora=LoraSettings(target_modules=("query", "nope")))

    with pytest.raises(UserInputError, match="no linear module of"):
        make_trainer(context, config).train("f")


@pytest.mark.parametrize("mode", MODES)
def test_the_published_folder_holds_no_data_row_and_no_pickle(context: RunContext, mode: TrainingMode) -> None:
    make_trainer(context, recipe(mode)).train("f")

    files = [file for file in context.paths.model(mode.value).rglob("*") if file.is_file()]
    assert {file.suffix for file in files} <= {".json", ".safetensors", ".md", ".txt"}
    text = (context.paths.model(mode.value) / "README.md").read_text()
    pairs = context.pair_sets["train"]
    assert not any(row in text for row in (*pairs.text_1, *pairs.text_2))


@pytest.mark.parametrize("mode", ONE_MODE)
def test_one_model_is_alive_at_a_time(context: RunContext, mode: TrainingMode, monkeypatch: pytest.MonkeyPatch) -> None:
    alive: list[int] = []
    original = SentenceTransformer.__init__

    def count() -> int:
        gc.collect()
        return sum(type(thing) is SentenceTransformer for thing in gc.get_objects())

    def counted(self, *args, **options) -> None:
        alive.append(count() - 1 - of_other_tests)
        original(self, *args, **options)

    of_other_tests = count()

    monkeypatch.setattr(SentenceTransformer, "__init__", counted)

    make_trainer(context, recipe(mode)).train("f")

    assert len(alive) >= 2
    assert set(alive) == {0}


# --- validation chooses ---------------------------------------------------------------------------------


@pytest.fixture
def two_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two folds of 3 steps an epoch, so that a training has three short phases."""
    for module in (components, selection):
        monkeypatch.setattr(module, "FOLDS", 2)


def on_validation(mode: TrainingMode) -> TrainConfig:
    """One epoch with checkpoints at steps 2 and 4 and at the end, which is the best point."""
    rate = 3e-4 if mode is TrainingMode.STANDARD else 3e-2
    return recipe(mode, select_on="validation", epochs=1, eval_steps=2, learning_rate=rate)


def stop_before_call(patch: pytest.MonkeyPatch, call: int) -> None:
    """Ctrl-C before the given training step, counted over all phases."""
    original, calls = PairTrainer.training_step, count(1)

    def step_or_stop(self, *args, **options):
        if next(calls) == call:
            raise KeyboardInterrupt
        return original(self, *args, **options)

    patch.setattr(PairTrainer, "training_step", step_or_stop)


@pytest.mark.usefixtures("two_folds")
@pytest.mark.parametrize("mode", ONE_MODE)
def test_a_training_that_validation_chooses_is_resumed_in_any_phase_and_never_looks_at_the_eval_pairs(
    context: RunContext, fresh: Callable[[], RunContext], mode: TrainingMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, again = on_validation(mode), fresh()
    for each in (context, again):
        del each.pair_sets[Split.TEST]
    whole = make_trainer(context, config).train("f")

    # in the second fold, and then after step 4 of the refit
    for resume, call in ((False, 6), (True, 6)):
        with monkeypatch.context() as patch:
            stop_before_call(patch, call)
            with pytest.raises(KeyboardInterrupt):
                make_trainer(again, config).train("f", resume=resume)
        left = sorted(path.name for path in context.paths.checkpoints(config.name).iterdir())
        assert [name for name in left if name.startswith("part")] == ["part-1.json", "part-2.json"][: 1 + resume]
    resumed = make_trainer(again, config).train("f", resume=True)

    assert (whole.best_step, whole.steps, resumed.resumed_from_step) == (6, 6, 4)
    assert (resumed.history, resumed.choice) == (whole.history, whole.choice)
    assert resumed.weights_sha256 == whole.weights_sha256


@pytest.mark.usefixtures("two_folds")
def test_a_refit_that_was_cut_off_after_its_last_step_is_not_trained_again(
    context: RunContext, fresh: Callable[[], RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = on_validation(TrainingMode.STANDARD)
    with monkeypatch.context() as patch:
        patch.setattr(trainer_module, "write_model_card", raise_interrupt)
        with pytest.raises(KeyboardInterrupt):
            make_trainer(context, config).train("f")
    monkeypatch.delattr(PairTrainer, "training_step")

    resumed = make_trainer(fresh(), config).train("f", resume=True)

    assert (resumed.resumed_from_step, resumed.steps) == (6, 6)
    assert resumed.saved.max_abs_difference_to_base > 1e-3


def raise_interrupt(*_, **__) -> Never:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("two_folds")
def test_the_refit_is_the_training_on_all_train_pairs_until_the_chosen_step(
    context: RunContext, fresh: Callable[[], RunContext]
) -> None:
    config = on_validation(TrainingMode.STANDARD)

    chosen = make_trainer(context, config).train("f")
    plain = make_trainer(fresh(), config.model_copy(update={"select_on": SelectOn.TEST})).train("f", discard=True)

    assert (chosen.best_step, plain.best_step) == (6, 6)
    assert chosen.weights_sha256 == plain.weights_sha256
    assert (chosen.eval_data, plain.choice) == (None, None)


@pytest.mark.usefixtures("two_folds")
@pytest.mark.parametrize("mode", ONE_MODE)
def test_where_no_point_is_better_than_the_base_model_it_is_the_result(
    context: RunContext, mode: TrainingMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = PairEvaluator.__call__

    def worse_and_worse(self: PairEvaluator, *given, **options):
        self.calls = getattr(self, "calls", 0) + 1
        return evaluate(self, *given, **options) | {"spearman": -self.calls / 100}

    monkeypatch.setattr(PairEvaluator, "__call__", worse_and_worse)
    config = on_validation(mode)

    info = make_trainer(context, config).train("f")

    assert (info.best_step, info.steps, info.best_spearman) == (0, 0, pytest.approx(-0.01))
    assert info.saved.max_abs_difference_to_base <= 1e-5
    assert np.abs(embed(context, True, config) - embed(context, False, config)).max() <= 1e-5


# --- the pairs of a validation file choose --------------------------------------------------------------


def test_a_validation_file_chooses_in_one_training_on_all_train_pairs_that_can_be_resumed(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, first = on_validation(TrainingMode.LORA), with_validation(context)
    again = dataclasses.replace(first)
    for each in (first, again):
        del each.pair_sets[Split.TEST]
    whole = make_trainer(first, config).train("f")

    with monkeypatch.context() as patch:
        stop_before_call(patch, 6)
        with pytest.raises(KeyboardInterrupt):
            make_trainer(again, config).train("f")
    resumed = make_trainer(again, config).train("f", resume=True)

    validation = first.validation_pairs
    with loaded_model(context.base, "cpu", context.paths.model(config.name)) as model:
        cosines = PairEvaluator(validation).scores(model)
    assert (whole.eval_data, whole.choice.file, whole.steps) == (None, data_file(validation), 6)
    assert whole.choice.threshold == pytest.approx(best_threshold(cosines, validation.labels), abs=1e-6)
    assert (whole.choice.calibration.fitted_on, whole.choice.calibration.n) == ("validation", 24)
    assert resumed.resumed_from_step == 4
    assert (resumed.history, resumed.choice) == (whole.history, whole.choice)
    assert resumed.weights_sha256 == whole.weights_sha256


def test_the_same_pairs_choose_the_same_weights_as_validation_file_and_as_eval_pairs(context: RunContext) -> None:
    config = on_validation(TrainingMode.STANDARD)
    run = with_validation(context, records(24, "e"))

    on_file = make_trainer(run, config).train("f")
    on_test = make_trainer(run, config.model_copy(update={"select_on": SelectOn.TEST})).train("f", discard=True)

    assert on_file.history == on_test.history
    assert (on_file.best_step, on_file.weights_sha256) == (on_test.best_step, on_test.weights_sha256)
    assert (on_file.choice.n, on_test.choice) == (24, None)


def test_where_no_point_is_better_on_the_validation_file_the_base_model_is_the_result(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = PairEvaluator.__call__

    def worse_and_worse(self: PairEvaluator, *given, **options):
        self.calls = getattr(self, "calls", 0) + 1
        return evaluate(self, *given, **options) | {"spearman": -self.calls / 100}

    monkeypatch.setattr(PairEvaluator, "__call__", worse_and_worse)
    config = on_validation(TrainingMode.STANDARD)

    info = make_trainer(with_validation(context), config).train("f")

    assert (info.best_step, info.steps, info.best_spearman) == (0, 6, pytest.approx(-0.01))
    assert not info.changed_nothing
    assert info.saved.max_abs_difference_to_base <= 1e-5


# --- prompts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_a_base_with_a_default_prompt_is_trained_and_measured_as_if_it_stood_in_the_texts(
    context: RunContext, mode: TrainingMode
) -> None:
    prompted, written_out = with_prompts(context), dataclasses.replace(context)
    before = Prompts(prompt_1=PROMPT, prompt_2=PROMPT).before
    written_out.__dict__["pair_sets"] = {split: before(pairs) for split, pairs in context.pair_sets.items()}

    found = make_trainer(prompted, recipe(mode, epochs=1)).train("f")
    same = make_trainer(written_out, recipe(mode, epochs=1, name="same")).train("f")

    assert (found.weights_sha256, found.history) == (same.weights_sha256, same.history)
    assert prompts_of(prompted.paths.model(mode.value), "") == prompted.base.prompts != NO_PROMPTS


@pytest.mark.parametrize(
    ("base", "changes"),
    [
        ({"prompt_1": "q: ", "prompt_2": "d: "}, {}),
        ({"prompt_1": "q: ", "prompt_2": "d: "}, {"instruction": "Judge this:"}),
    ],
    ids=["two prompts", "an instruction in their place"],
)
def test_the_published_folder_gives_the_same_cosines_by_sentence_transformers_alone(
    context: RunContext, base: dict[str, str], changes: dict[str, str]
) -> None:
    context = dataclasses.replace(context, **base)
    trainer = make_trainer(context, recipe(TrainingMode.STANDARD, epochs=1, **changes))
    trainer.train("f")
    pairs, folder = context.pair_sets["eval"], context.paths.model("standard")
    with loaded_model(context.base, "cpu", folder) as model:
        ours = PairEvaluator(trainer.prompts.before(pairs)).scores(model)

    plain = SentenceTransformer(str(folder), device="cpu")

    sides = [plain.encode_query(pairs.text_1), plain.encode_document(pairs.text_2)]
    np.testing.assert_allclose((sides[0] * sides[1]).sum(axis=1), ours, atol=1e-5)
    if changes:
        np.testing.assert_allclose(plain.encode(pairs.text_1), sides[0], atol=1e-5)
        np.testing.assert_allclose(plain.encode(pairs.text_2), sides[1], atol=1e-5)
    card = (folder / "README.md").read_text()
    assert ("model.encode(texts)" in card, "model.encode_query(texts_1)" in card) == (bool(changes), not changes)


def test_a_saved_folder_with_other_prompts_is_refused(context: RunContext) -> None:
    trainer = make_trainer(context, recipe(TrainingMode.STANDARD, instruction="Judge this:"))
    probe = np.zeros((1, 32), dtype=np.float32)

    with pytest.raises(ModelError, match=r"^standard: loaded again, the saved model has other prompts; do not use it$"):
        trainer._prove_saved(Path(context.base_model or ""), probe, probe)
