"""Stage `baseline`: embed with the base model, evaluate, draw. Every later number is compared with this one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .core.paths import BASELINE
from .embedding_stage import cached_embeddings
from .evaluation.evaluate import EvaluationInputs, evaluate_embeddings
from .metrics import cosine_similarities
from .models import Evaluation
from .storage.files import fingerprint, read_json, write_json, write_text
from .workflow.code_version import code_version
from .workflow.stage import ensure, require_fresh, stage_status

if TYPE_CHECKING:
    from .core.paths import ProjectPaths
    from .workflow.context import RunContext

COMMAND = "python -m src.cli baseline"


def baseline_inputs(context: RunContext) -> dict[str, str]:
    """Everything that the baseline is made from."""
    return {
        **context.data_hashes,
        "base": context.base_fingerprint,
        "seed": str(context.seed),
        "code": code_version("baseline_analysis"),
    }


def run_baseline(context: RunContext) -> Evaluation:
    """Evaluate the base model and write its metrics, charts and report, unless they still stand."""
    inputs = baseline_inputs(context)
    ensure(
        context,
        BASELINE,
        COMMAND,
        {**inputs, **context.shown_inputs},
        lambda _, paths: _make(context, fingerprint(inputs), paths),
        # later stages read them, and this command must bring lost ones back
        also=[context.paths.embeddings(BASELINE, split) for split in context.pair_sets],
        assist=lambda _: cached_embeddings(context, BASELINE, COMMAND),
    )
    return read_json(context.paths.metrics(BASELINE), Evaluation, COMMAND)


def read_baseline(context: RunContext, *, verify: bool = True) -> Evaluation:
    """The baseline that a later stage builds on.

    Args:
        context: The run.
        verify: Hash its files instead of looking at their sizes only.

    Raises:
        MissingStageError: It was not run, or its inputs changed since.
    """
    require_fresh(stage_status(context.paths, BASELINE, baseline_inputs(context), COMMAND, verify=verify))
    return read_json(context.paths.metrics(BASELINE), Evaluation, COMMAND)


def _make(context: RunContext, made_from: str, paths: ProjectPaths) -> None:
    from .charts.png import save_charts  # noqa: PLC0415 - plotting libraries; `status` needs none
    from .charts.print_parts import baseline_charts  # noqa: PLC0415
    from .report.pages import baseline_page  # noqa: PLC0415

    started = time.monotonic()
    pairs = context.pair_sets
    context.refuse_copied_eval()
    embeddings = cached_embeddings(context, BASELINE, COMMAND)
    context.reporter.say("Evaluating baseline: metrics, intervals, map")
    evaluation = evaluate_embeddings(
        EvaluationInputs(
            model=BASELINE,
            pairs=pairs,
            embeddings=embeddings,
            overlap=context.overlap,
            base_sha256=context.base.sha256,
            seed=context.seed,
            provenance=lambda: context.provenance(made_from, started, device=context.device),
        )
    )
    write_json(paths.metrics(BASELINE), evaluation)
    save_charts(paths.baseline_charts, baseline_charts(evaluation, pairs["eval"]))
    scores = cosine_similarities(embeddings["eval"])
    page = baseline_page(evaluation, pairs["eval"], scores, seed=context.seed, redact=context.redact)
    write_text(paths.baseline_report, page)
