from __future__ import annotations

import io
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from src.evaluation.metric_registry import HEADLINES, metric_label
from src.models import (
    AuditFinding,
    CheckResult,
    DataFile,
    DataQuality,
    DataQualityReport,
    DimensionResult,
    Estimate,
    FindingStatus,
    GroupMetrics,
    PairScore,
    Split,
    StageState,
    StageStatus,
    VerdictFinding,
    Words,
)
from src.report import terminal as views
from src.tables.notes import selection_note
from tests.support.factories import (
    make_audit,
    make_comparison,
    make_evaluation,
    make_provenance,
    make_training,
    make_trivial_baselines,
    make_verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.models import ComparisonResult, Evaluation, TrainingInfo

WIDTH = 80
LITERAL = ("[b]x[/b]", "[/]", "[red]", ":fire:", "[link=x]y")
LONG = "a_name_without_any_space_that_is_longer_than_a_line_of_the_terminal_is_wide_by_some_letters"


def shown(show: Callable[..., None], value: object, width: int = WIDTH, *, terminal: bool = True) -> str:
    """What a terminal of 80 columns shows, without colours; or a pipe."""
    stream = io.StringIO()
    console = Console(width=width, file=stream, highlight=False, force_terminal=terminal, color_system=None)
    show(console, value)
    return stream.getvalue()


show_status = partial(views.show_status, program="python -m src.cli")


def flat(text: str) -> str:
    """The text without any space or frame, so that a word folded in its cell is whole again."""
    return "".join(character for character in text if not character.isspace() and character not in "│┃")


@cache
def evaluation() -> Evaluation:
    return make_evaluation("finetuned")


@cache
def training() -> TrainingInfo:
    return make_training("standard")


@cache
def comparison() -> ComparisonResult:
    return make_comparison()


@cache
def crowd() -> ComparisonResult:
    return make_comparison(("baseline", "finetuned", "lora", "lora-tuned", "another-one", "x" * 40))


def quality(text: str = "plain") -> DataQualityReport:
    """A report in which every text that may come from data is this one."""
    file = DataFile(name=text, sha256="a" * 64, n=10, n_compatible=5)
    checks = (
        CheckResult(name="format", dimension="data_quality", score=87.5, observed=text, limit="x", n=10, why="x"),
        CheckResult(
            name="speaker_label",
            dimension="data_quality",
            score=None,
            observed="n/a",
            limit="x",
            n=10,
            why="x",
            reason=text,
        ),
    )
    half = DataQuality(
        file=file,
        overall=None,
        dimensions=(
            DimensionResult(name="data_quality", score=87.5, checks=checks),
            DimensionResult(name="bias", score=None, checks=checks[1:]),
        ),
    )
    finding = AuditFinding(
        code="LEAK-001",
        role=Split.TEST,
        name=text,
        status=FindingStatus.WARN,
        observed=text,
        limit="x",
        n=10,
        why="x",
        action="x",
        about_split=True,
    )
    return DataQualityReport(
        overall=50.0,
        capped_by=text,
        train=half,
        eval=half,
        audit=(finding,),
        trivial_baselines=make_trivial_baselines(),
        provenance=make_provenance(),
    )


def evaluation_with(text: str) -> Evaluation:
    group = GroupMetrics(name=text, n=3, n_compatible=2, reason=text)
    return evaluation().model_copy(update={"model": text, "slices": (group,)})


def comparison_with(text: str) -> ComparisonResult:
    finding = VerdictFinding(code="MODEL-001", role="note", name="x", text=text)
    verdict = make_verdict(statement=text, findings=(finding,))
    base, *others = comparison().models
    odd = base.model_copy(update={"evaluation": base.evaluation.model_copy(update={"model": text})})
    return comparison().model_copy(update={"verdict": verdict, "models": (odd, *others)})


def crowd_with(name: str) -> ComparisonResult:
    return make_comparison(("baseline", "finetuned", name))


def stages(reason: str) -> list[StageStatus]:
    command = "train --mode standard|lora --name lora-tuned"
    return [
        StageStatus(
            stage="evaluate-lora-tuned",
            state=state,
            reason="" if state is StageState.FRESH else reason,
            command=command,
        )
        for state in StageState
    ]


def score(compatible: bool = True, model: str = "standard") -> PairScore:
    return PairScore(text_1="a", text_2="b", cosine=0.61234, threshold=0.5, compatible=compatible, model=model)


# --- 80 columns, data as it is --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("show", "value"),
    [
        (views.show_quality, quality()),
        (views.show_quality, quality(LONG)),
        (views.show_whole_quality, quality()),
        (views.show_whole_quality, quality(LONG)),
        (views.show_evaluation, evaluation()),
        (views.show_evaluation, evaluation_with(LONG)),
        (views.show_training, training()),
        (views.show_comparison, comparison()),
        (views.show_comparison, crowd()),
        (views.show_comparison, comparison_with(LONG)),
        (show_status, stages("changed since: base, code, eval, train")),
        (views.show_score, score()),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_no_line_is_longer_than_80_columns(show: Callable[..., None], value: object) -> None:
    lines = shown(show, value).splitlines()

    assert lines
    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize("text", LITERAL)
@pytest.mark.parametrize(
    ("show", "make", "times"),
    [
        (views.show_quality, quality, 5),
        (views.show_whole_quality, quality, 13),
        (views.show_evaluation, evaluation_with, 11),
        (views.show_comparison, comparison_with, 6),
        (show_status, stages, 2),
        (views.show_score, lambda text: score(model=text), 1),
    ],
    ids=["quality", "whole quality", "evaluation", "comparison", "status", "score"],
)
def test_data_that_looks_like_markup_is_shown_letter_by_letter(
    show: Callable[..., None], make: Callable[[str], object], times: int, text: str
) -> None:
    assert flat(shown(show, make(text))).count(text) == times


@pytest.mark.parametrize("name", ["x" * 40, "a-name-as-long-as-the-name-of-a-model-is"])
def test_a_long_name_is_folded_and_not_cut(name: str) -> None:
    for text in (shown(views.show_evaluation, evaluation_with(name)), shown(views.show_comparison, crowd_with(name))):
        assert name in flat(text)
        assert "…" not in text


@pytest.mark.parametrize("text", ["\x1b[2J", "a\nb", "a\rb", "\u202e"])
def test_control_characters_in_data_are_shown_and_not_obeyed(text: str) -> None:
    for show in (views.show_quality, views.show_whole_quality):
        output = shown(show, quality(text))

        assert text not in output
        assert text.encode("unicode_escape").decode() in flat(output)


# --- each view ------------------------------------------------------------------------------------------


def test_quality_shows_every_score_and_na_where_there_is_none() -> None:
    text = shown(views.show_whole_quality, quality())

    assert "plain: data quality 87.5" in text
    assert "plain: bias n/a" in text
    assert [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if "only  " in line] == [
        ["text 2 only", "0.950 [0.928, 0.975]", "0.520", "0.930"],
        ["category only", "n/a (one category only)", "n/a", "n/a"],
    ]
    assert text.splitlines()[-1] == "Overall 50.0 of 100 (target 60), capped by plain"


def test_quality_tells_the_worst_finding_first_and_of_each_that_is_not_in_order_what_to_do() -> None:
    text = shown(views.show_whole_quality, quality().model_copy(update={"audit": make_audit()}))
    told = text[text.index("What the audit found, the worst first") :].splitlines()[1:-1]

    assert [line.rstrip() for line in told] == [
        "BLOCKER  eval: finding 3",
        "  Observed         3 of 120 pairs",
        "  Limit            warn above 5 %",
        "  N                120",
        "  Why it matters   why 3",
        "  What to do       action 3",
        "  Rows to look at  eval_pairs.jsonl:1, 2, 3",
        "WARN  eval: finding 2",
        "  Observed         2 of 120 pairs",
        "  Limit            warn above 5 %",
        "  N                120",
        "  Why it matters   why 2",
        "  What to do       action 2",
        "  Rows to look at  eval_pairs.jsonl:1, 2",
        "NOTE  eval: finding 1",
        "  Observed         1 of 120 pairs",
        "  Limit            warn above 5 %",
        "  N                120",
        "  Why it matters   why 1",
        "  What to do       action 1",
        "  Rows to look at  eval_pairs.jsonl:1",
        "1 checks without a finding; data_quality_summary.txt lists them",
    ]


@pytest.mark.parametrize("show", [views.show_quality, views.show_whole_quality])
def test_quality_without_a_cap_or_a_score_says_so(show: Callable[..., None]) -> None:
    report = quality().model_copy(update={"overall": None, "capped_by": ""})

    assert shown(show, report).splitlines()[-1] == "Overall n/a of 100 (target 60)"


def test_the_short_view_of_quality_names_the_worst_findings_first_and_where_all_of_it_is() -> None:
    report = quality().model_copy(update={"audit": make_audit()})
    lines = shown(partial(views.show_quality, summary=Path("data/x.txt")), report).splitlines()
    first = lines.index("What the audit found: 3 of 4 checks need a look")

    assert [line.split()[0] for line in lines[first + 1 : first + 4]] == ["BLOCKER", "WARN", "NOTE"]
    assert lines[-2:] == ["All of it: -v, or data/x.txt", "Overall 50.0 of 100 (target 60), capped by plain"]
    assert lines[0].rstrip() == "Scores of the data, of 100"
    assert any("data quality" in line and line.count("87.5") == 2 for line in lines)


@pytest.mark.parametrize("terminal", [True, False])
def test_the_short_view_of_quality_has_at_most_25_lines(terminal: bool) -> None:
    half = quality().train
    half = half.model_copy(update={"file": half.file.model_copy(update={"words": Words(category="")})})
    names = ("data_quality", "diversity", "bias", "linguistic_quality")
    four = half.model_copy(update={"dimensions": tuple(DimensionResult(name=n, score=1, checks=()) for n in names)})
    update = {"train": four, "eval": four, "validation": four, "audit": make_audit() * 20, "capped_by": "x" * 100}
    report = quality().model_copy(update=update)
    show = partial(views.show_quality, summary=Path("data/evaluation/data_quality_summary.txt"))

    lines = shown(show, report, terminal=terminal).splitlines()

    assert "and 53 more" in lines
    assert len(lines) <= 25


def test_an_evaluation_shows_each_metric_with_its_interval() -> None:
    text = shown(views.show_evaluation, evaluation())

    for estimate in evaluation().estimates:
        line = next(line for line in text.splitlines() if metric_label(estimate.name) in line)
        assert estimate.value is not None
        assert f"{estimate.value:.3f}" in line
        assert f"[{estimate.low:.3f}, {estimate.high:.3f}]" in line
    assert "0.710 (0.640-0.790, shuffled 0.580, noise 10.0 %)" in text


def test_an_evaluation_writes_what_is_not_defined_as_na_and_never_as_zero() -> None:
    nothing = evaluation().model_copy(
        update={
            "estimates": tuple(
                estimate.model_copy(update={"value": None, "low": None, "high": None})
                for estimate in evaluation().estimates
            ),
            "cluster_purity": None,
            "noise_ratio": None,
            "false_positive_rate_at_95_recall": None,
            "selection": None,
            "clusters": evaluation().clusters.model_copy(update={"shuffled_purity": None}),
            "slices": (GroupMetrics(name="tiny", n=3, n_compatible=2, reason="fewer than 5 pairs"),),
        }
    )
    text = shown(views.show_evaluation, nothing)

    scores, slices = text.split("standard: slices of the 120 eval pairs")
    # average precision is the one headline metric that is left; shuffled purity and noise stand beside the purity
    assert scores.count("n/a") == len(HEADLINES) - 1 + 2 + 1
    assert slices.count("n/a") >= len(("AUC-ROC", "Margin", "Cohen's d", "Spearman", "Accuracy"))
    assert "0.0" not in scores
    assert "fewer than 5 pairs" in slices


def test_a_training_shows_every_evaluation_and_marks_the_one_that_was_saved() -> None:
    text = shown(views.show_training, training())
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in text.splitlines() if line.startswith("│")]

    assert [row[1] for row in rows] == ["0", "75", "150", "225 (saved)", "300"]
    assert rows[0][3] == "n/a (at the start)"
    assert rows[3][4] == f"{training().best_spearman:.3f}"
    assert "22,713,216 of 22,786,944 weights trained" in " ".join(text.split())


def test_a_comparison_starts_with_the_verdict_and_its_reasons() -> None:
    lines = [line.rstrip() for line in shown(views.show_comparison, comparison()).splitlines()]

    assert lines[:3] == [
        f"DO NOT SHIP: {comparison().verdict.statement}",
        "  reason CHAL-002  0.400 is below chance",
        "  note LEAK-001    42 eval pairs are copies of train",
    ]


def test_a_comparison_ends_with_the_decision_that_it_began_with_and_where_all_of_it_is() -> None:
    verdict = make_verdict(statement="the reason " * 20)
    result = comparison().model_copy(update={"verdict": verdict})
    lines = shown(partial(views.show_comparison, report=Path("eval/x.html")), result).splitlines()

    assert lines[-2:] == ["  All of it: eval/x.html", verdict.line]
    assert lines[:3] == lines[-5:-2]
    assert [line[:2] for line in lines[:3]] == ["DO", "  ", "  "]


def test_a_finding_goes_on_below_its_own_beginning() -> None:
    finding = VerdictFinding(code="MODEL-001", role="note", name="x", text="word " * 30)
    lines = shown(views.show_verdict, make_verdict(statement="why", findings=(finding,))).splitlines()

    assert lines[1].startswith("  note MODEL-001  word ")
    assert lines[2].startswith(" " * len("  note MODEL-001  ") + "word ")


def test_a_comparison_says_what_the_files_call_its_metrics() -> None:
    text = " ".join(shown(views.show_comparison, comparison()).split())

    assert "In the files: Margin is compatibility_margin, " in text


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_comparison_ends_with_the_line_of_the_decision_unbroken_at_any_width(columns: int) -> None:
    whole = shown(views.show_comparison, comparison(), width=columns).splitlines()
    alone = shown(views.show_verdict, comparison().verdict, width=columns).splitlines()

    assert whole[-1] == alone[-1] == comparison().verdict.line


def test_a_decision_is_shown_alone_as_at_the_top_of_a_comparison() -> None:
    whole = shown(views.show_comparison, comparison()).splitlines()
    alone = shown(views.show_verdict, comparison().verdict).splitlines()

    assert alone[:-1] == whole[: len(alone) - 1]


def test_a_comparison_shows_the_models_side_by_side() -> None:
    text = shown(views.show_comparison, comparison())

    for model in comparison().models:
        for estimate in model.evaluation.estimates:
            assert f"{estimate.value:.3f}" in text


def test_the_models_stand_in_one_table_with_the_shallow_baselines() -> None:
    text = shown(views.show_comparison, comparison())
    lines = text[text.index("AUC-ROC of models and shallow baselines") : text.index("Threshold by cost")].splitlines()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if line.startswith("│")]
    found = comparison().models[1].against_trivial
    assert found is not None

    assert [row[:3] for row in rows if row[0].startswith(("standard", "text 2"))] == [
        ["standard", f"{comparison().models[1].evaluation.auc_roc:.3f}", "1.000"],
        ["text 2 only", "0.950", "0.520"],
    ]
    told = " ".join(row[3] for row in rows)
    assert f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}] not distinguishable" in told
    assert "use no embedding model" in " ".join(text.split())


