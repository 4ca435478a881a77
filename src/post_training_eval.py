"""Stage `evaluate`: embed with a trained model and evaluate it exactly as the baseline was."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .baseline_analysis import baseline_embeddings, baseline_stage, evaluation_environment, read_evaluation
from .core.errors import UserInputError
from .core.paths import artifact_name, checked_name
from .embedding_stage import embedding_stage
from .evaluation.evaluate import EvaluationInputs, evaluate_embeddings
from .evaluation.selection_optimism import checkpoint_selection
from .storage.files import fingerprint, write_json
from .training_stage import known_trainings, not_trained, read_training, training_stage
from .workflow.code_version import code_version
from .workflow.stage import Stage

if TYPE_CHECKING:
    from .core.paths import ProjectPaths
    from .models import Evaluation, TrainingInfo
    from .workflow.context import RunContext


def evaluation_command(name: str) -> str:
    """The command that evaluates a training."""
    return f"evaluate --name {name}"


def evaluation_stage(context: RunContext, name: str, *, verify: bool = True) -> Stage[Evaluation]:
    """The evaluation of one trained model.

    Args:
        context: The run.
        name: The training's name.
        verify: Hash its files, and those that it was made from, instead of looking at their sizes only.
    """
    artifact, command, stage = artifact_name(name), evaluation_command(name), f"evaluate-{name}"
    embeddings = embedding_stage(context, artifact, command, verify=verify)
    baseline, training = baseline_stage(context, verify=verify), training_stage(context, name)

    def inputs() -> dict[str, str]:
        return evaluation_inputs(context, read_training(context, name, verify=verify), baseline.require())

    def make(paths: ProjectPaths, made_from: str) -> None:
        started = time.monotonic()
        trained = training.read()
        vectors = embedding_stage(context, artifact, command, trained).ensure()
        context.reporter.say(f"Evaluating {artifact}: metrics, intervals, map")
        evaluation = evaluate_embeddings(
            EvaluationInputs(
                model=artifact,
                pairs=context.pair_sets,
                embeddings=vectors,
                overlap=context.overlap,
                base_sha256=context.base.sha256,
                seed=context.seed,
                provenance=lambda: context.provenance(made_from, started, device=context.device),
                baseline=baseline.read(),
                baseline_embeddings=baseline_embeddings(context).read(),
                selection=checkpoint_selection(trained),
                calibration=trained.choice.calibration if trained.choice else None,
                threshold=trained.choice.threshold if trained.choice else None,
            )
        )
        write_json(paths.metrics(artifact), evaluation)

    return Stage(
        context=context,
        name=stage,
        command=command,
        inputs=inputs,
        make=make,
        load=lambda: read_evaluation(context, stage, artifact, embeddings),
        required_files=lambda: [context.paths.embeddings(artifact, split) for split in context.pair_sets],
        on_other_ranks=lambda _: embedding_stage(context, artifact, command, training.read()).ensure(),
        verify=verify,
    )


def evaluation_inputs(context: RunContext, training: TrainingInfo, baseline: Evaluation) -> dict[str, str]:
    """Everything that the evaluation of a training is made from."""
    return {
        **evaluation_environment(context),
        "base": context.base_fingerprint,
        "weights": training.weights_sha256,
        "selection": _how_chosen(training),
        "baseline": baseline.provenance.fingerprint,
        "code": code_version("post_training_eval"),
    }


def _how_chosen(training: TrainingInfo) -> str:
    """Hash of how the checkpoint was chosen: other evaluations during the training can end with the same weights."""
    known = training.model_dump_json(include={"history", "choice"})
    return fingerprint({"how the checkpoint was chosen": known})


def names_to_evaluate(context: RunContext, mode: str | None, name: str | None) -> list[str]:
    """The trainings that `evaluate` was asked for.

    Raises:
        UserInputError: Both a mode and a name were given.
        MissingStageError: There is no such training.
    """
    if mode is not None and name is not None:
        raise UserInputError("give --mode or --name, not both; leave one out")
    names = known_trainings(context)
    wanted = checked_name(name) if name is not None else (None if mode in (None, "all") else mode)
    if not names or wanted not in (None, *names):
        raise not_trained(context, wanted)
    return names if wanted is None else [wanted]
