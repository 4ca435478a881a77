"""Stage `compare`: every evaluated model against the baseline, on the same pairs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .audit.checks import audit
from .audit.close_embeddings import close_copies
from .audit.framework import AuditFile, FilePair
from .audit.shallow_baselines import best_baseline, shallow_baselines
from .audit.shortcuts import shortcut_findings
from .baseline_analysis import baseline_embeddings, baseline_stage
from .core.errors import ArtifactError, MissingStageError
from .core.paths import BASELINE, artifact_name
from .data_loader import data_file
from .embedding_stage import embedding_stage
from .evaluation.bootstrap import bootstrap_differences
from .evaluation.intervals import delong_difference
from .metrics import cosine_similarities
from .models import ComparisonResult, ModelSummary, Split
from .post_training_eval import evaluation_command, evaluation_stage
from .storage.files import write_json
from .training_stage import known_trainings, not_trained, training_stage
from .verdict.judge import judge
from .verdict.targets import judge_targets
from .workflow.code_version import code_version
from .workflow.environment import NUMBERS, versions
from .workflow.stage import Stage, read_result, refuse_other_data

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from .audit.shallow_baselines import ScoredBaseline
    from .core.paths import ProjectPaths
    from .models import AuditFinding, Evaluation, PairedDifference, PairSet, TrainingInfo
    from .workflow.context import RunContext

COMMAND = "compare"


def comparison_stage(context: RunContext, *, verify: bool = True) -> Stage[ComparisonResult]:
    """The comparison of all evaluated models with the baseline.

    Args:
        context: The run.
        verify: Hash its files, and those that it was made from, instead of looking at their sizes only.
    """

    def make(paths: ProjectPaths, fingerprint: str) -> None:
        started = time.monotonic()
        context.reporter.say("Comparing: paired intervals, shallow baselines, verdict")
        names = {artifact_name(name): name for name in known_trainings(context)}
        result = compare(
            context,
            evaluations={model: stage.read() for model, stage in evaluation_stages(context).items()},
            trainings={artifact: training_stage(context, name).read() for artifact, name in names.items()},
            scores=eval_cosines(context),
            fingerprint=fingerprint,
            started=started,
        )
        write_json(paths.comparison_result, result)

    return Stage(
        context=context,
        name=COMMAND,
        command=COMMAND,
        inputs=lambda: comparison_inputs(context, read_evaluations(context, verify=verify)),
        make=make,
        load=lambda: _load(context),
        verify=verify,
    )


def _load(context: RunContext) -> ComparisonResult:
    """The comparison of the models that there are.

    Raises:
        ArtifactError: The file is damaged, or belongs to other models or to other data.
    """
    path = context.paths.comparison_result
    result = read_result(context.paths, COMMAND, path, ComparisonResult)
    wanted = [(BASELINE, None), *((artifact_name(name), name) for name in known_trainings(context))]
    if [(model.name, model.training and model.training.config.name) for model in result.models] != wanted:
        raise ArtifactError(f"{path}: damaged, its models are not those of this run")
    for evaluation in (model.evaluation for model in result.models):
        refuse_other_data(context, path, evaluation.train_data, evaluation.eval_data, evaluation.challenge_data)
    refuse_other_data(context, path, result.models[0].evaluation.train_data, result.eval_data)
    return result


def comparison_inputs(context: RunContext, evaluations: Mapping[str, Evaluation]) -> dict[str, str]:
    """Everything that the comparison is made from."""
    return {
        **context.data_hashes,
        "models": ", ".join(evaluations),  # a training that was removed is a change too
        **{f"evaluation of {name}": e.provenance.fingerprint for name, e in evaluations.items()},
        "seed": str(context.seed),
        "packages": versions(*NUMBERS),
        "code": code_version("comparison"),
    }


def evaluation_stages(context: RunContext, *, verify: bool = True) -> dict[str, Stage[Evaluation]]:
    """The stages that evaluate the baseline and every training, by artifact name, the baseline first."""
    trained = {artifact_name(name): evaluation_stage(context, name, verify=verify) for name in known_trainings(context)}
    return {BASELINE: baseline_stage(context, verify=verify), **trained}


def read_evaluations(context: RunContext, *, verify: bool = True) -> dict[str, Evaluation]:
    """The evaluations of all models, by artifact name, the baseline first.

    Args:
        context: The run.
        verify: Hash their files instead of looking at their sizes only.

    Raises:
        MissingStageError: Nothing was trained, or stages were not run or are stale; each is a cause.
    """
    found, missing = dict[str, "Evaluation"](), dict[str, MissingStageError]()
    for name, stage in evaluation_stages(context, verify=verify).items():
        try:
            found[name] = stage.require()
        except MissingStageError as error:
            missing[str(error)] = error
    if not known_trainings(context):
        missing["trainings"] = not_trained(context)
    if missing:
        raise MissingStageError(causes=tuple(missing.values()))
    return found


def eval_cosines(context: RunContext) -> dict[str, NDArray[np.float64]]:
    """Cosines (N,) of the eval pairs by artifact name, the baseline first."""
    stages = {
        BASELINE: baseline_embeddings(context),
        **{
            artifact_name(name): embedding_stage(context, artifact_name(name), evaluation_command(name))
            for name in known_trainings(context)
        },
    }
    return {artifact: cosine_similarities(stage.read()[Split.TEST]) for artifact, stage in stages.items()}


def compare(
    context: RunContext,
    *,
    evaluations: Mapping[str, Evaluation],
    trainings: Mapping[str, TrainingInfo],
    scores: Mapping[str, NDArray[np.float64]],
    fingerprint: str,
    started: float,
) -> ComparisonResult:
    """Put the comparison together; a fourth model is one more entry of the mappings.

    Args:
        context: The run.
        evaluations: Artifact name to evaluation, the baseline first.
        trainings: Artifact name to training, the baseline absent.
        scores: Artifact name to the cosines of the eval pairs, shape (N,).
        fingerprint: Hash of what goes in.
        started: `time.monotonic()` at the start.
    """
    sets = context.pair_sets
    shallow = shallow_baselines(sets[Split.TRAIN], sets[Split.TEST], sets.get(Split.CHALLENGE))
    found = (
        *audit(sets[Split.TRAIN], sets[Split.TEST], sets.get(Split.CHALLENGE)),
        *shortcut_findings(baseline.result for baseline in shallow),
        _close_copies(context),
    )
    best = best_baseline(shallow)
    against = {} if best is None else _against_baseline(best, sets[Split.TEST], scores)
    models = [
        ModelSummary(
            name=name,
            evaluation=evaluation,
            differences=() if name == BASELINE else _differences(context, name, evaluations, scores),
            against_trivial=against.get(name),
            training=trainings.get(name),
        )
        for name, evaluation in evaluations.items()
    ]
    return ComparisonResult(
        verdict=judge(models, None if best is None else best.result, found),
        models=tuple(models),
        trivial_baselines=tuple(baseline.result for baseline in shallow),
        hypotheses=judge_targets(models[0].evaluation, [model.evaluation for model in models[1:]]),
        audit=found,
        eval_data=data_file(sets[Split.TEST]),
        provenance=context.provenance(fingerprint, started),
    )


def _close_copies(context: RunContext) -> AuditFinding:
    """What the base model's embeddings say of eval beside train."""
    files = {split: AuditFile(split, context.pair_sets[split]) for split in (Split.TRAIN, Split.TEST)}
    embeddings = baseline_embeddings(context).read()
    return close_copies(FilePair(*files.values()), embeddings[Split.TEST], embeddings[Split.TRAIN])


def _differences(
    context: RunContext, name: str, evaluations: Mapping[str, Evaluation], scores: Mapping[str, NDArray[np.float64]]
) -> tuple[PairedDifference, ...]:
    return bootstrap_differences(
        scores[name],
        scores[BASELINE],
        context.pair_sets[Split.TEST].labels,
        threshold=_threshold(evaluations[name]),
        base_threshold=_threshold(evaluations[BASELINE]),
        seed=context.seed,
        model=name,
    )


def _threshold(evaluation: Evaluation) -> float | None:
    return evaluation.operating_point.threshold if evaluation.operating_point else None


def _against_baseline(
    best: ScoredBaseline, pairs: PairSet, scores: Mapping[str, NDArray[np.float64]]
) -> dict[str, PairedDifference]:
    """Paired difference of each trained model's AUC to that of the best shallow baseline, by model."""
    return {
        name: delong_difference(scores[name], best.scores, pairs.labels, name, best.result.name)
        for name in scores
        if name != BASELINE
    }
