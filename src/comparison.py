"""Stage `compare`: every evaluated model against the base model or another reference, on the same pairs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .audit.checks import audit
from .audit.close_embeddings import close_copies
from .audit.framework import AuditFile, FilePair
from .audit.shallow_baselines import best_baseline, shallow_baselines
from .audit.shortcuts import shortcut_findings
from .baseline_analysis import baseline_embeddings, baseline_stage
from .core.errors import ArtifactError, MissingStageError
from .core.paths import BASELINE, CHALLENGE, artifact_name
from .data_loader import data_file
from .embedding_stage import embedding_stage
from .evaluation.cost_threshold import cost_thresholds
from .evaluation.estimates import differences, estimates, ranking_difference, ranking_metric, scored, why_no_interval
from .evaluation.exploratory import explored
from .evaluation.over_seeds import SeedScores, recipe_differences, recipe_seeds
from .evaluation.variance import Sample
from .metrics import cosine_similarities
from .models import (
    ClusteredIntervals,
    ComparisonResult,
    GuardDifference,
    ModelSummary,
    PairedDifference,
    SeedsResult,
    SliceDifference,
    Split,
)
from .other_pairs_stage import guard_scores
from .post_training_eval import evaluation_command, evaluation_stage, model_stage, seed_scores, seeds_inputs
from .storage.files import write_json
from .training_stage import known_recipes, known_seeds, not_trained, training_stage
from .verdict.evidence import candidate_name, reference_name
from .verdict.judge import judge
from .verdict.slices import CLEANED, large_slices, refuse_unknown_slices, slices_of
from .verdict.targets import judge_targets
from .workflow.code_version import code_version
from .workflow.environment import NUMBERS, versions
from .workflow.stage import Stage, read_result, refuse_other_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .audit.shallow_baselines import ScoredBaseline
    from .core.paths import ProjectPaths
    from .data.guards import Guard
    from .embedding_stage import ModelSource
    from .evaluation.metric_registry import Scored
    from .models import (
        AuditFinding,
        Evaluation,
        ExploratorySlices,
        TrainingInfo,
    )
    from .workflow.context import RunContext

    Scores = Mapping[str, NDArray[np.float64]]  # artifact name to (N,) cosines

COMMAND = "compare"


def comparison_stage(
    context: RunContext, names: Sequence[str] | None = None, *, verify: bool = True
) -> Stage[ComparisonResult]:
    """The comparison of evaluated models with the base model, or with another reference.

    Args:
        context: The run.
        names: Names of the models; None for all trainings and all judged models.
        verify: Hash its files, and those that it was made from, instead of looking at their sizes only.
    """

    def make(paths: ProjectPaths, fingerprint: str) -> None:
        started = time.monotonic()
        wanted = _wanted(context, names)
        check_rules(context, wanted)
        context.reporter.say("Comparing: paired intervals, shallow baselines, decision")
        trained = {artifact_name(name): name for name in wanted if name not in context.judged}
        result = compare(
            context,
            evaluations={model: stage.read() for model, stage in evaluation_stages(context, wanted).items()},
            trainings={artifact: training_stage(context, name).read() for artifact, name in trained.items()},
            scores={split: pair_cosines(context, split, wanted) for split in _measured_splits(context)},
            guards=guard_scores(context, compared_models(context, wanted)),
            fingerprint=fingerprint,
            started=started,
        )
        write_json(paths.comparison_result, result)

    return Stage(
        context=context,
        name=COMMAND,
        command=COMMAND,
        inputs=lambda: comparison_inputs(context, read_evaluations(context, names, verify=verify)),
        make=make,
        load=lambda: _load(context, _wanted(context, names)),
        verify=verify,
    )


def compared_models(context: RunContext, names: Sequence[str] | None = None) -> dict[str, ModelSource | None]:
    """What is known of each compared model, by artifact name, the base model first, of which that is None.

    Args:
        context: The run.
        names: Names of the models; None for all trainings and all judged models.
    """
    models = {artifact_name(name): model_stage(context, name).read() for name in _wanted(context, names)}
    return {BASELINE: None, **models}


def known_models(context: RunContext) -> list[str]:
    """Names of all models that can be compared: the trainings first, then those that were trained elsewhere."""
    return [*known_recipes(context), *context.judged]


def _wanted(context: RunContext, names: Sequence[str] | None) -> Sequence[str]:
    return known_models(context) if names is None else names


def _load(context: RunContext, names: Sequence[str]) -> ComparisonResult:
    """The comparison of the models that there are.

    Raises:
        ArtifactError: The file is damaged, or belongs to other models or to other data.
    """
    path = context.paths.comparison_result
    result = read_result(context.paths, COMMAND, path, ComparisonResult)
    wanted = [(BASELINE, None), *((artifact_name(name), name) for name in names)]
    if [(model.name, _own_name(model)) for model in result.models] != wanted:
        raise ArtifactError(f"{path}: damaged, its models are not those of this run")
    for evaluation in (model.evaluation for model in result.models):
        refuse_other_data(context, path, evaluation.data_files)
    refuse_other_data(context, path, {Split.TEST: result.eval_data})
    return result


def _own_name(model: ModelSummary) -> str | None:
    """What a model of a comparison was called where it was made; None for the base model."""
    known = model.training.config if model.training else model.evaluation.judged
    return known.name if known else None


def comparison_inputs(context: RunContext, evaluations: Mapping[str, Evaluation]) -> dict[str, str]:
    """Everything that the comparison is made from."""
    return {
        **context.data_hashes,
        **context.validation_hash,
        "models": ", ".join(evaluations),  # a training that was removed is a change too
        "decision": context.rules.model_dump_json(),
        "costs": context.costs.model_dump_json(),
        "clusters": context.cluster_column or "none",
        **seeds_inputs(context),
        "guards": ", ".join(f"{guard.name} {guard.pairs.content_sha256}" for guard in context.guards) or "none",
        **{f"evaluation of {name}": e.provenance.fingerprint for name, e in evaluations.items()},
        "seed": str(context.seed),
        "packages": versions(*NUMBERS),
        "code": code_version("comparison"),
    }


def evaluation_stages(
    context: RunContext, names: Sequence[str] | None = None, *, verify: bool = True
) -> dict[str, Stage[Evaluation]]:
    """The stages that evaluate the baseline and every other model, by artifact name, the baseline first."""
    wanted = _wanted(context, names)
    others = {artifact_name(name): evaluation_stage(context, name, verify=verify) for name in wanted}
    return {BASELINE: baseline_stage(context, verify=verify), **others}


def read_evaluations(
    context: RunContext, names: Sequence[str] | None = None, *, verify: bool = True
) -> dict[str, Evaluation]:
    """The evaluations of models, by artifact name, the baseline first.

    Args:
        context: The run.
        names: Names of the models; None for all trainings and all judged models.
        verify: Hash their files instead of looking at their sizes only.

    Raises:
        MissingStageError: Nothing was trained, or stages were not run or are stale; each is a cause.
    """
    found, missing = dict[str, "Evaluation"](), dict[str, MissingStageError]()
    for name, stage in evaluation_stages(context, names, verify=verify).items():
        try:
            found[name] = stage.require()
        except MissingStageError as error:
            missing[str(error)] = error
    if not _wanted(context, names):
        missing["trainings"] = not_trained(context)
    if missing:
        raise MissingStageError(causes=tuple(missing.values()))
    return found


def check_rules(context: RunContext, names: Sequence[str]) -> None:
    """Refuse a candidate, a reference, a slice, a guard or a column that is not there, before anything is measured.

    Args:
        context: The run, with its rules.
        names: Names of the models that there are, or will be.

    Raises:
        DataFileError: A guard cannot be used.
        UserInputError: There is no such model, slice or column, or it is not clear which model is meant.
    """
    _ = context.cluster_column
    candidate_name(context.rules.candidate, names, reference_name(context.rules.against, names))
    guards = [guard.name for guard in context.guards]
    if context.rules.must_hold:
        columns = context.pair_sets[Split.TEST].slices
        known = [f"{column}={value}" for column, values in columns.items() for value in sorted(set(values))]
        refuse_unknown_slices(context.rules.must_hold, dict.fromkeys([*known, *guards]))


def pair_cosines(
    context: RunContext, split: Split, names: Sequence[str] | None = None
) -> dict[str, NDArray[np.float64]]:
    """Cosines (N,) of the pairs of a split by artifact name, the baseline first; `names` is that of the stage."""
    stages = {
        BASELINE: baseline_embeddings(context),
        **{
            artifact_name(name): embedding_stage(context, artifact_name(name), evaluation_command(context, name))
            for name in _wanted(context, names)
        },
    }
    return {artifact: cosine_similarities(stage.read()[split]) for artifact, stage in stages.items()}


def _measured_splits(context: RunContext) -> list[Split]:
    return [split for split in (Split.TEST, Split.CHALLENGE) if split in context.pair_sets]


def compare(
    context: RunContext,
    *,
    evaluations: Mapping[str, Evaluation],
    trainings: Mapping[str, TrainingInfo],
    scores: Mapping[Split, Scores],
    fingerprint: str,
    started: float,
    guards: Mapping[str, Scores] = MappingProxyType({}),
) -> ComparisonResult:
    """Put the comparison together; a fourth model is one more entry of the mappings.

    Args:
        context: The run.
        evaluations: Artifact name to evaluation, the baseline first.
        trainings: Artifact name to training; the base model and judged models are absent.
        scores: For eval and for the challenge set, if there is one, artifact name to the cosines of its pairs, (N,).
        fingerprint: Hash of what goes in.
        started: `time.monotonic()` at the start.
        guards: By name of a guard, artifact name to the cosines of its pairs.
    """
    sets, reference = context.pair_sets, _reference(context, evaluations)
    shallow = shallow_baselines(sets[Split.TRAIN], sets[Split.TEST], sets.get(Split.CHALLENGE))
    found = (
        *audit(
            sets[Split.TRAIN],
            sets[Split.TEST],
            sets.get(Split.CHALLENGE),
            context.tokenizer,
            validation=context.validation_pairs,
        ),
        *shortcut_findings((baseline.result for baseline in shallow), sets[Split.TEST].words),
        _close_copies(context),
    )
    best = best_baseline(shallow)
    against = {} if best is None else _against_baseline(best, Sample.of(sets[Split.TEST]), scores[Split.TEST])
    by_slice = _BySlice(_slice_samples(context), scores, best, reference)
    of = _scored(evaluations, scores[Split.TEST], Sample.of(sets[Split.TEST]))
    clustered = _clustered(context, of, reference)
    on_slices = {name: tuple(by_slice.of(name)) for name in evaluations if name != reference}
    challenge = scores.get(Split.CHALLENGE)
    compared: dict[str, dict[str, Any]] = {
        name: {
            "differences": differences(of[name], of[reference], name, reference),
            "slice_differences": found,
            "exploratory": _explored(context, evaluations[name], found, challenge, reference),
            "guards": tuple(guard_differences(context.guards, name, guards, reference)),
        }
        for name, found in on_slices.items()
    }
    models = [
        ModelSummary(
            name=name,
            evaluation=evaluation,
            against_trivial=against.get(name),
            clustered=clustered.get(name),
            training=trainings.get(name),
            **compared.get(name, {}),
        )
        for name, evaluation in evaluations.items()
    ]
    return ComparisonResult(
        verdict=judge(models, found, context.rules),
        models=tuple(models),
        trivial_baselines=tuple(baseline.result for baseline in shallow),
        hypotheses=judge_targets(models[0].evaluation, [model.evaluation for model in models[1:]])
        if context.profile.has_targets
        else (),
        threshold_by_cost=cost_thresholds(
            {name: evaluation.calibration for name, evaluation in evaluations.items()},
            scores[Split.TEST],
            sets[Split.TEST].labels,
            context.costs,
        )
        if sets[Split.TEST].has_labels
        else None,
        seeds=_over_seeds(context, of, challenge, reference),
        audit=found,
        eval_data=data_file(sets[Split.TEST]),
        guard_data=tuple(data_file(guard.pairs) for guard in context.guards if guards.get(guard.name)),
        provenance=context.provenance(fingerprint, started),
    )


def _reference(context: RunContext, evaluations: Mapping[str, Evaluation]) -> str:
    """Artifact name of what every other model is compared with."""
    return reference_name(context.rules.against, [name for name in evaluations if name != BASELINE])


def _scored(evaluations: Mapping[str, Evaluation], scores: Scores, sample: Sample) -> dict[str, Scored]:
    """The eval cosines of each model with its operating threshold, by artifact name."""
    return {name: scored(scores[name], sample, _threshold(evaluation)) for name, evaluation in evaluations.items()}


def _over_seeds(
    context: RunContext, first: Mapping[str, Scored], challenge: Scores | None, reference: str
) -> SeedsResult:
    """What several seeds say of the recipes; `first` are the models of the first seed by artifact name."""
    known = {artifact_name(name): recipes for name, recipes in known_seeds(context).items()}
    known = {name: recipes for name, recipes in known.items() if name in first}
    samples = {Split.TEST: first[reference].sample}
    shown: dict[Split, Mapping[str, Scored]] = {Split.TEST: first}
    if challenge is not None:
        sample = samples[Split.CHALLENGE] = Sample.of(context.pair_sets[Split.CHALLENGE])
        shown[Split.CHALLENGE] = {name: scored(found, sample) for name, found in challenge.items()}

    def of(name: str, split: Split) -> list[Scored]:
        if split not in samples:
            return []
        others = known.get(name, ())[1:]
        return [shown[split][name], *(seed_scores(context, one.name, split, samples[split]) for one in others)]

    found = {
        name: SeedScores(
            [recipe.seed for recipe in known.get(name, ())], of(name, Split.TEST), of(name, Split.CHALLENGE)
        )
        for name in dict.fromkeys([*known, reference])
    }
    return SeedsResult(
        recipes=tuple(
            recipe_seeds(name, found[name], against=None if name == reference else found[reference]) for name in known
        ),
        between=tuple(
            recipe_differences({name: dict(zip(found[name].seeds, found[name].test, strict=True)) for name in known})
        ),
    )


def _explored(
    context: RunContext,
    evaluation: Evaluation,
    on_slices: Sequence[SliceDifference],
    challenge: Scores | None,
    reference: str,
) -> ExploratorySlices:
    """The slices of a model that nobody named beforehand."""
    to_reference = [found for found in on_slices if found.difference.against == reference]
    columns = {
        column: [one for one in to_reference if one.slice.startswith(f"{column}=")]
        for column in context.pair_sets[Split.TEST].slices
    }
    if challenge is not None and any(context.pair_sets[Split.CHALLENGE].subcategory):
        pairs, names = context.pair_sets[Split.CHALLENGE], (evaluation.model, reference)
        ours, others, sample = challenge[evaluation.model], challenge[reference], Sample.of(pairs)
        columns[CHALLENGE] = [
            _difference_on(f"{CHALLENGE}: {group}", ours[rows], others[rows], sample[rows], names)
            for group, rows in large_slices(pairs, {"subcategory": pairs.subcategory}).items()
        ]
    shown = (evaluation.by_category, evaluation.by_pair_type, evaluation.challenge_groups)
    return explored(columns, sum(map(len, shown)))


def _clustered(context: RunContext, first: Mapping[str, Scored], reference: str) -> dict[str, ClusteredIntervals]:
    """Second intervals of each model, clustered by a column, by artifact name; none where the data has no column."""
    pairs, column = context.pair_sets[Split.TEST], context.cluster_column
    if column is None:
        return {}
    sample = first[BASELINE].sample.clustered(pairs.clusters[column])
    of = {name: scores.related_in(sample) for name, scores in first.items()}
    return {
        name: ClusteredIntervals(
            column=column,
            n_clusters=sample.n_clusters,
            effective_clusters=sample.effective_clusters,
            estimates=estimates(of[name]),
            differences=() if name == reference else differences(of[name], of[reference], name, reference),
            reason=why_no_interval(sample),
        )
        for name in of
    }


def guard_differences(
    guards: Sequence[Guard], name: str, scores: Mapping[str, Scores], reference: str
) -> Iterator[GuardDifference]:
    """A model's change on each guard; without numbers where one of both could not be measured.

    Args:
        guards: The pairs.
        name: Artifact name of the model.
        scores: By name of a guard, artifact name to the cosines of its pairs; a guard that is not there is left out.
        reference: Artifact name of what is subtracted.
    """
    for guard in guards:
        if guard.name in scores:
            of, sample = scores[guard.name], Sample.of(guard.pairs)[guard.kept]
            found = (
                _difference_on(guard.name, of[name], of[reference], sample, (name, reference))
                if name in of and reference in of
                else _not_measured(guard.name, sample, (name, reference))
            )
            yield GuardDifference(**dict(found), shipped=guard.shipped)


def _close_copies(context: RunContext) -> AuditFinding:
    """What the base model's embeddings say of eval beside train."""
    files = {split: AuditFile(split, context.pair_sets[split]) for split in (Split.TRAIN, Split.TEST)}
    embeddings = baseline_embeddings(context).read()
    return close_copies(FilePair(*files.values()), embeddings[Split.TEST], embeddings[Split.TRAIN])


