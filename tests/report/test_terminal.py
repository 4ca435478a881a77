from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

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
    StageState,
    StageStatus,
    Verdict,
    VerdictFinding,
    VerdictStatus,
)
from src.report import terminal as views
from src.tables.selection import selection_note
from tests.support.factories import (
    make_audit,
    make_comparison,
    make_evaluation,
    make_provenance,
    make_training,
    make_trivial_baselines,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.models import ComparisonResult, Evaluation, TrainingInfo

WIDTH = 80
LITERAL = ("[b]x[/b]", "[/]", "[red]", ":fire:", "[link=x]y")
LONG = "a_name_without_any_space_that_is_longer_than_a_line_of_the_terminal_is_wide_by_some_letters"


def shown(show: Callable[..., None], value: object) -> str:
    """What a terminal of 80 columns shows, without colours."""
    stream = io.StringIO()
    show(Console(width=WIDTH, file=stream, highlight=False), value)
    return stream.getvalue()


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
    finding = VerdictFinding(code="MODEL-001", status=VerdictStatus.WARN, name="x", text=text)
    verdict = Verdict(status=VerdictStatus.WARN, statement=text, findings=(finding,))
    base, *others = comparison().models
    odd = base.model_copy(update={"evaluation": base.evaluation.model_copy(update={"model": text})})
    return comparison().model_copy(update={"verdict": verdict, "models": (odd, *others)})


def stages(reason: str) -> list[StageStatus]:
    command = "python -m src.cli train --mode standard|lora --name lora-tuned"
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
        (views.show_evaluation, evaluation()),
        (views.show_evaluation, evaluation_with(LONG)),
        (views.show_training, training()),
        (views.show_comparison, comparison()),
        (views.show_comparison, crowd()),
        (views.show_comparison, comparison_with(LONG)),
        (views.show_status, stages("changed since: base, code, eval, train")),
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
        (views.show_quality, quality, 13),
        (views.show_evaluation, evaluation_with, 3),
        (views.show_comparison, comparison_with, 4),
        (views.show_status, stages, 2),
        (views.show_score, lambda text: score(model=text), 1),
    ],
    ids=["quality", "evaluation", "comparison", "status", "score"],
)
def test_data_that_looks_like_markup_is_shown_letter_by_letter(
    show: Callable[..., None], make: Callable[[str], object], times: int, text: str
) -> None:
    assert flat(shown(show, make(text))).count(text) == times


@pytest.mark.parametrize("show_one", [views.show_quality, views.show_evaluation, views.show_comparison])
def test_a_long_name_is_folded_and_not_cut(show_one: Callable[..., None]) -> None:
    values = {
        views.show_quality: quality(LONG),
        views.show_evaluation: evaluation_with(LONG),
        views.show_comparison: comparison_with(LONG),
    }

    assert LONG in flat(shown(show_one, values[show_one]))
    assert "…" not in shown(show_one, values[show_one])


# --- each view ------------------------------------------------------------------------------------------


def test_quality_shows_every_score_and_na_where_there_is_none() -> None:
    text = shown(views.show_quality, quality())

    assert "plain: data quality 87.5" in text
    assert "plain: bias n/a" in text
    assert [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if " only " in line] == [
        ["text 2 only", "0.950", "[0.928, 0.975]", "0.520"],
        ["category only", "n/a", "one category only", "n/a"],
    ]
    assert text.splitlines()[-1] == "Overall 50.0 of 100 (target 60), capped by plain"


