from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from src.core.formatting import display_name
from src.models import Estimate, GroupMetrics, ShallowBaseline, TargetResult, VerdictFinding
from src.report.markdown import render, summary_markdown
from src.tables.notes import selection_note
from src.tables.table import Cell, cell, table, word_table
from src.verdict.next_steps import next_steps
from src.wording.intervals import IN_BRACKETS
from tests.support.factories import HOSTILE, make_comparison, make_verdict

if TYPE_CHECKING:
    from src.models import ComparisonResult

NOTE = selection_note([model.evaluation for model in make_comparison().models])
BREAKERS = ("a|b", "a\nb", "a\rb", "a\u2028b", "a\\|b", "| a |", "a\n\n# b")


def rows_of(markdown: str, heading: str) -> list[list[str]]:
    """The cells of a table as a Markdown reader splits them."""
    lines = markdown.split(heading)[1].split("\n#", maxsplit=1)[0].splitlines()
    rows = (re.findall(r"((?:\\.|[^\\|])*)\|", line[1:]) for line in lines if line.startswith("| "))
    return [[cell.strip() for cell in row] for row in rows]


@cache
def compared() -> ComparisonResult:
    """Four models; values are frozen, so all tests may share it."""
    return make_comparison()


def with_baseline(name: str) -> ComparisonResult:
    odd = ShallowBaseline(name=name, auc_roc=0.5, n=10)
    return compared().model_copy(update={"trivial_baselines": (odd,)})


def test_it_opens_with_the_verdict_its_statement_and_every_finding() -> None:
    result = compared()
    lines = summary_markdown(result).splitlines()

    assert lines[0] == "# What the fine-tune did"
    assert lines[2] == f"**DO NOT SHIP.** {result.verdict.statement}"
    assert lines[4:6] == [
        "- reason CHAL-002: 0.400 is below chance",
        "- note LEAK-001: 42 eval pairs are copies of train",
    ]


def test_below_stand_the_steps_that_come_next() -> None:
    markdown = summary_markdown(compared())
    [first, *_] = next_steps(compared())

    assert f"## What to do next\n\n1. {first.do} Done when {first.clears}.\n2. " in markdown


@pytest.mark.parametrize("names", [("baseline", "finetuned"), ("baseline", "finetuned", "lora", "lora-tuned", "x")])
def test_every_model_has_its_scores_and_its_differences(names: tuple[str, ...]) -> None:
    markdown = summary_markdown(make_comparison(names))
    scores = rows_of(markdown, "## Scores on 120 eval pairs")
    differences = rows_of(markdown, "## Differences to the base model")
    slices = rows_of(markdown, "## AUC-ROC by slice")
    shown = [display_name(name) for name in names]

    assert [row[0] for row in scores[2:]] == shown
    assert differences[0][1:] == shown[1:]
    assert slices[0][2:] == shown


def test_a_score_stands_with_its_interval_and_a_difference_with_its_sign() -> None:
    markdown = summary_markdown(compared())
    margins = [row[1] for row in rows_of(markdown, "## Scores on 120 eval pairs")]
    differences = rows_of(markdown, "## Differences to the base model")
    base, trained = (model.evaluation.compatibility_margin or 0 for model in compared().models[:2])
    moved = trained - base

    assert margins[3] == f"{trained:.3f} [{trained - 0.04:.3f}, {trained + 0.04:.3f}]"
    assert differences[2][:2] == ["Margin", f"+{moved:.3f} [{moved - 0.05:+.3f}, {moved + 0.05:+.3f}] better"]


def test_shallow_baselines_stand_below_the_models_with_what_is_not_defined_as_not_available() -> None:
    rows = rows_of(summary_markdown(compared()), "## AUC-ROC of models and shallow baselines")

    assert [row[0] for row in rows[2:6]] == ["baseline", "standard", "lora", "lora-tuned"]
    assert rows[6:] == [
        ["text 2 only (shallow)", "0.950 [0.928, 0.975]", "0.520", ""],
        ["bag of words (shallow)", "0.977 [0.960, 0.990]", "n/a", ""],
        ["category only (shallow)", "n/a (one category only)", "n/a", ""],
    ]


def test_a_trained_model_is_compared_with_the_best_shallow_baseline() -> None:
    found = compared().models[1].against_trivial
    rows = rows_of(summary_markdown(compared()), "## AUC-ROC of models and shallow baselines")

    assert found is not None
    assert rows[3][3] == f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}] not distinguishable"


def test_every_slice_has_its_n_and_each_models_auc_with_its_interval() -> None:
    rows = rows_of(summary_markdown(compared()), "## AUC-ROC by slice")
    challenge = compared().models[0].evaluation.slices[-1]

    assert [row[0] for row in rows[2:]] == [
        "all", "not copied from train", "no text shared with train", "challenge",
    ]  # fmt: skip
    assert rows[-1][1:3] == [
        str(challenge.n), f"{challenge.auc_roc:.3f} [{challenge.auc_low:.3f}, {challenge.auc_high:.3f}]",
    ]  # fmt: skip