def _threshold(evaluation: Evaluation) -> float | None:
    return evaluation.operating_point.threshold if evaluation.operating_point else None


def _against_baseline(best: ScoredBaseline, sample: Sample, scores: Scores) -> dict[str, PairedDifference]:
    """Difference of each trained model's AUC, or Spearman of grades, to the best shallow baseline's, by model."""
    return {
        name: ranking_difference(scores[name], best.scores, sample, name, best.result.name)
        for name in scores
        if name != BASELINE
    }


def _slice_samples(context: RunContext) -> dict[Split, dict[str, tuple[NDArray[np.intp], Sample]]]:
    """By split, the rows and the pairs of each slice that a decision can be about."""
    found = {}
    for split, slices in slices_of(context.pair_sets, context.overlap).items():
        sample = Sample.of(context.pair_sets[split])
        found[split] = {name: (rows, sample[rows]) for name, rows in slices.items()}
    return found


@dataclass(frozen=True, eq=False)
class _BySlice:
    """Differences of AUC, or of Spearman where labels are grades, on the slices that a decision can be about."""

    slices: Mapping[Split, Mapping[str, tuple[NDArray[np.intp], Sample]]]  # by split and name of a slice
    scores: Mapping[Split, Scores]
    best: ScoredBaseline | None
    reference: str  # artifact name

    def of(self, name: str) -> Iterator[SliceDifference]:
        """A model's AUC minus the reference's on each slice, and minus the shallow baseline's on the cleaned ones."""
        for split, named in self.slices.items():
            scores = self.scores[split]
            for slice_ in named:
                yield self._difference(split, slice_, scores[name], scores[self.reference], (name, self.reference))
                if self.best is not None and slice_ in CLEANED:
                    against = (name, self.best.result.name)
                    yield self._difference(split, slice_, scores[name], self.best.scores, against)

    def _difference(
        self,
        split: Split,
        slice_: str,
        ours: NDArray[np.float64],
        others: NDArray[np.float64],
        names: tuple[str, str],
    ) -> SliceDifference:
        rows, sample = self.slices[split][slice_]
        return _difference_on(slice_, ours[rows], others[rows], sample, names)


