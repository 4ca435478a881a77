"""Stage `baseline`: embed with the base model and evaluate. Every later number is compared with this one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .core.errors import ArtifactError, printable
from .core.paths import BASELINE
from .embedding.prompts import told
from .embedding_stage import embedding_inputs, embedding_stage, source_prompts
from .evaluation.evaluate import EvaluationInputs, evaluate_embeddings
from .evaluation.learnability import learnability
from .models import NO_PROMPTS, Evaluation, Split
from .storage.files import write_json
from .wording import learnability as wording
from .workflow.code_version import code_version
from .workflow.environment import MAPS, NUMBERS, versions
from .workflow.stage import Stage, read_result, refuse_other_data

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .core.paths import ProjectPaths
    from .workflow.context import RunContext

COMMAND = "baseline"
_NAME_LIMIT = 80


def baseline_stage(context: RunContext, *, verify: bool = True) -> Stage[Evaluation]:
    """The evaluation of the base model.

    Args:
        context: The run.
        verify: Hash its files instead of looking at their sizes only.
    """
    embeddings = baseline_embeddings(context, verify=verify)

    def make(paths: ProjectPaths, fingerprint: str) -> None:
        started = time.monotonic()
        context.refuse_copied_eval()
        if context.base.prompts != NO_PROMPTS:
            context.reporter.say(told(BASELINE, context.base.prompts))
        vectors = embeddings.ensure()
        context.reporter.say("Evaluating baseline: metrics, intervals, map")
        evaluation = evaluate_embeddings(
            EvaluationInputs(
                model=BASELINE,
                pairs=context.pair_sets,
                embeddings=vectors,
                overlap=context.overlap,
                base_sha256=context.base.sha256,
                seed=context.seed,
                provenance=lambda: context.provenance(fingerprint, started, device=context.device),
                prompts=source_prompts(context),
            )
        )
        train, embedded = context.pair_sets[Split.TRAIN], vectors[Split.TRAIN]
        learned = learnability(train, wording.EMBEDDINGS, lambda rows: embedded[rows])
        write_json(paths.metrics(BASELINE), evaluation.model_copy(update={"learnability": learned}))

    return Stage(
        context=context,
        name=BASELINE,
        command=COMMAND,
        inputs=lambda: baseline_inputs(context),
        make=make,
        load=lambda: read_evaluation(context, BASELINE, BASELINE, embeddings),
        # later stages read them, and this command must bring lost ones back
        required_files=lambda: [context.paths.embeddings(BASELINE, split) for split in context.pair_sets],
        on_other_ranks=lambda _: embeddings.ensure(),
        verify=verify,
    )


def baseline_embeddings(context: RunContext, *, verify: bool = True) -> Stage[dict[Split, NDArray[np.float32]]]:
    """The base model's embeddings; `verify` is that of `embedding_stage`."""
    return embedding_stage(context, BASELINE, COMMAND, verify=verify)


def read_evaluation(
    context: RunContext, stage: str, artifact: str, embeddings: Stage[dict[Split, NDArray[np.float32]]]
) -> Evaluation:
    """The evaluation of one model, once it is sure that its embeddings can be read too: later stages need both.

    Args:
        context: The run.
        stage: Name of the stage that made it.
        artifact: Name that the model's files carry.
        embeddings: The model's.

    Raises:
        MissingStageError: A file is missing.
        ArtifactError: A file is damaged, or belongs to another model or to other data.
    """
    path = context.paths.metrics(artifact)
    found = read_result(context.paths, stage, path, Evaluation)
    if found.model != artifact:
        raise ArtifactError(f"{path}: the metrics of another model, {printable(found.model, _NAME_LIMIT)}")
    refuse_other_data(context, path, found.data_files)
    embeddings.read()
    return found


def baseline_inputs(context: RunContext) -> dict[str, str]:
    """Everything that the baseline is made from."""
    return {
        **evaluation_environment(context),
        "base": context.base_fingerprint,
        "prompts": source_prompts(context).model_dump_json(),
        "code": code_version("baseline_analysis"),
    }


def evaluation_environment(context: RunContext) -> dict[str, str]:
    """What the evaluation of any model depends on beside the model: data, seed, device and packages."""
    return {
        **context.data_hashes,
        "seed": str(context.seed),
        "device": context.device,
        "packages": f"{embedding_inputs(context)['packages']}, {versions(*NUMBERS, *MAPS)}",
    }
