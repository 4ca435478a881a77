"""Stage `compare`: every evaluated model against the baseline, on the same pairs."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from .audit.checks import audit
from .audit.shallow_baselines import best_baseline, shallow_baselines
from .audit.shortcuts import shortcut_findings
from .baseline_analysis import COMMAND as BASELINE_COMMAND
from .baseline_analysis import read_baseline
from .core.errors import MissingStageError
from .core.paths import BASELINE, artifact_name
from .data_loader import data_file
from .embedding_stage import read_embeddings
from .evaluation.bootstrap import bootstrap_differences
from .evaluation.intervals import delong_difference
from .metrics import cosine_similarities
from .models import ComparisonResult, ModelSummary
from .post_training_eval import evaluate_command, read_evaluation
from .report.markdown import summary_markdown
from .storage.files import fingerprint, read_json, write_json, write_text
from .training_stage import known_trainings, not_trained, read_training
from .verdict.judge import judge
from .verdict.targets import judge_targets
from .workflow.code_version import code_version
from .workflow.stage import ensure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from .audit.shallow_baselines import ScoredBaseline
    from .core.paths import ProjectPaths
    from .models import Evaluation, PairedDifference, PairSet, TrainingInfo
    from .workflow.context import RunContext

STAGE = "compare"
COMMAND = "python -m src.cli compare"


def comparison_inputs(context: RunContext, evaluations: Mapping[str, Evaluation]) -> dict[str, str]:
    """Everything that the comparison is made from."""
    return {
        **context.data_hashes,
        "models": ", ".join(evaluations),  # a training that was removed is a change too
        **{f"evaluation of {name}": e.provenance.fingerprint for name, e in evaluations.items()},
        "seed": str(context.seed),
        "code": code_version("comparison"),
    }


def read_evaluations(context: RunContext, *, verify: bool = True) -> dict[str, Evaluation]:
    """The baseline and every training's evaluation, by artifact name, the baseline first.

    Args:
        context: The run.
        verify: Hash their files instead of looking at their sizes only.

    Raises:
        MissingStageError: Nothing was trained, or stages were not run or are stale; each with its command.
    """
    names = known_trainings(context)
    reads = {artifact_name(name): partial(read_evaluation, context, name, verify=verify) for name in names}
    found, missing = dict[str, "Evaluation"](), dict[str, None]()
    for name, read in {BASELINE: partial(read_baseline, context, verify=verify), **reads}.items():
        try:
            found[name] = read()
        except MissingStageError as error:
            missing[str(error)] = None
    if not names:
        missing[str(not_trained(context))] = None
    if missing:
        raise MissingStageError("; ".join(missing))
    return found


def run_comparison(context: RunContext) -> ComparisonResult:
    """Compare all evaluated models and write result, charts, report and summary, unless they still stand.

    Raises:
        MissingStageError: An earlier stage is missing or stale.
    """
    with context.writing():
        evaluations = read_evaluations(context)
        inputs = comparison_inputs(context, evaluations)
        ensure(
            context,
            STAGE,
            COMMAND,
            {**inputs, **context.shown_inputs},
            lambda _, paths: _make(context, evaluations, fingerprint(inputs), paths),
        )
        return read_json(context.paths.comparison_result, ComparisonResult, COMMAND)


def _make(context: RunContext, evaluations: Mapping[str, Evaluation], made_from: str, paths: ProjectPaths) -> None:
    started = time.monotonic()
    pairs = context.pair_sets["eval"]
    context.reporter.say("Comparing: paired intervals, shallow baselines, verdict")
    names = {artifact_name(name): name for name in known_trainings(context)}
    commands = {BASELINE: BASELINE_COMMAND} | {artifact: evaluate_command(name) for artifact, name in names.items()}
    scores = {artifact: _eval_scores(context, artifact, commands[artifact]) for artifact in evaluations}
    trainings = {artifact: read_training(context, name) for artifact, name in names.items()}
    result = compare(
        context,
        evaluations=evaluations,
        trainings=trainings,
        scores=scores,
        fingerprint=made_from,
        started=started,
    )
    from .charts.png import save_charts  # noqa: PLC0415 - plotting libraries, not before all was read
    from .charts.print_parts import comparison_charts  # noqa: PLC0415
    from .report.pages import comparison_page  # noqa: PLC0415

    context.reporter.say("Drawing the charts and the report")
    write_json(paths.comparison_result, result)
    save_charts(paths.comparison_charts, comparison_charts(result, pairs))
    write_text(
        paths.comparison_report, comparison_page(result, pairs, scores, seed=context.seed, redact=context.redact)
    )
    write_text(paths.summary, summary_markdown(result))


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
    shallow = shallow_baselines(sets["train"], sets["eval"], sets.get("challenge"))
    found = (
        *audit(sets["train"], sets["eval"], sets.get("challenge")),
        *shortcut_findings(baseline.result for baseline in shallow),
    )
    best = best_baseline(shallow)
    against = {} if best is None else _against_baseline(best, sets["eval"], scores)
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
        eval_data=data_file(sets["eval"]),
        provenance=context.provenance(fingerprint, started),
    )


def _eval_scores(context: RunContext, artifact: str, command: str) -> NDArray[np.float64]:
    return cosine_similarities(read_embeddings(context, artifact, command)["eval"])


def _differences(
    context: RunContext, name: str, evaluations: Mapping[str, Evaluation], scores: Mapping[str, NDArray[np.float64]]
) -> tuple[PairedDifference, ...]:
    return bootstrap_differences(
        scores[name],
        scores[BASELINE],
        context.pair_sets["eval"].labels,
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
