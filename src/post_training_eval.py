"""Stage `evaluate`: embed with a trained model, ours or another's, and evaluate it exactly as the baseline was."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from .baseline_analysis import baseline_embeddings, baseline_stage, evaluation_environment, read_evaluation
from .core.errors import UserInputError
from .core.paths import artifact_name, checked_name
from .embedding.foreign import read_foreign
from .embedding_stage import embedding_stage, source_hash, source_prompts
from .evaluation.estimates import scored
from .evaluation.evaluate import EvaluationInputs, evaluate_embeddings
from .evaluation.selection_optimism import checkpoint_selection
from .judged_stage import (
    GivenFolder,
    judge_command,
    judged_folder,
    judged_stage,
    name_of_folder,
    record_judged,
    refuse_taken_name,
)
from .metrics import best_threshold, cosine_similarities
from .models import JudgedModel, Split
from .storage.files import fingerprint, write_json
from .training_stage import known_recipes, known_seeds, known_trainings, not_trained, read_training, training_stage
from .workflow.code_version import code_version
from .workflow.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from .core.paths import ProjectPaths
    from .embedding_stage import ModelSource
    from .evaluation.metric_registry import Scored
    from .evaluation.variance import Sample
    from .models import Evaluation, TrainingInfo
    from .workflow.context import RunContext


_EVALUATE, _ALL = "evaluate", "all"


def evaluation_command(context: RunContext, name: str) -> str:
    """The command that evaluates a model."""
    return judge_command(name, judged_folder(context, name)) if name in context.judged else f"evaluate --name {name}"


def model_stage(context: RunContext, name: str, *, verify: bool = True) -> Stage[TrainingInfo] | Stage[JudgedModel]:
    """What is known of a model: its training, or its record where it was trained elsewhere.

    Args:
        context: The run.
        name: Its name.
        verify: Hash its files instead of looking at their sizes only.
    """
    stage = judged_stage if name in context.judged else training_stage
    return stage(context, name, verify=verify)


def read_model(context: RunContext, name: str, *, verify: bool = True) -> ModelSource:
    """A model that a later step builds on: a finished training, or the record of one that was trained elsewhere.

    Args:
        context: The run.
        name: Its name.
        verify: Hash its files instead of looking at their sizes only.

    Raises:
        MissingStageError: There is no such model, or it is stale.
    """
    if name in context.judged:
        return judged_stage(context, name, verify=verify).require()
    return read_training(context, name, verify=verify)


def judge_folder(context: RunContext, folder: Path, name: str | None = None) -> Evaluation:
    """Evaluate a model that was trained elsewhere exactly as ours are.

    Args:
        context: The run.
        folder: A folder of sentence-transformers, or a LoRA adapter's that fits the base model.
        name: What it is called here; None for its folder's name.

    Raises:
        UserInputError: The folder or the name cannot be used.
        MissingStageError: The base model was not evaluated.
    """
    wanted = name_of_folder(folder) if name is None else checked_name(name)
    refuse_taken_name(wanted, known_trainings(context))
    given = GivenFolder(folder, read_foreign(folder, context.base))
    with context.writing():
        baseline_stage(context).require()
        record_judged(context, wanted, given)
        return evaluation_stage(context, wanted).ensure()


def evaluation_stage(context: RunContext, name: str, *, verify: bool = True) -> Stage[Evaluation]:
    """The evaluation of one model: a training, or one that was trained elsewhere and recorded.

    Args:
        context: The run.
        name: Its name.
        verify: Hash its files, and those that it was made from, instead of looking at their sizes only.
    """
    artifact, stage = artifact_name(name), f"evaluate-{name}"
    command = evaluation_command(context, name)
    embeddings = embedding_stage(context, artifact, command, verify=verify)
    baseline, model = baseline_stage(context, verify=verify), model_stage(context, name)

    def inputs() -> dict[str, str]:
        return evaluation_inputs(context, read_model(context, name, verify=verify), baseline.require())

    def make(paths: ProjectPaths, made_from: str) -> None:
        started = time.monotonic()
        source = model.read()
        vectors = embedding_stage(context, artifact, command, source).ensure()
        of_base = baseline_embeddings(context).read()
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
                baseline=None if _is_the_base(source, vectors, of_base) else baseline.read(),
                baseline_embeddings=of_base,
                prompts=source_prompts(context, source),
                **_known_of(source),
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
        on_other_ranks=lambda _: embedding_stage(context, artifact, command, model.read()).ensure(),
        verify=verify,
    )


def _known_of(source: ModelSource) -> dict[str, Any]:
    """What an evaluation is told of how its model came to be."""
    if isinstance(source, JudgedModel):
        return {"judged": source}
    choice = source.choice
    chosen = {} if choice is None else {"calibration": choice.calibration, "threshold": choice.threshold}
    return {"selection": checkpoint_selection(source), **chosen}


def _is_the_base(
    source: ModelSource, vectors: Mapping[Split, NDArray[np.float32]], of_base: Mapping[Split, NDArray[np.float32]]
) -> bool:
    """Whether a judged model is the base model: then its map is made as that one's was, and shows the same."""
    return isinstance(source, JudgedModel) and np.array_equal(vectors[Split.TEST], of_base[Split.TEST])


