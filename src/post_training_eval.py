"""Stage `evaluate`: embed with a trained model and evaluate it exactly as the baseline was."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .baseline_analysis import read_baseline
from .core.errors import UserInputError
from .core.paths import BASELINE, artifact_name, checked_name
from .embedding_stage import cached_embeddings, read_embeddings
from .evaluation.evaluate import EvaluationInputs, evaluate_embeddings
from .models import Evaluation
from .storage.files import read_json, write_json
from .training_stage import known_trainings, not_trained, read_training
from .workflow.code_version import code_version
from .workflow.stage import ensure, require_fresh, stage_status

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .core.paths import ProjectPaths
    from .models import TrainingInfo
    from .workflow.context import RunContext


def evaluate_command(name: str) -> str:
    """The command that evaluates a training."""
    return f"python -m src.cli evaluate --name {name}"


def evaluation_inputs(context: RunContext, training: TrainingInfo, baseline: Evaluation) -> dict[str, str]:
    """Everything that the evaluation of a training is made from."""
    return {
        **context.data_hashes,
        "base": context.base_fingerprint,
        "weights": training.weights_sha256,
        "baseline": baseline.provenance.fingerprint,
        "seed": str(context.seed),
        "code": code_version("post_training_eval"),
    }


def run_evaluation(context: RunContext, name: str) -> Evaluation:
    """Evaluate one trained model, unless its metrics still stand.

    Raises:
        MissingStageError: The baseline or the training is missing or stale.
    """
    with context.writing():
        baseline, training = read_baseline(context), read_training(context, name)
        ensure(
            context,
            _stage(name),
            evaluate_command(name),
            evaluation_inputs(context, training, baseline),
            lambda fingerprint, paths: _make(context, name, training, baseline, fingerprint=fingerprint, paths=paths),
            also=[context.paths.embeddings(artifact_name(name), split) for split in context.pair_sets],
            assist=lambda _: _embed(context, name, training),
        )
        return _read(context, name)


def read_evaluation(context: RunContext, name: str, *, verify: bool = True) -> Evaluation:
    """The evaluation of a training that a later stage builds on.

    Args:
        context: The run.
        name: The training's name.
        verify: Hash its files, and those that it was made from, instead of looking at their sizes only.

    Raises:
        MissingStageError: It was not run, or something that it was made from changed since.
    """
    training, baseline = read_training(context, name, verify=verify), read_baseline(context, verify=verify)
    inputs = evaluation_inputs(context, training, baseline)
    require_fresh(stage_status(context.paths, _stage(name), inputs, evaluate_command(name), verify=verify))
    return _read(context, name)


def _stage(name: str) -> str:
    return f"evaluate-{name}"


def _read(context: RunContext, name: str) -> Evaluation:
    return read_json(context.paths.metrics(artifact_name(name)), Evaluation, evaluate_command(name))


def _embed(context: RunContext, name: str, training: TrainingInfo) -> dict[str, NDArray[np.float32]]:
    folder, command = context.paths.model(name), evaluate_command(name)
    return cached_embeddings(context, artifact_name(name), command, folder, training.weights_sha256)


def _make(
    context: RunContext,
    name: str,
    training: TrainingInfo,
    baseline: Evaluation,
    *,
    fingerprint: str,
    paths: ProjectPaths,
) -> None:
    started = time.monotonic()
    artifact, embeddings = artifact_name(name), _embed(context, name, training)
    context.reporter.say(f"Evaluating {artifact}: metrics, intervals, map")
    evaluation = evaluate_embeddings(
        EvaluationInputs(
            model=artifact,
            pairs=context.pair_sets,
            embeddings=embeddings,
            overlap=context.overlap,
            base_sha256=context.base.sha256,
            seed=context.seed,
            provenance=lambda: context.provenance(fingerprint, started, device=context.device),
            baseline=baseline,
            baseline_embeddings=read_embeddings(context, BASELINE, "python -m src.cli baseline"),
        )
    )
    write_json(paths.metrics(artifact), evaluation)


def names_to_evaluate(context: RunContext, mode: str | None, name: str | None) -> list[str]:
    """The trainings that `evaluate` was asked for.

    Raises:
        UserInputError: Both a mode and a name were given.
        MissingStageError: There is no such training.
    """
    if mode is not None and name is not None:
        raise UserInputError("give --mode or --name, not both; leave one out")
    names = known_trainings(context)
    wanted = checked_name(name) if name else (None if mode in (None, "all") else mode)
    if not names or wanted not in (None, *names):
        raise not_trained(context, wanted)
    return names if wanted is None else [wanted]
