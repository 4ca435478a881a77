from __future__ import annotations

import re

import pytest

from src.models import GroupMetrics, Outcome, Verdict, VerdictFinding
from src.verdict.judge import judge
from src.verdict.statement import statement, verdict_line
from tests.support.factories import make_verdict
from tests.support.judged_models import RULES, challenge, make_models, passing

LINE = re.compile(
    r"VERDICT: (SHIP|DO NOT SHIP|CANNOT TELL|INVALID)"
    r" \| score=(n/a|\d\.\d{3}) \| baseline=(n/a|\d\.\d{3})"
    r" \| delta=(n/a|[+-]\d\.\d{3}( \[[+-]\d\.\d{3}, [+-]\d\.\d{3}\])?)"
    r" \| test=auc_roc \| n=\d+ \| findings=(none|[A-Z]+-\d{3}(,[A-Z]+-\d{3})*)"
)


def judged(slices: tuple[GroupMetrics, ...] | None = None, **intervals: tuple[float, float] | None) -> Verdict:
    """The verdict on a model whose AUC is 0.9, the base model's 0.8."""
    changes = {} if slices is None else {"slices": slices}
    base, trained = make_models(finetuned=changes)
    models = (base, trained.model_copy(update={"slice_differences": passing("finetuned", **intervals)}))
    return judge(models, (), RULES)


MOVED = (
    "AUC-ROC 0.900 against 0.800 of the base model (+0.100 [+0.050, +0.150]) on 120 test pairs "
    "(no text shared with train, no near-duplicate)."
)


ON_CHALLENGE = "AUC-ROC on the challenge set (240 pairs) is"
NEEDED = "at least 0.500 is needed"


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (judged(), "passes all 4 tests: "),
        (
            judged((challenge(0.4274, 0.357, 0.498),)),
            f"fails 1 of 4 tests: {ON_CHALLENGE} 0.427 [0.357, 0.498], {NEEDED}. ",
        ),
        (
            judged((challenge(0.44, 0.37, 0.51),), shallow=(-0.2, -0.1)),
            (
                "fails 1 of 4 tests (1 more open): gain over the best shallow baseline, bag of words (120 pairs) is "
                "-0.150 [-0.200, -0.100], above 0 is needed. "
            ),
        ),
        (
            judged((challenge(0.44, 0.37, 0.51),), challenge=(-0.05, 0.03)),
            (
                "leaves 2 of 4 tests open: change on the challenge set (120 pairs) is -0.010 [-0.050, +0.030], at "
                f"least -0.030 is needed, and about 490 pairs in all would tell; {ON_CHALLENGE} 0.440 [0.370, 0.510], "
                f"{NEEDED}, and about 330 pairs in all would tell. "
            ),
        ),
        (
            judged((challenge(0.5, 0.43, 0.57),)),
            f"leaves 1 of 4 tests open: {ON_CHALLENGE} 0.500 [0.430, 0.570], {NEEDED}, and more pairs may never tell. ",
        ),
        (
            judged((GroupMetrics(name="challenge", n=6, n_compatible=6, reason="one label only"),)),
            "leaves 1 of 4 tests open: AUC-ROC on the challenge set (6 pairs) has no interval (one label only). ",
        ),
    ],
)
def test_the_statement_says_first_why_the_decision_is_what_it_is_and_then_what_moved(
    verdict: Verdict, said: str
) -> None:
    assert verdict.statement == f"standard {said}{MOVED}"


@pytest.mark.parametrize("states", [(), ("fail",), ("open",)])
def test_the_statement_of_one_test_has_at_most_sixty_words(states: tuple[str, ...]) -> None:
    high = {"fail": 0.49, "open": 0.51}
    verdict = judged(tuple(challenge(0.44, 0.37, high[state]) for state in states) or None)

    assert len(verdict.statement.split()) <= 60


@pytest.mark.parametrize(
    ("verdict", "outcome", "delta", "codes"),
    [
        (judged(), "SHIP", "+0.100 [+0.050, +0.150]", "none"),
        (
            judged((challenge(0.4, 0.33, 0.47),), shallow=(-0.1, 0.1)),
            "DO NOT SHIP",
            "+0.100 [+0.050, +0.150]",
            "CHAL-002,GAIN-002",
        ),
        (judged(clean=None, copies=None), "CANNOT TELL", "n/a", "GAIN-006"),
    ],
)
def test_the_line_has_the_numbers_of_the_primary_test(verdict: Verdict, outcome: str, delta: str, codes: str) -> None:
    line = f"VERDICT: {outcome} | score=0.900 | baseline=0.800 | delta={delta} | test=auc_roc | n=120"

    assert verdict.line == f"{line} | findings={codes}"
    assert LINE.fullmatch(verdict.line)


@pytest.mark.parametrize("outcome", Outcome)
def test_the_line_has_the_same_fields_whatever_the_outcome(outcome: Outcome) -> None:
    decision = make_verdict().decision.model_copy(update={"outcome": outcome})
    line = verdict_line(decision, ())

    assert LINE.fullmatch(line)
    assert line.startswith(f"VERDICT: {outcome} | ")
    assert ("score=n/a" in line) == (outcome is Outcome.INVALID)


def finding(code: str, role: str, model: str = "") -> VerdictFinding:
    return VerdictFinding.model_validate({"code": code, "role": role, "model": model, "name": "x", "text": "x"})


def test_the_codes_of_the_line_are_those_of_the_candidate_and_of_the_data_each_once_the_reasons_first() -> None:
    findings = [
        finding("LEAK-003", "note"),
        finding("CHAL-001", "reason", "finetuned"),
        finding("CHAL-001", "reason", "finetuned"),
        finding("MODEL-002", "note", "lora"),
        finding("MODEL-005", "note", "finetuned"),
    ]

    assert verdict_line(make_verdict().decision, findings).endswith(" | findings=CHAL-001,LEAK-003,MODEL-005")


def test_the_primary_test_is_found_wherever_it_stands() -> None:
    decision = make_verdict().decision
    turned = decision.model_copy(update={"tests": decision.tests[::-1]})

    assert verdict_line(turned, ()) == verdict_line(decision, ())


def test_a_statement_of_an_invalid_comparison_names_every_fault() -> None:
    decision = make_verdict().decision.model_copy(
        update={"outcome": Outcome.INVALID, "faults": ("MODEL-002", "LEAK-001")}
    )
    findings = [
        finding(code, role).model_copy(update={"text": text})
        for code, role, text in (
            ("MODEL-002", "reason", "unchanged"),
            ("CHAL-002", "reason", "below chance"),
            ("LEAK-001", "reason", "copies"),
            ("LEAK-001", "note", "fewer copies"),
        )
    ]

    assert statement(decision, findings) == "The numbers of this comparison must not be used: unchanged; copies."
