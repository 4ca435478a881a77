"""Base models of every shape, in both modes: what is trained is what is saved, resumed and published."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from src.core.errors import UserInputError
from src.embedding.encoder import encode_texts
from src.embedding.loading import loaded_model
from src.lora_trainer import LoraTrainer
from src.models import LoraSettings, Split, TrainConfig, TrainingMode
from src.pipeline import recipes_of_run, run_all
from src.trainer import StandardTrainer
from src.training.hf_trainer import PairTrainer
from src.training.pair_evaluator import PairEvaluator
from src.training_stage import run_training
from tests.support.finished_run import Listener
from tests.support.finished_run import recipe as quick_recipe
from tests.support.tiny_bases import ENCODER_SHAPES, SHAPES, Shape, build_base

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.workflow.context import RunContext


STANDARD = [(shape, TrainingMode.STANDARD) for shape in SHAPES]
BOTH_MODES = [*STANDARD, *((shape, TrainingMode.LORA) for shape in ENCODER_SHAPES)]
# one mode of each shape here, and the other with the slow tests
ONE_MODE = [*STANDARD[::2], *((shape, TrainingMode.LORA) for shape in SHAPES[1::2] if shape.family != "static")]
ONE_MODE.append(STANDARD[-1])
EACH = [case if case in ONE_MODE else pytest.param(*case, marks=pytest.mark.slow) for case in BOTH_MODES]


@pytest.fixture(scope="module")
def base_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Shape], Path]:
    """Makes the base model of a shape, once."""
    made: dict[Shape, Path] = {}

    def build(shape: Shape) -> Path:
        if shape not in made:
            made[shape] = build_base(tmp_path_factory.mktemp(str(shape)), shape)
        return made[shape]

    return build


@pytest.fixture
def with_base(context: RunContext, base_of: Callable[[Shape], Path]) -> Callable[[Shape], RunContext]:
    """Makes the context of a command with a base model of a shape."""
    return lambda shape: dataclasses.replace(context, base_model=str(base_of(shape)))


def recipe(mode: TrainingMode, **changes: object) -> TrainConfig:
    return quick_recipe(mode.value, **{"eval_steps": 2} | changes)


def make_trainer(context: RunContext, config: TrainConfig) -> StandardTrainer:
    return (LoraTrainer if config.mode is TrainingMode.LORA else StandardTrainer)(context, config)


def texts_of(context: RunContext) -> list[str]:
    """A training keeps the tokens of its own texts alone."""
    return context.pair_sets[Split.TRAIN].text_1[:6]


def cosines(vectors: np.ndarray) -> np.ndarray:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T


def cosines_without_this_program(context: RunContext, config: TrainConfig) -> np.ndarray:
    """By a published folder as its model card says to load it."""
    folder = str(context.paths.model(config.name))
    if config.mode is TrainingMode.STANDARD:
        return cosines(SentenceTransformer(folder, device="cpu").encode(texts_of(context)))
    model = SentenceTransformer(context.base.source, device="cpu").float()
    model.load_adapter(folder)
    return cosines(model.encode(texts_of(context)))


def cosines_of(context: RunContext, config: TrainConfig) -> np.ndarray:
    with loaded_model(context.base, "cpu", context.paths.model(config.name)) as model:
        return cosines(encode_texts(model, texts_of(context)))


def stop_before_step(patch: pytest.MonkeyPatch, step: int) -> None:
    original = PairTrainer.training_step

    def step_or_stop(self, *args, **options):
        if self.state.global_step + 1 == step:
            raise KeyboardInterrupt
        return original(self, *args, **options)

    patch.setattr(PairTrainer, "training_step", step_or_stop)


def best_at(patch: pytest.MonkeyPatch, call: int) -> None:
    """The evaluation of this number is the best one, whatever it finds."""
    evaluate = PairEvaluator.__call__
    calls = iter(range(100))

    def told(self: PairEvaluator, *given, **options):
        return evaluate(self, *given, **options) | {"spearman": 0.9 if next(calls) == call else 0.1}

    patch.setattr(PairEvaluator, "__call__", told)


@torch.no_grad()
def disturb(model: SentenceTransformer) -> None:
    """Stands in for a training: every weight that may be trained is another one."""
    torch.manual_seed(1)
    for weight in model.parameters():
        if weight.requires_grad:
            weight.add_(torch.randn_like(weight) * 0.5)


# --- without a training ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "mode"), EACH, ids=str)
def test_what_may_be_trained_is_saved_and_comes_back(
    with_base: Callable[[Shape], RunContext], shape: Shape, mode: TrainingMode
) -> None:
    context, config = with_base(shape), recipe(mode)
    trainer = make_trainer(context, config)
    trainer.folder.parent.mkdir(parents=True)
    with loaded_model(context.base, "cpu") as model:
        before = cosines(encode_texts(model, texts_of(context)))
        trainer.prepare(model)
        disturb(model)
        trained = cosines(encode_texts(model, texts_of(context)))
        trainer.save_model(model, trainer.folder)
        del model

    with loaded_model(context.base, "cpu") as model:
        trainer.prepare(model)
        trainer.load_state(model, trainer.folder)
        loaded_into = cosines(encode_texts(model, texts_of(context)))
        del model

    assert np.abs(trained - before).max() > 1e-4
    np.testing.assert_allclose(loaded_into, trained, atol=1e-5)
    np.testing.assert_allclose(cosines_of(context, config), trained, atol=1e-5)
    np.testing.assert_allclose(cosines_without_this_program(context, config), trained, atol=1e-5)


def test_lora_freezes_a_dense_layer_and_says_what_it_adapts(with_base: Callable[[Shape], RunContext]) -> None:
    listener = Listener()
    context = dataclasses.replace(with_base(Shape("distilbert", pooling="cls", dense=48)), reporter=listener)
    trainer = make_trainer(context, recipe(TrainingMode.LORA))
    with loaded_model(context.base, "cpu") as model:
        trainer.prepare(model)
        trained = {name for name, weight in model.named_parameters() if weight.requires_grad}
        del model

    assert listener.said == ["lora: LoRA adapts 4 modules: q_lin, v_lin; all other weights stay frozen"]
    assert all("lora_" in name for name in trained)
    assert trainer.adapted_modules == tuple(
        f"transformer.layer.{layer}.attention.{name}" for layer in (0, 1) for name in ("q_lin", "v_lin")
    )


def test_the_pooler_that_no_pooling_reads_is_left_out(with_base: Callable[[Shape], RunContext]) -> None:
    context = with_base(Shape("bert", dense=16))
    config = recipe(TrainingMode.LORA, lora=LoraSettings(target_modules="dense"))
    trainer = make_trainer(context, config)
    trainer.folder.parent.mkdir(parents=True)
    with loaded_model(context.base, "cpu") as model:
        trainer.prepare(model)
        disturb(model)
        trained = cosines(encode_texts(model, texts_of(context)))
        trainer.save_model(model, trainer.folder)
        del model

    assert len(trainer.adapted_modules) == 6
    assert not [name for name in trainer.adapted_modules if "pooler" in name]
    np.testing.assert_allclose(cosines_of(context, config), trained, atol=1e-5)


@pytest.mark.parametrize("command", [run_all, lambda context: run_training(context, recipe(TrainingMode.LORA))])
def test_a_word_embedding_has_nothing_for_lora_which_is_told_before_anything_is_trained(
    with_base: Callable[[Shape], RunContext], command: Callable[[RunContext], object]
) -> None:
    context = with_base(Shape("static"))

    with pytest.raises(UserInputError, match=r"^--mode lora: .* is a word embedding, without layers for LoRA; use"):
        command(context)
    assert not context.paths.trainings.exists()


def test_a_name_that_no_module_has_is_told_with_those_that_there_are(with_base: Callable[[Shape], RunContext]) -> None:
    context = with_base(Shape("modernbert"))

    with pytest.raises(UserInputError, match=r"^--target-modules query: no linear module .*; it has Wi, Wo, Wqkv$"):
        run_all(context, recipes_of_run(context, target_modules="query,Wo"))
    assert not context.paths.trainings.exists()


# --- with one ------------------------------------------------------------------------------------------


def test_the_dense_layer_of_the_best_step_is_published_and_a_resumed_training_has_the_same(
    with_base: Callable[[Shape], RunContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    shape, config = Shape("bert", dense=16), recipe(TrainingMode.STANDARD)
    context = with_base(shape)
    with monkeypatch.context() as patch:
        best_at(patch, 1)
        info = make_trainer(context, config).train("f")
    published = cosines_of(context, config)

    # until its second step, a training that stops there is the same
    with monkeypatch.context() as patch:
        stop_before_step(patch, 4)
        with pytest.raises(KeyboardInterrupt):
            make_trainer(with_base(shape), config).train("f", discard=True)
    kept = make_trainer(context, config)
    with loaded_model(context.base, "cpu") as model:
        kept.load_state(model, context.paths.checkpoints(config.name) / "checkpoint-2")
        at_best = cosines(encode_texts(model, texts_of(context)))
        del model
    with monkeypatch.context() as patch:
        best_at(patch, -1)
        resumed = make_trainer(with_base(shape), config).train("f", resume=True)

    assert (info.best_step, resumed.best_step, resumed.resumed_from_step) == (2, 2, 2)
    np.testing.assert_allclose(published, at_best, atol=1e-6)
    np.testing.assert_array_equal(cosines_of(context, config), published)
    # the dense layer's own 32 x 16 weights and 16 offsets count
    assert info.total_parameters == info.trainable_parameters
    assert info.total_parameters - without_dense(with_base) == 32 * 16 + 16


def without_dense(with_base: Callable[[Shape], RunContext]) -> int:
    context = with_base(Shape("bert"))
    with loaded_model(context.base, "cpu") as model:
        n = sum(weight.numel() for weight in model.parameters())
        del model
    return n


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "mode"), BOTH_MODES, ids=str)
def test_a_training_that_was_killed_goes_on_to_the_same_numbers_and_its_folder_gives_them(
    with_base: Callable[[Shape], RunContext], shape: Shape, mode: TrainingMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, config = with_base(shape), recipe(mode, epochs=2)
    whole = make_trainer(context, config).train("f")
    published = cosines_of(context, config)

    with monkeypatch.context() as patch:
        stop_before_step(patch, 8)
        with pytest.raises(KeyboardInterrupt):
            make_trainer(with_base(shape), config).train("f", discard=True)
    resumed = make_trainer(with_base(shape), config).train("f", resume=True)

    assert resumed.resumed_from_step == 6
    assert resumed.history == whole.history
    assert (resumed.weights_sha256, resumed.adapted_modules) == (whole.weights_sha256, whole.adapted_modules)
    assert whole.saved.max_abs_difference_to_base > 1e-4
    np.testing.assert_array_equal(cosines_of(context, config), published)
    np.testing.assert_allclose(cosines_without_this_program(context, config), published, atol=1e-5)
    with loaded_model(context.base, "cpu", context.paths.model(config.name)) as model:
        found = PairEvaluator(context.pair_sets[Split.TEST])(model)
        del model
    assert found["spearman"] == pytest.approx(whole.best_spearman, abs=1e-6)
