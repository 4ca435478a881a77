"""The library's trainer with this project's evaluation schedule and checkpoints."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from sentence_transformers import SentenceTransformerTrainer
from transformers import TrainerCallback

from ..core.distributed import barrier, is_main_process
from ..core.errors import ArtifactError, PipelineError
from .checkpoints import checkpoint_folder, keep_only, read_whole, seal, written
from .pair_evaluator import PairEvaluator
from .precision import autocast
from .saved_state import read_state, refuse_other_optimizer

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sentence_transformers import SentenceTransformer
    from transformers import TrainerControl, TrainerState, TrainingArguments

    from ..models import TrainConfig
    from .selection import Phase


class EvaluationSchedule(TrainerCallback):
    """Evaluates and saves every `eval_steps` steps and after each epoch; drives the progress bar; ends a phase."""

    def __init__(self, config: TrainConfig, phase: Phase, advance: Callable[[int], None]) -> None:
        self.eval_steps = config.eval_steps
        self.epoch_steps = config.epoch_steps(len(phase.train))
        self.last_step = phase.n_steps(config)
        self.advance = advance

    def on_train_begin(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the library's signature
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **_: object,
    ) -> None:
        """Start the bar where a resumed training starts."""
        self.advance(state.global_step)

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the library's signature
        state: TrainerState,
        control: TrainerControl,
        **_: object,
    ) -> TrainerControl:
        """Say what is due after this step."""
        self.advance(1)
        step, last = state.global_step, state.global_step == self.last_step
        control.should_evaluate = control.should_save = (
            last or step % self.eval_steps == 0 or step % self.epoch_steps == 0
        )
        control.should_training_stop = control.should_training_stop or last
        return control


class PairTrainer(SentenceTransformerTrainer):
    """The library's trainer, without its model card (it quotes data rows), keeping the loss between evaluations.

    Its checkpoints hold the model as it is published, with no pickle of the training's arguments, and are sealed.
    """

    def __init__(
        self,
        *,
        save_model: Callable[[SentenceTransformer, Path], None],
        load_state: Callable[[SentenceTransformer, Path], None],
        check_root: Callable[[], None],
        in_root: Callable[[Path], AbstractContextManager[None]],
        fingerprint: str,
        recipe: str,
        precision: Literal["fp32", "bf16"],
        **options: Any,  # noqa: ANN401 - the library's own types
    ) -> None:
        """Set up the library's trainer.

        Args:
            save_model: Writes the model into a folder as it is published.
            load_state: Puts the weights of a checkpoint into the model.
            check_root: Raises when this process may no longer write below the root.
            in_root: Surrounds the writing of a checkpoint, see `StandardTrainer.in_its_root`.
            fingerprint: Hash of everything that goes into the training.
            recipe: JSON of the recipe.
            precision: Arithmetic of a step.
            options: Arguments of the library's trainer.
        """
        super().__init__(**options)
        # with a tokenizer, the library changes the encoder's configuration to fit it, and so what is published
        self.processing_class = None
        self.save_weights = save_model
        self.load_weights = load_state
        self.check_root = check_root
        self.in_root = in_root
        self.checkpoints = Path(str(self.args.output_dir))
        self.fingerprint = fingerprint
        self.recipe = recipe
        self.precision = precision
        self.needed_before: set[str] = set()
        self._losses: list[torch.Tensor] = []

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Add none: the library's model card quotes rows of the data."""

    def training_step(self, *args: Any, **options: Any) -> torch.Tensor:  # noqa: ANN401
        """One step; its loss is kept until the next evaluation."""
        loss: torch.Tensor = super().training_step(*args, **options)
        self._losses.append(loss)
        return loss

    def compute_loss(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        """The loss of a batch, in the precision of this training."""
        with autocast(self.precision, self.args.device.type):
            return super().compute_loss(*args, **options)

    def evaluate(self, *args: Any, **options: Any) -> dict[str, float]:  # noqa: ANN401
        """Evaluate, and record the mean loss since the evaluation before.

        Raises:
            PipelineError: The loss is NaN or infinite.
        """
        self.check_root()
        metrics: dict[str, float] = super().evaluate(*args, **options)
        loss = float(torch.stack(self._losses).mean()) if self._losses else None
        self._losses.clear()
        if loss is not None and not math.isfinite(loss):
            raise PipelineError(
                f"the training diverged at step {self.state.global_step}: the loss is {loss}; "
                "use a lower --learning-rate"
            )
        entry: dict[str, Any] = self.state.log_history[-1]
        entry.update(train_loss=loss, learning_rate=self._get_learning_rate())
        if isinstance(self.evaluator, PairEvaluator):
            entry.update(cosines=self.evaluator.cosines)
        return metrics

    def _save(self, output_dir: str | None = None, state_dict: object = None) -> None:  # noqa: ARG002 - the library's signature
        self.save_weights(self.model, Path(output_dir or self.checkpoints))

    def _save_checkpoint(self, *args: Any) -> None:  # noqa: ANN401
        folder, step = self.checkpoints, self.state.global_step
        best_step = self.state.best_global_step or step
        checkpoint = checkpoint_folder(folder, step)
        with self.in_root(checkpoint), written(checkpoint):
            super()._save_checkpoint(*args)
            barrier()  # each process saves the state of its random numbers
            if is_main_process():
                seal(checkpoint, step, self.fingerprint, best_step, self.recipe)
        barrier()
        if not is_main_process():
            return
        # only now: until here the one before was the newest complete one; it stays, should this one be damaged later
        needed = {checkpoint.name, checkpoint_folder(folder, best_step).name}
        keep_only(folder, needed | self.needed_before)
        self.needed_before = needed

    def _load_from_checkpoint(self, checkpoint_path: str, *_: object) -> None:
        """Load weights into the model there is; the library would build a second model beside it.

        First those of the best checkpoint until then, with which the training may end: they have to fit too.
        """
        checkpoint = Path(checkpoint_path)
        with read_whole(checkpoint_path):
            state = read_state(checkpoint)
            if state.train_batch_size not in (None, self._train_batch_size):
                raise ArtifactError(f"batches of {state.train_batch_size}")
            best = checkpoint_folder(checkpoint.parent, state.best_global_step or state.global_step)
            for folder in dict.fromkeys((best, checkpoint)):
                self.load_weights(self.model, folder)

    # both read with weights_only=True, which builds tensors and runs no code of the file

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        with read_whole(checkpoint):
            if checkpoint is not None:
                refuse_other_optimizer(Path(checkpoint), self.optimizer, self.lr_scheduler)
            super()._load_optimizer_and_scheduler(checkpoint)

    def _load_rng_state(self, checkpoint: str | None) -> None:
        with read_whole(checkpoint):
            super()._load_rng_state(checkpoint)