def evaluation_inputs(context: RunContext, source: ModelSource, baseline: Evaluation) -> dict[str, str]:
    """Everything that the evaluation of a model is made from."""
    return {
        **evaluation_environment(context),
        "base": context.base_fingerprint,
        "weights": source_hash(source),
        "prompts": source_prompts(context, source).model_dump_json(),
        "selection": "not known" if isinstance(source, JudgedModel) else _how_chosen(source),
        "baseline": baseline.provenance.fingerprint,
        "code": code_version("post_training_eval"),
    }


def _how_chosen(training: TrainingInfo) -> str:
    """Hash of how the checkpoint was chosen: other evaluations during the training can end with the same weights."""
    known = training.model_dump_json(include={"history", "choice"})
    return fingerprint({"how the checkpoint was chosen": known})


def evaluate_trained(context: RunContext, mode: str | None, name: str | None) -> list[Evaluation]:
    """Evaluate trainings; where all are asked for, the models of other seeds are embedded, for the comparison.

    Args:
        context: The run.
        mode: The training of this name, or all; None for all.
        name: One training by its name.

    Raises:
        UserInputError: Both a mode and a name were given.
        MissingStageError: There is no such training.
    """
    found = [evaluation_stage(context, one).ensure() for one in names_to_evaluate(context, mode, name)]
    if name is None and mode in (None, _ALL):
        for stage in seed_stages(context).values():
            stage.ensure()
    return found


def names_to_evaluate(context: RunContext, mode: str | None, name: str | None) -> list[str]:
    """The models that `evaluate` was asked for: all trainings, or one training or judged model by its name.

    Raises:
        UserInputError: Both a mode and a name were given.
        MissingStageError: There is no such training.
    """
    if mode is not None and name is not None:
        raise UserInputError("give --mode or --name, not both; leave one out")
    names = known_recipes(context)
    wanted = checked_name(name) if name is not None else (None if mode in (None, _ALL) else mode)
    if wanted is not None and wanted in context.judged:
        return [wanted]
    if not names or wanted not in (None, *known_trainings(context)):
        raise not_trained(context, wanted)
    return names if wanted is None else [wanted]


# --- other seeds ----------------------------------------------------------------------------------------


def seed_stages(context: RunContext, *, verify: bool = True) -> dict[str, Stage[dict[Split, NDArray[np.float32]]]]:
    """The embeddings of the models of other seeds, by their names; a comparison needs no more of them.

    Args:
        context: The run.
        verify: Hash their files instead of looking at their sizes only.
    """
    found = _seed_trainings(context, verify=verify)
    return {name: _seed_stage(context, name, training, verify=verify) for name, training in found.items()}


def _seed_trainings(context: RunContext, *, verify: bool) -> dict[str, TrainingInfo]:
    names = [recipe.name for recipes in known_seeds(context).values() for recipe in recipes[1:]]
    return {name: read_training(context, name, verify=verify) for name in names}


def _seed_stage(
    context: RunContext, name: str, training: TrainingInfo, *, verify: bool
) -> Stage[dict[Split, NDArray[np.float32]]]:
    return embedding_stage(context, artifact_name(name), _EVALUATE, training, verify=verify)


def seeds_inputs(context: RunContext, *, verify: bool = True) -> dict[str, str]:
    """What the numbers over seeds are made from: the models of the other seeds.

    Args:
        context: The run.
        verify: Hash their files instead of looking at their sizes only.

    Raises:
        MissingStageError: The pairs were not embedded with one, or what that was made from changed since.
    """
    found = _seed_trainings(context, verify=verify)
    for name, training in found.items():
        _seed_stage(context, name, training, verify=verify).require()
    return {f"weights of {name}": training.weights_sha256 for name, training in found.items()}


def seed_scores(context: RunContext, name: str, split: Split, sample: Sample) -> Scored:
    """The cosines of the pairs of a split by the model of another seed, with its operating threshold.

    Args:
        context: The run.
        name: The training's name.
        split: Whose pairs.
        sample: These pairs.
    """
    vectors = embedding_stage(context, artifact_name(name), _EVALUATE, verify=False).read()
    threshold = None
    if split is Split.TEST and sample.has_labels:
        choice = read_training(context, name, verify=False).choice
        threshold = choice.threshold if choice is not None else None
        if threshold is None:  # as an evaluation fits it
            threshold = best_threshold(cosine_similarities(vectors[Split.TRAIN]), context.pair_sets[Split.TRAIN].labels)
    return scored(cosine_similarities(vectors[split]), sample, threshold)
