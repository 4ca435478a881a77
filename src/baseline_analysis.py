"""Stage `baseline`: embed with the base model and evaluate. Every later number is compared with this one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .core.paths import BASELINE
from .embedding_stage import embedding_inputs, embedding_stage
from .evaluation.evaluate import EvaluationInputs, evaluate_embeddings
from .models import Evaluation
from .storage.files import read_json, write_json
from .workflow.code_version import code_version
from .workflow.environment import MAPS, NUMBERS, versions
from .workflow.stage import Stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .core.paths import ProjectPaths
    from .models import Split
    from .workflow.context import RunContext

COMMAND = "baseline"


def baseline_stage(context: RunContext, *, verify: bool = True) -> Stage[Evaluation]:
    """The evaluation of the base model.

    Args:
        context: The run.
        verify: Hash its files instead of looking at their sizes only.
    """
    embeddings = baseline_embeddings(context)

    def make(paths: ProjectPaths, fingerprint: str) -> None:
        started = time.monotonic()
        context.refuse_copied_eval()
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
            )
        )
        write_json(paths.metrics(BASELINE), evaluation)

    return Stage(
        context=context,
        name=BASELINE,
        command=COMMAND,
        inputs=lambda: baseline_inputs(context),
        make=make,
        load=lambda: read_json(context.paths.metrics(BASELINE), Evaluation),
        # later stages read them, and this command must bring lost ones back
        required_files=lambda: [context.paths.embeddings(BASELINE, split) for split in context.pair_sets],
        on_other_ranks=lambda _: embeddings.ensure(),
        verify=verify,
    )


def baseline_embeddings(context: RunContext) -> Stage[dict[Split, NDArray[np.float32]]]:
    """The base model's embeddings."""
    return embedding_stage(context, BASELINE, COMMAND)


def baseline_inputs(context: RunContext) -> dict[str, str]:
    """Everything that the baseline is made from."""
    return {
        **evaluation_environment(context),
        "base": context.base_fingerprint,
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
