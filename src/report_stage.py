"""The report stages, `report-...`: show what was measured. A model is loaded for a validation file alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .baseline_analysis import COMMAND as BASELINE_COMMAND
from .baseline_analysis import baseline_embeddings, baseline_stage
from .comparison import COMMAND as COMPARISON_COMMAND
from .comparison import compared_models, comparison_stage, pair_cosines
from .core.errors import StageError
from .core.paths import BASELINE, SHIPPED_DATA
from .metrics import cosine_similarities
from .models import Split, StageState
from .other_pairs_stage import validation_cosines
from .quality_stage import COMMAND as QUALITY_COMMAND
from .quality_stage import quality_stage
from .report.pdf import chromium, print_pdf
from .report.quality_text import summary_text
from .storage.files import read_text, write_text
from .tables.selection import population
from .tables.shown_pairs import shown_pairs
from .training.model_card import MODEL_CARD
from .verdict.redaction import redacted
from .views.on_splits import split_views
from .workflow.code_version import code_version
from .workflow.environment import PICTURES, versions
from .workflow.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from .core.paths import ProjectPaths
    from .models import ComparisonResult, PairSet
    from .report.names import RunNames
    from .workflow.context import RunContext


def quality_report_stage(context: RunContext, *, verify: bool = True) -> Stage[None]:
    """The scores and the audit of the data as plain text.

    Args:
        context: The run.
        verify: Hash its files, and those that it was made from, instead of looking at their sizes only.
    """
    measured = quality_stage(context, verify=verify)

    def make(paths: ProjectPaths, _fingerprint: str) -> None:
        write_text(paths.quality_summary, summary_text(measured.read()))

    return Stage(
        context=context,
        name="report-data",
        command=QUALITY_COMMAND,
        inputs=lambda: {
            "evaluate-data": measured.require().provenance.fingerprint,
            "code": code_version("report_stage"),
        },
        make=make,
        load=lambda: None,
        verify=verify,
    )


def baseline_report_stage(context: RunContext, *, verify: bool = True) -> Stage[None]:
    """Charts and dashboard of the base model.

    Args:
        context: The run.
        verify: Hash its files, and those that it was made from, instead of looking at their sizes only.
    """
    measured = baseline_stage(context, verify=verify)

    def make(paths: ProjectPaths, _fingerprint: str) -> None:
        from .charts.png import save_charts  # noqa: PLC0415 - plotting libraries; `status` needs none
        from .report.pages import baseline_page  # noqa: PLC0415
        from .visualizations import baseline_charts  # noqa: PLC0415

        evaluation, pairs = measured.read(), context.pair_sets[Split.TEST]
        context.reporter.say("Drawing the charts and the report of the baseline")
        vectors = baseline_embeddings(context).read()
        scores = {split: {BASELINE: cosine_similarities(vectors[split])} for split in context.pair_sets}
        scores |= validation_cosines(context, {BASELINE: None}, BASELINE_COMMAND)
        views = split_views([evaluation], _shown_sets(context), scores)
        charts = baseline_charts(evaluation, shown_pairs([evaluation], pairs))
        save_charts(paths.baseline_charts, charts, population(evaluation), pairs.words)
        page = baseline_page(
            evaluation,
            pairs,
            scores[Split.TEST][BASELINE],
            names=_names(context),
            seed=context.seed,
            redact=context.redact,
            views=views,
        )
        write_text(paths.baseline_report, page)

    return Stage(
        context=context,
        name=f"report-{BASELINE}",
        command=BASELINE_COMMAND,
        inputs=lambda: {"baseline": measured.require().provenance.fingerprint, **_drawn_with(context)},
        make=make,
        load=lambda: None,
        verify=verify,
        # several processes share `baseline`, and so what it embeds
        on_other_ranks=lambda _fingerprint: validation_cosines(context, {BASELINE: None}, BASELINE_COMMAND),
    )


def comparison_report_stage(
    context: RunContext, names: Sequence[str] | None = None, *, verify: bool = True
) -> Stage[None]:
    """Charts, dashboard and summary of the comparison.

    Args:
        context: The run.
        names: Names of the models that are compared; None for all.
        verify: Hash its files, and those that it was made from, instead of looking at their sizes only.
    """
    measured = comparison_stage(context, names, verify=verify)

    def make(paths: ProjectPaths, _fingerprint: str) -> None:
        from .charts.png import save_charts  # noqa: PLC0415 - plotting libraries; `status` needs none
        from .report.markdown import summary_markdown  # noqa: PLC0415
        from .report.model_card import card_markdown  # noqa: PLC0415
        from .report.pages import comparison_page  # noqa: PLC0415
        from .visualizations import comparison_charts  # noqa: PLC0415

        result, pairs = _to_show(context, measured), context.pair_sets[Split.TEST]
        context.reporter.say("Drawing the charts and the report of the comparison")
        evaluations = [model.evaluation for model in result.models]
        scores = {split: pair_cosines(context, split, names) for split in context.pair_sets}
        scores |= validation_cosines(context, compared_models(context, names), COMPARISON_COMMAND)
        views = split_views(evaluations, _shown_sets(context), scores)
        page = comparison_page(
            result,
            pairs,
            scores[Split.TEST],
            names=_names(context),
            seed=context.seed,
            challenge=_challenge(context, scores),
            redact=context.redact,
            views=views,
        )
        charts = comparison_charts(result, shown_pairs(evaluations, pairs), views)
        save_charts(paths.comparison_charts, charts, population(evaluations[0]), pairs.words)
        write_text(paths.comparison_report, page)
        write_text(paths.summary, summary_markdown(result))
        write_text(paths.model_card, card_markdown(_card(context, result), result))

    return Stage(
        context=context,
        name="report-comparison",
        command=COMPARISON_COMMAND,
        inputs=lambda: {"comparison": measured.require().provenance.fingerprint, **_drawn_with(context)},
        make=make,
        load=lambda: None,
        verify=verify,
    )


def short_report_stage(context: RunContext, names: Sequence[str] | None = None, *, verify: bool = True) -> Stage[None]:
    """The short edition of the comparison, and its PDF where there is a Chromium.

    Args:
        context: The run.
        names: Names of the models that are compared; None for all.
        verify: Hash its files, and those that it was made from, instead of looking at their sizes only.
    """
    measured = comparison_stage(context, names, verify=verify)

    def make(paths: ProjectPaths, _fingerprint: str) -> None:
        from .report.short import short_page  # noqa: PLC0415 - plotting libraries; `status` needs none

        context.reporter.say("Drawing the short edition of the report")
        splits = context.pair_sets.keys() & {Split.TEST, Split.CHALLENGE}
        scores = {split: pair_cosines(context, split, names) for split in splits}
        test, challenge = (context.pair_sets[Split.TEST], scores[Split.TEST]), _challenge(context, scores)
        page = short_page(_to_show(context, measured), test, challenge, names=_names(context), redact=context.redact)
        write_text(paths.short_report, page)
        program = chromium()
        if program is None:
            context.reporter.say("No PDF: there is no Chromium on this machine; a browser prints comparison_short.html")
        elif not print_pdf(program, paths.short_report, paths.short_pdf):
            context.reporter.say("No PDF: Chromium made none; a browser prints comparison_short.html")

    return Stage(
        context=context,
        name="report-short",
        command=f"{COMPARISON_COMMAND} --edition short",
        inputs=lambda: {
            "comparison": measured.require().provenance.fingerprint,
            "chromium": "there" if chromium() else "none",
            **_drawn_with(context),
        },
        make=make,
        load=lambda: None,
        verify=verify,
    )


def _shown_sets(context: RunContext) -> dict[Split, PairSet]:
    validation = context.validation_pairs
    return context.pair_sets | ({} if validation is None else {Split.VALIDATION: validation})


def _to_show(context: RunContext, measured: Stage[ComparisonResult]) -> ComparisonResult:
    """The comparison as the pages may show it: with --redact its findings quote no text."""
    found = measured.read()
    return redacted(found) if context.redact else found


def _challenge(
    context: RunContext, scores: Mapping[Split, dict[str, NDArray[np.float64]]]
) -> tuple[PairSet, dict[str, NDArray[np.float64]]] | None:
    """The pairs of the challenge set with their cosines by model; None where there is none."""
    pairs = context.pair_sets.get(Split.CHALLENGE)
    return None if pairs is None else (pairs, scores[Split.CHALLENGE])


def leave_no_texts_beside(context: RunContext, names: Sequence[str] | None = None) -> None:
    """Where the comparison is redacted, draw earlier pages beside it without texts too, or remove them.

    Args:
        context: The run; nothing is done where its reports show texts.
        names: Names of the models that are compared; None for all.
    """
    if not context.redact:
        return
    short = short_report_stage(context, names)
    if context.paths.short_report.exists() and short.status().state is not StageState.FRESH:
        # where no new PDF can be made, the old one would stay
        context.paths.short_pdf.unlink(missing_ok=True)
    _without_texts(context, short, context.paths.short_report, "the comparison is not up to date")
    baseline = baseline_report_stage(context)
    _without_texts(context, baseline, context.paths.baseline_report, "the base model's results are not up to date")


def _without_texts(context: RunContext, stage: Stage[None], report: Path, why_not: str) -> None:
    """Draw a report again where it is there, or remove it where its results are not."""
    if not report.exists():
        return
    try:
        stage.ensure()
    except StageError:
        report.unlink()
        context.reporter.say(f"Removed {report}, which showed texts: {why_not}")


def _card(context: RunContext, result: ComparisonResult) -> str:
    """The model card that the candidate's training wrote, or a short one of a model that was trained elsewhere."""
    candidate = next(model for model in result.models if model.name == result.verdict.decision.candidate)
    if candidate.evaluation.judged is not None:
        from .report.markdown import judged_card  # noqa: PLC0415 - tables; `status` needs none

        return judged_card(candidate.evaluation.judged)
    if candidate.training is None:
        return f"# {candidate.name}"
    return read_text(context.paths.model(candidate.training.config.name) / MODEL_CARD)


def _names(context: RunContext) -> RunNames:
    """What the run, its base model and its data are called; no name is a path."""
    from .report.names import RunNames  # noqa: PLC0415 - `status` draws nothing

    file = context.pair_sets[Split.TEST].path
    folder = file.resolve().parent
    ships = folder == SHIPPED_DATA.resolve()
    return RunNames(
        run=context.paths.root.resolve().name or context.paths.root.resolve().anchor,
        base_model=context.base.name,
        data="the pairs that ship" if ships else f"{folder.name}/{file.name}",
    )


def _drawn_with(context: RunContext) -> dict[str, str]:
    """What the pictures depend on beside the numbers."""
    return {
        Split.TEST: context.data_hashes[Split.TEST],
        Split.CHALLENGE: context.data_hashes[Split.CHALLENGE],
        **context.validation_hash,
        "base model": context.base.name,
        "texts": "left out" if context.redact else "shown",
        "packages": versions(*PICTURES),
        "code": code_version("report_stage"),
    }