def test_a_comparison_shows_every_paired_difference_with_its_interval() -> None:
    text = shown(views.show_comparison, comparison())

    for difference in (found for model in comparison().models for found in model.differences):
        assert f"{difference.value:+.3f}" in text
        assert f"[{difference.low:+.3f}, {difference.high:+.3f}]" in text


def test_a_comparison_says_what_was_chosen_on_the_eval_pairs() -> None:
    note = selection_note([model.evaluation for model in comparison().models])
    assert note in " ".join(shown(views.show_comparison, comparison()).split())


def test_a_number_without_an_interval_says_why() -> None:
    estimate = Estimate(name="f1", value=0.698, reason="every resample gives the same number: no interval")
    odd = evaluation().model_copy(update={"estimates": (estimate,)})
    base, *_ = comparison().models
    result = comparison().model_copy(update={"models": (base.model_copy(update={"evaluation": odd}),)})

    for text in (shown(views.show_evaluation, odd), shown(views.show_comparison, result)):
        assert flat("every resample gives the same number: no interval") in flat(text)


def test_a_metric_that_a_model_does_not_have_is_na() -> None:
    base, *others = comparison().models
    nothing = {"cohens_d": None, "average_precision": None, "estimates": ()}
    poor = others[0].model_copy(update={"evaluation": others[0].evaluation.model_copy(update=nothing)})
    text = shown(views.show_comparison, comparison().model_copy(update={"models": (base, poor)}))
    side_by_side = text[: text.index("Differences to the base model")]

    assert side_by_side.count("n/a") == 2


def test_the_status_names_the_command_for_whatever_does_not_stand() -> None:
    lines = shown(show_status, stages("changed since: code")).splitlines()
    run = "  run: python -m src.cli train --mode standard|lora --name lora-tuned"
    name = f"{'evaluate-lora-tuned':<22} "

    assert lines == [
        f"{name}fresh",
        f"{name}stale  changed since: code",
        run,
        f"{name}missing",
        run,
        f"{name}damaged  changed since: code",
        run,
    ]


@pytest.mark.parametrize(("compatible", "word"), [(True, "compatible"), (False, "not compatible")])
def test_a_score_is_one_line_with_what_it_was_judged_by(compatible: bool, word: str) -> None:
    assert shown(views.show_score, score(compatible)) == f"0.612  {word} (threshold 0.500, model standard)\n"
