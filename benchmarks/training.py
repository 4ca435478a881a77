"""Seconds a step: `SentenceTransformerTrainer` with its defaults beside this project's, alternately in one process."""

from __future__ import annotations

import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peft import LoraConfig
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss
from transformers import PrinterCallback, ProgressCallback, TrainerCallback, set_seed

from src.embedding.base_model import resolve_base_model
from src.embedding.encoder import distinct_texts
from src.embedding.loading import loaded_model
from src.embedding.model_folder_checks import network_of
from src.models import Loss, TrainingMode
from src.trainer import dataset_of
from src.training.batching import LengthGroupedBatchSampler, pair_lengths
from src.training.cpu_dropout import use_bit_dropout
from src.training.losses import one_pass_loss
from src.training.precision import autocast, full_precision_pooling, resolve_precision
from src.training.used_tokens import train_used_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import TrainerControl, TrainerState, TrainingArguments

    from src.models import PairSet

BATCH = 16
PARAMETERS = 10.65e6  # of the layers that every token passes


@dataclass
class Steps:
    """What one trainer needed."""

    seconds: list[float] = field(default_factory=list)  # a step
    tokens: list[int] = field(default_factory=list)  # a step, padding included
    useful: list[int] = field(default_factory=list)  # a step, without


class _Watch(TrainerCallback):
    def __init__(self) -> None:
        self.times: list[float] = []

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the library's signature
        state: TrainerState,  # noqa: ARG002
        control: TrainerControl,  # noqa: ARG002
        **_: object,
    ) -> None:
        self.times.append(time.perf_counter())


class _Plain(SentenceTransformerTrainer):
    """As it is, but for its model card, which it would fill by running the model."""

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        pass


class _Ours(_Plain):
    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the library's types
        super().__init__(**options)
        use_bit_dropout(self.model)
        self.precision = resolve_precision("auto", "cpu")

    def compute_loss(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - the library's types
        with autocast(self.precision, "cpu"):
            return super().compute_loss(*args, **options)


def plain_trainer(
    model: SentenceTransformer,
    pairs: PairSet,
    *,
    mode: TrainingMode,
    folder: Path,
    **options: Any,  # noqa: ANN401 - the library's types
) -> _Plain:
    """The library's trainer as its documentation shows it, on the CPU, writing nothing.

    Args:
        model: The base model; an adapter is added where the mode asks for one.
        pairs: Train pairs.
        mode: All weights, or an adapter.
        folder: Where it may write.
        options: What else its arguments are to say.
    """
    return _trainer(_Plain, CosineSimilarityLoss, model, pairs, mode=mode, folder=folder, **options)


def _trainer(
    kind: type[_Plain],
    loss: Callable[[SentenceTransformer], torch.nn.Module],
    model: SentenceTransformer,
    pairs: PairSet,
    *,
    mode: TrainingMode,
    folder: Path,
    **options: Any,  # noqa: ANN401 - the library's types
) -> _Plain:
    if mode is TrainingMode.LORA:
        set_seed(options.get("seed", 42))
        targets = ["query", "value"]
        model.add_adapter(
            LoraConfig(task_type="FEATURE_EXTRACTION", r=8, lora_alpha=16, lora_dropout=0.1, target_modules=targets)
        )
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=BATCH,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        dataloader_pin_memory=False,
        **options,
    )
    trainer = kind(model=model, args=arguments, train_dataset=dataset_of(pairs), loss=loss(model))
    for callback in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(callback)
    return trainer


def time_steps(pairs: PairSet, mode: TrainingMode, *, ours: bool) -> Steps:
    """Train for one epoch, so that both see the same pairs, and time every step but the first.

    Args:
        pairs: Train pairs.
        mode: All weights, or an adapter.
        ours: Whether the step is this project's.
    """
    watch, counted = _Watch(), Steps()
    recipe: dict[str, Any] = {"num_train_epochs": 1, "learning_rate": 2e-5, "warmup_steps": 100}
    with loaded_model(resolve_base_model(None), "cpu") as model, tempfile.TemporaryDirectory() as folder:
        hook = model[0].register_forward_pre_hook(lambda _, inputs: _count(counted, inputs[0]))
        trainer: _Plain
        if ours:
            if mode is TrainingMode.STANDARD:
                train_used_tokens(model, network_of(model[0]), list(distinct_texts([pairs])))
            trainer = _trainer(
                _Ours,
                partial(one_pass_loss, Loss.COSINE),
                model,
                pairs,
                mode=mode,
                folder=Path(folder),
                batch_sampler=partial(LengthGroupedBatchSampler, lengths=pair_lengths(model, pairs)),
                **recipe,
            )
        else:
            trainer = plain_trainer(model, pairs, mode=mode, folder=Path(folder), **recipe)
        trainer.add_callback(watch)
        with full_precision_pooling(model) if ours else nullcontext():
            trainer.train()
        hook.remove()
        del trainer, model
    passes = len(counted.tokens) // len(watch.times)
    counted.tokens = [sum(counted.tokens[i : i + passes]) for i in range(0, len(counted.tokens), passes)][1:]
    counted.useful = [sum(counted.useful[i : i + passes]) for i in range(0, len(counted.useful), passes)][1:]
    counted.seconds = [b - a for a, b in pairwise(watch.times)]
    return counted


def _count(steps: Steps, features: dict[str, torch.Tensor]) -> None:
    steps.tokens.append(features["input_ids"].numel())
    steps.useful.append(int(features["attention_mask"].sum()))