def test_quality_tells_the_worst_finding_first_and_of_each_that_is_not_in_order_what_to_do() -> None:
    text = shown(views.show_quality, quality().model_copy(update={"audit": make_audit()}))
    told = text[text.index("Audit, the worst first") :].splitlines()[1:-1]

    assert told == [
        "BLOCKER  eval: finding 3: 3 of 120 pairs",
        "         limit: warn above 5 %; n = 120",
        "         why: why 3",
        "         do: action 3",
        "         look at: eval_pairs.jsonl:1, eval_pairs.jsonl:2, eval_pairs.jsonl:3",
        "WARN     eval: finding 2: 2 of 120 pairs",
        "         limit: warn above 5 %; n = 120",
        "         why: why 2",
        "         do: action 2",
        "         look at: eval_pairs.jsonl:1, eval_pairs.jsonl:2",
        "NOTE     eval: finding 1: 1 of 120 pairs",
        "         limit: warn above 5 %; n = 120",
        "         why: why 1",
        "         do: action 1",
        "         look at: eval_pairs.jsonl:1",
        "1 checks in order; data_quality_summary.txt lists them",
    ]


def test_quality_without_a_cap_or_a_score_says_so() -> None:
    report = quality().model_copy(update={"overall": None, "capped_by": ""})

    assert shown(views.show_quality, report).splitlines()[-1] == "Overall n/a of 100 (target 60)"


def test_an_evaluation_shows_each_metric_with_its_interval() -> None:
    text = shown(views.show_evaluation, evaluation())

    for estimate in evaluation().estimates:
        line = next(line for line in text.splitlines() if estimate.name in line)
        assert estimate.value is not None
        assert f"{estimate.value:.3f}" in line
        assert f"[{estimate.low:.3f}, {estimate.high:.3f}]" in line
    assert "0.580" in next(line for line in text.splitlines() if "shuffled" in line)


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
            "clusters": evaluation().clusters.model_copy(update={"shuffled_purity": None}),
            "slices": (GroupMetrics(name="tiny", n=3, n_compatible=2, reason="fewer than 5 pairs"),),
        }
    )
    text = shown(views.show_evaluation, nothing)

    assert text.count("n/a") == len(nothing.estimates) + 4 + 2
    assert "0.0" not in text
    assert "fewer than 5 pairs" in text


def test_a_training_shows_every_evaluation_and_marks_the_one_that_was_saved() -> None:
    text = shown(views.show_training, training())
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in text.splitlines() if line.startswith("│")]

    assert [row[0] for row in rows] == ["0", "75", "150", "225 *", "300"]
    assert rows[0][2] == "n/a"
    assert rows[3][3] == f"{training().best_spearman:.3f}"
    assert "22,713,216 of 22,786,944 weights trained" in " ".join(text.split())


def test_a_comparison_starts_with_the_verdict_and_its_reasons() -> None:
    lines = shown(views.show_comparison, comparison()).splitlines()

    assert lines[:3] == [
        f"WARN: {comparison().verdict.statement}",
        "  WARN 42 eval pairs are copies of train",
        "  OK every model differs from the base",
    ]


def test_a_comparison_shows_the_models_side_by_side() -> None:
    text = shown(views.show_comparison, comparison())

    for model in comparison().models:
        for estimate in model.evaluation.estimates:
            assert f"{estimate.value:.3f}" in text


def test_the_models_stand_in_one_table_with_what_needs_no_model() -> None:
    text = shown(views.show_comparison, comparison())
    table = text[text.index("Models beside what needs no model") : text.index("The kept step of each")]
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines() if line.startswith("│")]
    found = comparison().models[1].against_trivial
    assert found is not None

    assert [row[:3] for row in rows if row[0].startswith(("Standard", "text 2"))] == [
        ["Standard", f"{comparison().models[1].evaluation.auc_roc:.3f}", "1.000"],
        ["text 2 only, no", "0.950", "0.520"],
    ]
    last = [row[3] for row in rows]
    assert last[2:6] == [f"{found.value:+.3f}", f"[{found.low:.3f}, {found.high:.3f}]", "not", "distinguishable"]


def test_a_comparison_says_what_was_chosen_on_the_eval_pairs() -> None:
    note = selection_note(model.evaluation for model in comparison().models)
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
    side_by_side = text[: text.index("Models beside what needs no model")]

    assert side_by_side.count("n/a") == 2


def test_the_status_names_the_command_for_whatever_does_not_stand() -> None:
    lines = shown(views.show_status, stages("changed since: code")).splitlines()
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
