"""Tables in Markdown, and `eval/summary.md`: the comparison on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import FolderKind
from ..tables.clustered import clustered_table
from ..tables.decision import decision_table
from ..tables.exploratory import exploratory_tables
from ..tables.groups import left_out, slices_by_model
from ..tables.guards import guard_table
from ..tables.provenance import judged_table, prompt_tables
from ..tables.scores import difference_table, score_table
from ..tables.seeds import seeds_note, seeds_tables
from ..tables.selection import judged_models, judged_names
from ..tables.shallow_baselines import auc_table
from ..tables.targets import target_table
from ..tables.thresholds import cost_table
from ..verdict.next_steps import next_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..models import ComparisonResult, JudgedModel, Verdict
    from ..tables.table import Table
    from ..verdict.next_steps import Step


def summary_markdown(result: ComparisonResult) -> str:
    """Decision, findings, scores, differences, shallow baselines, slices, targets."""
    evaluations = [model.evaluation for model in result.models]
    verdict = result.verdict
    tables = (
        decision_table(verdict.decision),
        score_table(evaluations, result.models),
        auc_table(result.models, result.trivial_baselines),
        difference_table(result.models),
        *([guard_table(result.models)] if any(model.guards for model in result.models) else []),
        *([clustered_table(result.models)] if result.models[0].clustered else []),
        *seeds_tables(result),
        slices_by_model(evaluations),
        *(found for model in result.models for found in exploratory_tables(model)),
        *([cost_table(result.threshold_by_cost, judged_names(result))] if result.threshold_by_cost else []),
        *([target_table(result.hypotheses)] if result.hypotheses else []),
        *([judged_table(judged)] if (judged := judged_models(result)) else []),
        *prompt_tables(evaluations),
    )
    sections = [
        "# What the fine-tune did",
        *opening(verdict),
        _steps(next_steps(result)),
        *map(render, tables),
        seeds_note(result),
        left_out(result.eval_data.words),
        f"`{verdict.line}`",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def judged_card(judged: JudgedModel) -> str:
    """The model card of a model that was trained elsewhere: what is known of it."""
    library = "peft" if judged.kind is FolderKind.ADAPTER else "sentence-transformers"
    header = f"---\nlibrary_name: {library}\npipeline_tag: sentence-similarity\n---"
    return f"{header}\n\n# {judged.name}\n\n{render(judged_table([judged]))}"


def opening(verdict: Verdict) -> tuple[str, str]:
    """Outcome and statement, and the list of findings."""
    found = "\n".join(f"- {finding.role} {finding.code}: {_plain(finding.text)}" for finding in verdict.findings)
    return f"**{verdict.decision.outcome}.** {_plain(verdict.statement)}", found


def _steps(steps: Sequence[Step]) -> str:
    """What to do next, as a list; empty where there is nothing to do."""
    told = [f"{place}. {_plain(step.do)} Done when {_plain(step.clears)}." for place, step in enumerate(steps, 1)]
    return "\n\n".join(["## What to do next", "\n".join(told)]) if told else ""


def render(table: Table) -> str:
    """A table below its heading, and its note below it."""
    right = (table.aligned_right(position) for position in range(len(table.columns)))
    lines = [
        _line(table.columns),
        _line("---:" if is_right else "---" for is_right in right),
        *(_line(" ".join(cell.parts) for cell in row) for row in table.rows),
    ]
    parts = [f"## {_plain(table.caption)}", "\n".join(lines), _plain(table.note)]
    return "\n\n".join(part for part in parts if part)


def _line(texts: Iterable[str]) -> str:
    return "| " + " | ".join(map(_plain, texts)) + " |"


def _plain(text: str) -> str:
    """Text that stays on its line and in its cell and is not read as HTML, a link or a table."""
    for char, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\\", "\\\\"), ("|", "\\|"), ("](", "]\\(")):
        text = text.replace(char, safe)
    return " ".join(text.split())
