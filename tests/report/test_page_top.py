from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import jinja2
import pytest

from src.models import FindingStatus, Outcome, Split
from src.report import page_shell
from src.report.names import RunNames
from src.report.page_shell import Card, Examples
from src.report.page_top import REDACTED, decision_card, examples
from src.tables.example_pairs import RULE
from src.verdict.card import REASONS
from src.verdict.next_steps import next_steps
from tests.support.factories import make_comparison, make_cosines, make_pairs, make_provenance
from tests.support.report_pages import NAMES, made_challenge

if TYPE_CHECKING:
    from src.models import ComparisonResult

MOST_WORDS = 60
MODELS = ("baseline", "finetuned", "lora", "lora-tuned", "instruction")


@cache
def compared() -> ComparisonResult:
    return make_comparison(MODELS)


def macro(name: str, *values: object) -> str:
    """What a macro of the top of the page says, as plain words."""
    module = page_shell.environment().get_template("top.html.j2").module
    return " ".join(str(jinja2.utils.markupsafe.Markup(getattr(module, name)(*values)).striptags()).split())


def first_screen(result: ComparisonResult, names: RunNames = NAMES) -> str:
    """Heading and card."""
    about = names.about(result.provenance.created_at)
    return f"{names.heading} {about} {macro('show_card', decision_card(result))}"


def decided(outcome: Outcome, code: str) -> ComparisonResult:
    """A comparison that was decided so, for this one reason."""
    verdict = compared().verdict
    passing, failing, _ = verdict.decision.tests
    faults = (code,) if outcome is Outcome.INVALID else ()
    state = "open" if outcome is Outcome.CANNOT_TELL else "fail"
    test = failing.model_copy(
        update={"state": state, "findings": (code,), "against": "character_ngrams", "slice": "category=values"}
    )
    tests = (passing, test) if outcome in (Outcome.DO_NOT_SHIP, Outcome.CANNOT_TELL) else (passing,)
    decision = verdict.decision.model_copy(update={"outcome": outcome, "faults": faults, "tests": tests})
    blockers = tuple(
        finding.model_copy(update={"code": code, "status": FindingStatus.BLOCKER, "role": Split.TEST})
        for finding in compared().audit[:1]
        if outcome is Outcome.INVALID and code not in REASONS
    )
    return compared().model_copy(
        update={"verdict": verdict.model_copy(update={"decision": decision}), "audit": blockers}
    )


FAULTS = ("MODEL-001", "MODEL-002", "MODEL-003", "MODEL-007", "LEAK-001", "LABEL-001")
CASES = [
    (Outcome.SHIP, "LEAK-001"),
    *((Outcome.INVALID, code) for code in FAULTS),
    *(
        (outcome, code)
        for outcome in (Outcome.DO_NOT_SHIP, Outcome.CANNOT_TELL)
        for code in sorted({*REASONS} - {*FAULTS})
    ),
]


@pytest.mark.parametrize(("outcome", "code"), CASES)
def test_the_first_screen_says_what_to_do_and_why_in_at_most_60_words(outcome: Outcome, code: str) -> None:
    said = first_screen(decided(outcome, code))

    assert len(said.split()) <= MOST_WORDS, said
    assert f"Decision: {outcome.value} standard " in said
    assert "Base model: tiny-model; data: my-data/eval_pairs.jsonl; 2026-01-02" in said


@pytest.mark.parametrize(
    ("outcome", "code", "so"),
    [
        (Outcome.CANNOT_TELL, "GAIN-002", "Do not ship yet."),
        (Outcome.INVALID, "MODEL-002", "Do not ship by these numbers."),
    ],
)
def test_an_outcome_that_does_not_say_whether_to_ship_is_followed_by_what_does(
    outcome: Outcome, code: str, so: str
) -> None:
    assert f". {so}" in first_screen(decided(outcome, code))
    assert "Do not ship" not in first_screen(decided(Outcome.DO_NOT_SHIP, code.replace("MODEL-002", "GAIN-001")))


