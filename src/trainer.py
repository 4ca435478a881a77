"""One training as a template: prepare the model, fit, keep the best checkpoint, save, verify the saved folder.

`lora_trainer.py` overrides the hooks `prepare`, `load_state` and `save_model`.
"""

from __future__ import annotations

import math
import shutil
import time
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

import numpy as np
from datasets import Dataset, disable_progress_bars
from sentence_transformers import SentenceTransformerTrainingArguments
from transformers import PrinterCallback, ProgressCallback, set_seed

from .core.distributed import barrier, is_main_process, world_size
from .core.errors import CheckpointError, ModelError, PipelineError, UnfinishedTrainingError, is_out_of_memory
from .data_loader import data_file
from .embedding.encoder import distinct_texts, encode_texts
from .embedding.loading import loaded_model, release_memory
from .embedding.model_files import TRAIN_AGAIN, USE_ANOTHER, WEIGHTS
from .embedding.model_folder_checks import network_of
from .embedding.prompts import keep_prompts, prompts_of
from .models import (
    NO_PROMPTS,
    MeasuredPart,
    MeasuredPoint,
    SavedModelCheck,
    SelectOn,
    Split,
    TrainConfig,
    TrainingInfo,
    TrainingPoint,
    ValidationChoice,
)
from .storage.files import sha256_file
from .training.batching import LengthGroupedBatchSampler, pair_lengths
from .training.checkpoints import (
    checkpoint_folder,
    keep_only,
    newest_complete,
    read_part,
    read_whole,
    recipes_of_others,
    refuse_strays,
    remove_all,
    remove_phase,
    remove_unsealed,
    write_part,
    written,
)
from .training.cpu_dropout import use_bit_dropout
from .training.curves import reported
from .training.hf_trainer import EvaluationSchedule, PairTrainer
from .training.lora_targets import usual_targets
from .training.losses import one_pass_loss
from .training.model_card import write_model_card
from .training.module_weights import load_weights
from .training.notices import short_warmup
from .training.pair_evaluator import NoEvaluator, PairEvaluator
from .training.precision import full_precision_pooling, resolve_precision
from .training.recipe import differing
from .training.saved_state import without_state
from .training.selection import Chosen, Phase, choose, chosen_on_file, refit, validation_phases
from .training.used_tokens import full_embedding, train_used_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer
    from transformers import TrainerCallback, TrainerState

    from .models import PairSet
    from .workflow.context import RunContext

SAVED_TOLERANCE = 1e-5
_PROBES = 64
_DIGITS = 8
ResultT = TypeVar("ResultT")


class _Fitted(NamedTuple):
    """A training that has ended: every evaluation, the step whose weights are kept, and the steps taken."""

    history: tuple[TrainingPoint, ...]
    best_step: int
    steps: int

    @property
    def best(self) -> TrainingPoint:
        """The evaluation at the kept step."""
        return next(point for point in self.history if point.step == self.best_step)


class _Published(NamedTuple):
    """What is known of the model that was written: its probe embeddings, its numbers of weights, how it was chosen."""

    probe: NDArray[np.float32]
    parameters: tuple[int, int]
    choice: ValidationChoice | None