def _difference_on(
    slice_: str, ours: NDArray[np.float64], others: NDArray[np.float64], sample: Sample, names: tuple[str, str]
) -> SliceDifference:
    """The difference of AUC on the pairs of a slice, or of Spearman where labels are grades.

    Args:
        slice_: Its name.
        ours: (N,) cosines of its pairs.
        others: (N,) scores to compare with.
        sample: Its N pairs.
        names: Of the model, and of what is subtracted.
    """
    return SliceDifference(
        slice=slice_,
        n=sample.labels.size,
        n_compatible=sample.n_positive,
        **_sides(ours, others, sample),
        difference=ranking_difference(ours, others, sample, *names),
    )


def _not_measured(slice_: str, sample: Sample, names: tuple[str, str]) -> SliceDifference:
    return SliceDifference(
        slice=slice_,
        n=sample.labels.size,
        n_compatible=sample.n_positive,
        auc_roc=None,
        other_auc_roc=None,
        difference=PairedDifference(
            model=names[0],
            against=names[1],
            metric=ranking_metric(sample).name,
            value=None,
            outcome="not estimable",
        ),
    )


def _sides(ours: NDArray[np.float64], others: NDArray[np.float64], sample: Sample) -> dict[str, float | None]:
    """The fields of a difference that both sides fill: their AUC, or their Spearman where labels are grades."""
    names = ("auc_roc", "other_auc_roc") if sample.grades is None else ("spearman", "other_spearman")
    compute = ranking_metric(sample).compute
    found = (compute and compute(scored(scores, sample)) for scores in (ours, others))
    return {"auc_roc": None, "other_auc_roc": None, **dict(zip(names, found, strict=True))}