def test_a_model_that_may_be_shipped_is_followed_by_what_it_was_not_tried_on() -> None:
    shipped = decided(*CASES[0])
    note = shipped.verdict.findings[0].model_copy(update={"role": "note", "model": ""})

    def said(*codes: str) -> str:
        findings = tuple(note.model_copy(update={"code": code}) for code in codes)
        verdict = shipped.verdict.model_copy(update={"findings": findings})
        return first_screen(shipped.model_copy(update={"verdict": verdict}))

    assert "Not measured: texts that train does not have and a challenge set." in said("CHAL-005", "GAIN-007")
    assert "Not measured: a challenge set." in said("CHAL-005")
    assert "Not measured" not in said("LEAK-001")
    assert len(said("CHAL-005", "GAIN-007").split()) <= MOST_WORDS


def test_models_that_are_not_the_candidate_have_their_decisions_below() -> None:
    assert (
        "Not the candidate: lora, instruction: DO NOT SHIP, shallow baseline not beaten lora-tuned: CANNOT"
        in first_screen(decided(*CASES[0]))
    )
    assert "Not the candidate" not in first_screen(make_comparison(("baseline", "finetuned")))


def test_a_heading_names_run_base_model_data_and_date_on_one_line_whatever_they_are() -> None:
    names = RunNames(run="a\nrun" + "x" * 99, base_model="b\u2028c", data="d\te")

    assert names.heading == "a run" + "x" * 54 + "…"
    assert names.about(make_provenance().created_at) == "Base model: b c; data: d e; 2026-01-02"


def test_the_steps_stand_below_the_card_each_with_what_would_clear_it() -> None:
    steps = next_steps(compared())
    said = macro("show_steps", steps)

    assert all(f"{step.do} Done when {step.clears}. {step.code}".rstrip() in said for step in steps)
    assert macro("show_steps", ()) == "What to do next Nothing to do: every test passes, and there is no finding."


class TestExamples:
    """Six pairs near the top of the page."""

    @staticmethod
    def made(result: ComparisonResult, *, challenge: bool = True, redact: bool = False) -> Examples:
        pairs, models = make_pairs(), [model.name for model in result.models]
        cosines = {name: make_cosines(pairs, name) - 0.1 for name in models}
        others, theirs = made_challenge(models)
        lower = {name: scores - 0.3 for name, scores in theirs.items()}
        return examples(result, (pairs, cosines), (others, lower) if challenge else None, redact=redact)

    def test_there_are_two_of_each_kind_and_the_rule_is_stated(self) -> None:
        found = self.made(compared())

        assert [(title, len(pairs)) for title, pairs in found.groups] == [
            ("Right", 2),
            ("Wrong with confidence", 2),
            ("Wrong on the challenge set", 2),
        ]
        assert found.note == RULE
        assert found.threshold == 0.5

    def test_each_shows_both_texts_the_cosines_and_the_threshold(self) -> None:
        found = self.made(compared())
        pair = found.groups[0][1][0]
        said = macro("show_examples", found)

        assert f"{pair.text_1}{pair.text_2}" in said.replace("weekends ", "weekends")
        assert f"Labelled {pair.label}, called {pair.called}." in said
        assert f"Cosine {pair.before:.3f} (" in said
        assert f"{pair.after:.3f} (" in said
        assert "threshold 0.500" in said

    def test_without_texts_a_line_says_so(self) -> None:
        assert self.made(compared(), redact=True) == Examples((), REDACTED)

    def test_without_a_challenge_set_a_line_says_so(self) -> None:
        found = self.made(compared(), challenge=False)

        assert [title for title, _ in found.groups] == ["Right", "Wrong with confidence"]
        assert found.note.endswith("no failures on other pairs are shown.")

    def test_without_a_threshold_a_line_says_so(self) -> None:
        base, candidate, *others = compared().models
        evaluation = candidate.evaluation.model_copy(update={"operating_point": None})
        models = (base, candidate.model_copy(update={"evaluation": evaluation}), *others)

        found = self.made(compared().model_copy(update={"models": models}))

        assert found.groups == ()
        assert found.note.startswith("Without a threshold")


def test_a_card_without_others_has_no_line_for_them() -> None:
    assert macro("show_card", Card("SHIP", "standard", "passes", ())) == "Decision: SHIP standard passes."