class StandardTrainer:
    """Trains all weights."""

    weights_file: ClassVar[str] = WEIGHTS
    adapted_modules: tuple[str, ...] = ()

    def __init__(self, context: RunContext, config: TrainConfig) -> None:
        """Prepare a training on the train pairs of a run; the recipe says which pairs choose the checkpoint."""
        self.context = context
        self.config = config
        self.on_test = config.select_on is SelectOn.TEST
        # before the texts, wherever a model reads them
        self.prompts = config.prompts(context.base.prompts)
        self.train_pairs = context.pair_sets[Split.TRAIN]
        # None where train pairs are set aside
        self.choosing = context.pair_sets[Split.TEST] if self.on_test else context.validation_pairs
        self.phase = Phase(self.train_pairs, self.choosing)
        # after the schedule of evaluations, whose decisions they may change
        self.callbacks: tuple[TrainerCallback, ...] = ()
        self.folder = context.paths.model(config.name)
        self.checkpoints = context.paths.checkpoints(config.name)
        self.precision = resolve_precision(config.precision, context.device)

    # --- hooks ------------------------------------------------------------------------------------------

    def prepare(self, model: SentenceTransformer) -> None:
        """Make weights trainable: here all of them, except embedding rows of tokens that occur in no text."""
        read = map(self.prompts.before, filter(None, (self.phase.train, self.phase.measured)))
        texts = distinct_texts(list(read))
        train_used_tokens(model, network_of(model[0]), list(texts))

    def load_state(self, model: SentenceTransformer, checkpoint: Path) -> None:
        """Put a checkpoint's weights into all modules of the model.

        Raises:
            ModelError: A weight is missing or does not fit.
        """
        with full_embedding(network_of(model[0])):
            load_weights(model, checkpoint)

    def save_model(self, model: SentenceTransformer, folder: Path) -> None:
        """Write the model in a form that sentence-transformers loads without this package."""
        keep_prompts(model, self.prompts)
        with full_embedding(network_of(model[0])):
            model.save_pretrained(str(folder), create_model_card=False)

    # --- template ---------------------------------------------------------------------------------------

    def train(
        self, fingerprint: str, *, resume: bool = False, discard: bool = False, folder: Path | None = None
    ) -> TrainingInfo:
        """Run the whole training and write the model folder.

        Args:
            fingerprint: Hash of everything that goes in; only checkpoints with this fingerprint are resumed.
            resume: Continue from the newest complete checkpoint of the same training, if there is one; one that
                cannot be read is told and left out.
            discard: Remove checkpoints of another training.
            folder: Where the model is written; by default its place below the root.

        Raises:
            UnfinishedTrainingError: Checkpoints of another training stand, and `discard` is not set.
            PipelineError: The training diverged, or the saved folder is not the trained model.
        """
        started = time.monotonic()
        chosen = self._prepare_phases(fingerprint, resume=resume, discard=discard)

        def train_from(checkpoint: Path | None) -> TrainingInfo:
            return self._train_from(checkpoint, fingerprint, self.folder if folder is None else folder, chosen, started)

        return self._from_newest(train_from, fingerprint, resume=resume)

    def _from_newest(self, work: Callable[[Path | None], ResultT], fingerprint: str, *, resume: bool) -> ResultT:
        """Do a phase, from its newest checkpoint that can be read if it is to be resumed."""
        unreadable: set[str] = set()
        while True:
            checkpoint = self._start(fingerprint, unreadable, resume=resume)
            try:
                return work(checkpoint)
            except CheckpointError as error:
                # several processes would have to agree on the next one
                if checkpoint is None or world_size() > 1:
                    raise
                self.context.reporter.say(f"{self.config.name}: {str(error).partition(';')[0]}")
                unreadable.add(checkpoint.name)
            # the error held the model
            release_memory()

    def _prepare_phases(self, fingerprint: str, *, resume: bool, discard: bool) -> Chosen | None:
        """Where train pairs are set aside, measure each part of them; what is left is the refit."""
        self._clear(fingerprint, resume=resume, discard=discard)
        if self.choosing is not None:
            return None
        phases = validation_phases(self.train_pairs, self.config)
        measured = []
        for self.phase in phases:
            measured.append(self._measured(fingerprint, resume=resume))
        chosen = choose(self.train_pairs, self.config, phases, measured)
        self.phase = refit(self.train_pairs, chosen)
        return chosen

    def _measured(self, fingerprint: str, *, resume: bool) -> tuple[MeasuredPoint, ...]:
        """Every evaluation of one part, now or before an interruption."""
        part, size = self.phase.part, len(self.phase.sampled)
        known = read_part(self.checkpoints, part, fingerprint) if resume else None
        if known is None or {len(point.cosines) for point in known.points} != {size}:
            points = self._from_newest(lambda found: self.measure(found, fingerprint), fingerprint, resume=resume)
            if is_main_process():
                self.context.lock.check()
                recipe = self.config.model_dump_json()
                write_part(self.checkpoints, part, MeasuredPart(fingerprint=fingerprint, recipe=recipe, points=points))
            barrier()
        if is_main_process():
            remove_phase(self.checkpoints, self.phase.fingerprint(fingerprint))
        # the main process alone evaluates, so that the others need its file
        found = read_part(self.checkpoints, part, fingerprint)
        if found is None:
            raise PipelineError(f"{self.checkpoints}: what fold {part} gave cannot be read; run again with --resume")
        return found.points

    def measure(self, checkpoint: Path | None, fingerprint: str) -> tuple[MeasuredPoint, ...]:
        """Train through one phase that sets pairs aside.

        Args:
            checkpoint: Where to go on from, if anywhere.
            fingerprint: Hash of everything that goes into the training.

        Returns:
            Every evaluation, that at step 0 first.
        """
        with loaded_model(self.context.base, self.context.device) as model:
            self.prepare(model)
            log = self._fit(model, checkpoint, fingerprint).state.log_history
            del model
        cosines = [entry["cosines"] for entry in log if "eval_spearman" in entry]
        return tuple(
            MeasuredPoint(point=point, cosines=found) for point, found in zip(_history(log), cosines, strict=True)
        )

    def _train_from(
        self, checkpoint: Path | None, fingerprint: str, folder: Path, chosen: Chosen | None, started: float
    ) -> TrainingInfo:
        with loaded_model(self.context.base, self.context.device) as model:
            base_probe = encode_texts(model, self._probe_texts())
            self.prepare(model)
            if chosen is None:
                fitted = self._fit_best(model, checkpoint, fingerprint)
            else:
                self._refit(model, checkpoint, fingerprint)
                fitted = _Fitted(chosen.history, chosen.best_step, chosen.best_step)
            base_is_best = fitted.steps > 0 and fitted.best_step == 0
            published = None if base_is_best else self._publish(model, folder, fitted, chosen)
            del model
        if published is None:
            with loaded_model(self.context.base, self.context.device) as model:
                self.prepare(model)
                published = self._publish(model, folder, fitted, chosen)
                del model
        saved = self._prove_saved(folder, published.probe, base_probe)
        best = fitted.best
        if best.spearman is None:
            raise PipelineError("the eval pairs have one label only; Spearman, which chooses the checkpoint, needs two")
        return TrainingInfo(
            config=self.config,
            precision=self.precision,
            steps=fitted.steps,
            trainable_parameters=published.parameters[0],
            total_parameters=published.parameters[1],
            best_step=fitted.best_step,
            best_spearman=best.spearman,
            history=fitted.history,
            saved=saved,
            weights_sha256=sha256_file(folder / self.weights_file),
            base_sha256=self.context.base.sha256,
            adapted_modules=self.adapted_modules,
            train_data=data_file(self.train_pairs),
            eval_data=data_file(self.choosing) if self.on_test and self.choosing is not None else None,
            choice=published.choice,
            resumed_from_step=_step_of(checkpoint) if checkpoint else None,
            provenance=self.context.provenance(fingerprint, started, device=self.context.device),
        )

    def _publish(self, model: SentenceTransformer, folder: Path, fitted: _Fitted, chosen: Chosen | None) -> _Published:
        """Write the model, which has the weights that are kept, and its card."""
        choice = chosen.choice if chosen else self._choice_on_file(model, fitted)
        published = _Published(encode_texts(model, self._probe_texts()), _count_parameters(model), choice)
        self._write(model, folder, fitted.best_step, choice)
        return published

    def _choice_on_file(self, model: SentenceTransformer, fitted: _Fitted) -> ValidationChoice | None:
        """How the pairs of a validation file chose this model; None where the test pairs chose it."""
        if self.on_test or self.choosing is None:
            return None
        scores = PairEvaluator(self.prompts.before(self.choosing)).scores(model)
        return chosen_on_file(self.choosing, fitted.best.epoch, scores)

    def assist(self, fingerprint: str, *, resume: bool = False, discard: bool = False) -> None:
        """Train as one of the other ranks; writes only the state of its random number generators."""
        chosen = self._prepare_phases(fingerprint, resume=resume, discard=discard)
        checkpoint = self._start(fingerprint, resume=resume)
        with loaded_model(self.context.base, self.context.device) as model:
            self.prepare(model)
            if chosen is None:
                self._fit(model, checkpoint, fingerprint)
            else:
                self._refit(model, checkpoint, fingerprint)
            del model

    def _clear(self, fingerprint: str, *, resume: bool, discard: bool) -> None:
        """Refuse what another training left, unless it may be removed; keep what a resumed training needs."""
        disable_progress_bars()
        refuse_strays(self.checkpoints)
        if not discard:
            self._refuse_checkpoints_of_others(fingerprint)
        barrier()
        if is_main_process() and not resume:
            remove_all(self.checkpoints)
        barrier()

    def _start(self, fingerprint: str, without: Collection[str] = (), *, resume: bool) -> Path | None:
        """Set the seeds and find the checkpoint of this phase to resume, if there is one."""
        set_seed(self.config.seed)
        checkpoint, ignored = self._checkpoint_to_resume(fingerprint, without) if resume else (None, [])
        barrier()
        if is_main_process():
            if checkpoint is None:
                keep_only(self.checkpoints, ())
            else:
                keep_only(self.checkpoints, {path.name for path in self.checkpoints.iterdir()} - set(ignored))
        barrier()
        return checkpoint

    def _refuse_checkpoints_of_others(self, fingerprint: str) -> None:
        recipes = recipes_of_others(self.checkpoints, fingerprint)
        if recipes:
            recipe, command = differing(
                recipes[-1],
                self.config,
                seed=self.context.seed,
                select_on=self.context.profile.select_on,
                targets=usual_targets(self.context.base),
            )
            raise UnfinishedTrainingError(
                f"{self.checkpoints}: checkpoints of {recipe} stand; give the same, another --name, or --discard "
                "to remove them",
                command=command,
            )

    def _fit_best(self, model: SentenceTransformer, checkpoint: Path | None, fingerprint: str) -> _Fitted:
        """Train to the end, then take the weights of the best evaluation, unless they are the base model's.

        Step 0 counts on validation pairs alone.
        """
        state = self._fit(model, checkpoint, fingerprint).state
        release_memory()  # what the steps freed goes back to the system before a checkpoint is read
        history, best = _history(state.log_history), self._load_best(state, model)
        if not self.on_test and _spearman_at(history, 0) >= _spearman_at(history, best):
            best = 0
        return _Fitted(history, best, state.global_step)

    def _refit(self, model: SentenceTransformer, checkpoint: Path | None, fingerprint: str) -> None:
        """Train until the chosen step and take its weights; step 0 is the base model, and nothing is trained."""
        last = self.phase.n_steps(self.config)
        if not last:
            return
        if checkpoint is None or _step_of(checkpoint) < last:
            self._fit(model, checkpoint, fingerprint)
        elif is_main_process():
            with read_whole(str(checkpoint)):
                self.load_state(model, checkpoint)

    def _fit(self, model: SentenceTransformer, checkpoint: Path | None, fingerprint: str) -> PairTrainer:
        phase, train = self.phase, self.prompts.before(self.phase.train)
        measured = self.phase.measured and self.prompts.before(self.phase.measured)
        n_steps = phase.n_steps(self.config) + phase.later_steps
        self._tell_short_warmup()
        if self.context.device == "cpu":
            use_bit_dropout(model)
        run = f"{self.config.name}{f'-part-{phase.part}' if phase.part else ''}-{fingerprint[:_DIGITS]}"
        with (
            full_precision_pooling(model),
            reported(self.context.report_to, self.context.paths.logs, run) as reporting,
            self.context.reporter.task(f"Training {self.config.name}{phase.name}", n_steps) as advance,
        ):
            trainer = PairTrainer(
                save_model=self.save_model,
                load_state=self.load_state,
                check_root=self.context.lock.check,
                in_root=self.in_its_root,
                fingerprint=phase.fingerprint(fingerprint),
                recipe=self.config.model_dump_json(),
                precision=self.precision,
                model=model,
                args=self._arguments(pair_lengths(model, train), reporting, evaluate_first=checkpoint is None),
                train_dataset=dataset_of(train),
                loss=one_pass_loss(self.config.loss, model),
                evaluator=NoEvaluator() if measured is None else PairEvaluator(measured, self._kept()),
                callbacks=[EvaluationSchedule(self.config, phase, advance), *self.callbacks],
            )
            for callback in (PrinterCallback, ProgressCallback):
                trainer.remove_callback(callback)
            with self._cut_off(trainer):
                trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        return trainer

    def _kept(self) -> NDArray[np.intp] | None:
        """Of which pairs the cosines are kept: of none where the eval pairs choose."""
        return self.phase.sampled if self.phase.part else None

    @property
    def _warmup(self) -> int:
        return self.config.warmup(len(self.phase.train))

    def _tell_short_warmup(self) -> None:
        wanted, steps = self.config.warmup_steps, self.config.steps(len(self.phase.train))
        if self._warmup != wanted:
            self.context.reporter.say(f"{self.config.name}: {short_warmup(wanted, steps, self._warmup)}")

    def _arguments(
        self, lengths: list[int], reporting: Mapping[str, Any], *, evaluate_first: bool
    ) -> SentenceTransformerTrainingArguments:
        config = self.config
        return SentenceTransformerTrainingArguments(
            output_dir=str(self.checkpoints),
            num_train_epochs=config.epochs,
            per_device_train_batch_size=config.batch_size,
            # processes split each batch, so that the batches are the same as in one process
            accelerator_config={"split_batches": world_size() > 1},
            learning_rate=config.learning_rate,
            warmup_steps=self._warmup,
            lr_scheduler_type="linear",
            weight_decay=config.weight_decay,
            max_grad_norm=config.max_grad_norm,
            seed=config.seed,
            data_seed=config.seed,
            eval_on_start=evaluate_first,
            # EvaluationSchedule decides when to save; this strategy makes the library track the best step
            save_strategy="steps",
            save_steps=2**31,
            batch_sampler=partial(LengthGroupedBatchSampler, lengths=lengths),
            metric_for_best_model=None if self.phase.measured is None else "spearman",
            greater_is_better=True,
            **reporting,
            disable_tqdm=True,
            use_cpu=self.context.device == "cpu",
            ddp_backend="gloo" if world_size() > 1 and self.context.device == "cpu" else None,
            dataloader_pin_memory=self.context.device == "cuda",
        )

    def _load_best(self, state: TrainerState, model: SentenceTransformer) -> int:
        best = state.best_global_step
        if not best:
            raise PipelineError("no evaluation of this training gave a Spearman correlation; both labels are needed")
        self.load_state(model, checkpoint_folder(self.checkpoints, best))
        return int(best)

    def _probe_texts(self) -> list[str]:
        texts = list(distinct_texts([self.prompts.before(self.phase.measured or self.phase.train)]))
        return texts[:: max(1, len(texts) // _PROBES)][:_PROBES]

    def _write(self, model: SentenceTransformer, folder: Path, best_step: int, choice: ValidationChoice | None) -> None:
        with written(folder):
            shutil.rmtree(folder, ignore_errors=True)
            self.save_model(model, folder)
            unsaid = self.prompts == prompts_of(Path(self.context.base.source), USE_ANOTHER) == NO_PROMPTS
            write_model_card(
                folder,
                self.config,
                self.context.base,
                best_step,
                choice,
                warmup=self._warmup,
                words=self.train_pairs.words,
                prompts=None if unsaid else self.prompts,
            )

    def _prove_saved(
        self, folder: Path, probe: NDArray[np.float32], base_probe: NDArray[np.float32]
    ) -> SavedModelCheck:
        """Load the saved folder as a later stage does, and compare its embeddings with the trained model's."""
        with loaded_model(self.context.base, self.context.device, folder) as model:
            found = encode_texts(model, self._probe_texts())
            del model
        check = SavedModelCheck(
            max_abs_difference_to_trained=float(np.abs(found - probe).max()),
            max_abs_difference_to_base=float(np.abs(found - base_probe).max()),
            n_texts=len(found),
        )
        if prompts_of(folder, TRAIN_AGAIN) != self.prompts:
            raise ModelError(f"{self.config.name}: loaded again, the saved model has other prompts; do not use it")
        if check.max_abs_difference_to_trained > SAVED_TOLERANCE:
            raise ModelError(
                f"{self.config.name}: loaded again, the saved model differs from the trained one by "
                f"{check.max_abs_difference_to_trained:.2g}; do not use it"
            )
        return check

    def _checkpoint_to_resume(self, fingerprint: str, without: Collection[str]) -> tuple[Path | None, list[str]]:
        """The newest complete checkpoint of the same training, or None; and the names of those that were ignored."""
        name, say = self.config.name, self.context.reporter.say
        newest, ignored = newest_complete(
            self.checkpoints, self.phase.fingerprint(fingerprint), {*without, *without_state(self.checkpoints)}
        )
        if ignored:
            say(f"{name}: ignored {', '.join(ignored)}: incomplete, damaged or of another recipe or data")
        if newest is None and (self.choosing is not None or self.phase.part == 1):
            say(f"{name}: no checkpoint of this recipe and data; starting afresh")
        return newest, ignored

    @contextmanager
    def _cut_off(self, trainer: PairTrainer) -> Iterator[None]:
        """On any end of the training, keep complete checkpoints and remove incomplete ones."""
        try:
            yield
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            step = trainer.state.global_step + 1
            raise PipelineError(f"out of memory at batch {step}; use a smaller --batch-size") from None
        finally:
            if not self.context.lock.lost():
                remove_unsealed(self.checkpoints)

    @contextmanager
    def in_its_root(self, checkpoint: Path) -> Iterator[None]:
        """Write a checkpoint only below the locked root; if the root was replaced meanwhile, remove the checkpoint.

        Raises:
            PipelineError: The root was removed or replaced.
        """
        self.context.lock.check()
        try:
            yield
        finally:
            if self.context.lock.lost():
                shutil.rmtree(checkpoint, ignore_errors=True)
                with suppress(OSError):
                    self.checkpoints.rmdir()
            self.context.lock.check()


def _step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def dataset_of(pairs: PairSet) -> Dataset:
    """Pairs as a dataset of exactly three columns; the library would take a further text column as a third sentence."""
    return Dataset.from_dict(
        {"sentence1": pairs.text_1, "sentence2": pairs.text_2, "label": pairs.targets.astype(np.float32)}
    )


def _count_parameters(model: SentenceTransformer) -> tuple[int, int]:
    with full_embedding(network_of(model[0])):
        sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return sum(n for n, trainable in sizes if trainable), sum(n for n, _ in sizes)


def _history(log_history: list[dict[str, Any]]) -> tuple[TrainingPoint, ...]:
    return tuple(
        TrainingPoint(
            step=entry["step"],
            epoch=round(entry["epoch"], 6),
            train_loss=entry["train_loss"],
            spearman=_defined(entry["eval_spearman"]),
            auc_roc=_defined(entry["eval_auc_roc"]),
            learning_rate=entry["learning_rate"],
        )
        for entry in log_history
        if "eval_spearman" in entry
    )


def _spearman_at(history: Sequence[TrainingPoint], step: int) -> float:
    """Spearman of the evaluation at a step; below all others where it is not defined."""
    found = next(point.spearman for point in history if point.step == step)
    return -math.inf if found is None else found


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value