def test_a_number_without_an_interval_says_why() -> None:
    base, *others = compared().models
    estimates = (Estimate(name="auc_roc", value=0.9, reason="fewer than 5 pairs of a label: no interval"),)
    slices = (GroupMetrics(name="challenge", n=3, n_compatible=3, reason="one label only"),)
    odd = base.evaluation.model_copy(update={"estimates": estimates, "slices": slices})
    result = compared().model_copy(update={"models": (base.model_copy(update={"evaluation": odd}), *others)})
    markdown = summary_markdown(result)
    scores = rows_of(markdown, "## Scores on 120 eval pairs")

    assert scores[2][scores[0].index("AUC-ROC")] == "0.900 (fewer than 5 pairs of a label: no interval)"
    assert rows_of(markdown, "## AUC-ROC by slice")[2][2] == "n/a (one label only)"


def test_no_heading_names_a_method_and_the_text_says_what_stands_in_brackets() -> None:
    markdown = summary_markdown(compared())
    headings = "".join(line for line in markdown.splitlines() if line.startswith("#"))

    assert not re.search("bootstrap|DeLong|exact|Wilson", headings)
    assert IN_BRACKETS in markdown


def test_the_false_positive_rate_at_95_percent_recall_is_there() -> None:
    scores = rows_of(summary_markdown(compared()), "## Scores on 120 eval pairs")

    assert [row[scores[0].index("FP rate at 95 % recall")] for row in scores[2:6]] == ["0.310"] * 4


def test_it_says_what_was_chosen_on_the_eval_pairs() -> None:
    assert NOTE in summary_markdown(compared())
    assert "so the scores on them are optimistic" in NOTE
    assert "No step, threshold or learning rate was chosen on the challenge set" in NOTE


def test_every_target_is_told_with_its_outcome_and_note() -> None:
    target = TargetResult(
        model="lora", metric="auc_roc", target=0.8, observed=0.75, low=0.7, high=0.81, outcome="not decidable", note="x"
    )
    rows = rows_of(
        summary_markdown(compared().model_copy(update={"hypotheses": (target,)})),
        "## Targets set before the first training",
    )

    assert rows[2:] == [["lora", "AUC-ROC", "0.80", "0.750 [0.700, 0.810]", "not decidable", "x"]]


@pytest.mark.parametrize("name", [*HOSTILE, *BREAKERS])
def test_a_hostile_cell_stays_in_its_cell(name: str) -> None:
    markdown = summary_markdown(with_baseline(name))
    rows = rows_of(markdown, "## AUC-ROC of models and shallow baselines")

    assert len(rows) == 2 + 4 + 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for cell in rows[-1][1:] if cell] == ["0.500", "n/a"]
    assert len(markdown.splitlines()) == len(summary_markdown(with_baseline("plain")).splitlines())


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a\n\n# heading", "[x](javascript:alert(1))", "a\r<b>"])
def test_a_hostile_statement_or_finding_is_read_as_plain_text(text: str) -> None:
    finding = VerdictFinding(code="MODEL-001", role="note", name="x", text=text)
    verdict = make_verdict(statement=text, findings=(finding,))
    markdown = summary_markdown(compared().model_copy(update={"verdict": verdict}))
    one_finding = compared().verdict.model_copy(update={"findings": compared().verdict.findings[:1]})
    plain = summary_markdown(compared().model_copy(update={"verdict": one_finding}))

    assert len(markdown.splitlines()) == len(plain.splitlines())
    assert not re.search(r"<\w|(?<!\\)\]\(|^# h", markdown, re.MULTILINE)


def test_a_table_stands_below_its_heading_and_above_its_note() -> None:
    made = table("Title", ["Model", "AUC"], [["a", Cell("0.5", note="[0.4, 0.6]")], ["b", cell("n/a", "why")]], "Note.")

    assert render(made).splitlines() == [
        "## Title", "", "| Model | AUC |", "| --- | ---: |", "| a | 0.5 [0.4, 0.6] |", "| b | n/a (why) |", "", "Note.",
    ]  # fmt: skip


def test_words_are_aligned_to_the_left_and_numbers_among_them_to_the_right() -> None:
    made = word_table("Title", ["Model", "Target", "Note"], [["a", "0.8", "b"]])

    assert render(made).splitlines()[3] == "| --- | ---: | --- |"


@pytest.mark.parametrize("text", [*HOSTILE, *BREAKERS])
def test_a_hostile_caption_heading_or_note_stays_on_its_line(text: str) -> None:
    plain, hostile = (render(table(one, ["a", one], [["x", "y"]], one)) for one in ("plain", text))

    assert len(hostile.splitlines()) == len(plain.splitlines())
    assert not re.search(r"<\w|(?<!\\)\]\(", hostile)


def test_it_ends_with_the_line_of_the_decision_and_one_line_break() -> None:
    assert summary_markdown(compared()).endswith(f"\n\n`{compared().verdict.line}`\n")


def test_the_tests_of_the_decision_stand_before_the_scores() -> None:
    markdown = summary_markdown(compared())
    rows = rows_of(markdown, "## Decision on standard")

    assert rows[2:] == [
        ["gain over the base model (120 pairs)", "+0.400 [+0.350, +0.450]", "at least +0.020", "pass"],
        ["AUC-ROC on the challenge set (120 pairs)", "0.400 [0.300, 0.490]", "at least 0.500", "fail"],
        [
            "gain over the best shallow baseline, bag of words (120 pairs)",
            "+0.100 [-0.100, +0.300]",
            "above 0",
            "open more pairs may never tell",
        ],
    ]
    assert markdown.index("## Decision on standard") < markdown.index("## Scores on")
