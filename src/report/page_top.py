"""The first screen of the comparison: the decision at a glance, and a few pairs to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..audit.finding_codes import FindingCode
from ..core.formatting import display_name
from ..models import Outcome
from ..tables.example_pairs import RULE, ScoredPairs, example_pairs
from ..verdict.card import model_decisions, others_told
from ..verdict.next_steps import next_steps
from .page_shell import Card, Examples

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from ..models import ComparisonResult, PairSet
    from ..verdict.next_steps import Step

    Scored = tuple[PairSet, Mapping[str, NDArray[np.float64]]]

REDACTED = "The texts were left out (--redact), so no pairs are shown."
_NO_THRESHOLD = "Without a threshold no pair is right or wrong, so none is shown."
_NO_CHALLENGE = "There is no challenge set, so no failures on other pairs are shown."
_NONE_WRONG = "No pair of the challenge set is called wrong."
_SO = {Outcome.CANNOT_TELL: "Do not ship yet.", Outcome.INVALID: "Do not ship by these numbers."}
_NOT_MEASURED = {
    FindingCode.NEW_TEXTS_NOT_MEASURED: "texts that train does not have",
    FindingCode.NO_CHALLENGE: "a challenge set",
}
_TITLES = {"right": "Right", "wrong": "Wrong with confidence", "challenge": "Wrong on the challenge set"}


def decision_card(result: ComparisonResult) -> Card:
    """The decision on the candidate, its one reason, and one line for the others."""
    decisions = model_decisions(result)
    candidate = decisions[0]
    so = _not_measured(result) if candidate.outcome is Outcome.SHIP else _SO.get(candidate.outcome, "")
    return Card(candidate.outcome.value, candidate.model, candidate.why, others_told(decisions), so)


def _not_measured(result: ComparisonResult) -> str:
    """What a model that may be shipped was not tried on; empty where there is nothing of the kind."""
    codes = {finding.code for finding in result.verdict.findings}
    missing = [what for code, what in _NOT_MEASURED.items() if code in codes]
    return f"Not measured: {' and '.join(missing)}." if missing else ""


def steps(result: ComparisonResult, shown: Examples) -> tuple[Step, ...]:
    """What to do next; the pairs that are wrong with confidence may be labelled wrong."""
    wrong = [pair.place for _, pairs in shown.groups for pair in pairs if pair.kind == "wrong"]
    return next_steps(result, wrong)


def examples(result: ComparisonResult, test: Scored, challenge: Scored | None, *, redact: bool) -> Examples:
    """Two pairs that the candidate gets right, two that it gets wrong, two failures on the challenge set.

    Args:
        result: The comparison.
        test: The eval pairs with their cosines by model.
        challenge: The same of the challenge set; None where there is none.
        redact: Whether the texts of the pairs are left out.
    """
    decision = result.verdict.decision
    evaluation = next(model.evaluation for model in result.models if model.name == decision.candidate)
    if redact or evaluation.operating_point is None:
        return Examples((), REDACTED if redact else _NO_THRESHOLD)

    def scored(found: Scored) -> ScoredPairs:
        return ScoredPairs(found[0], found[1][decision.reference], found[1][decision.candidate])

    threshold = evaluation.operating_point.threshold
    found = example_pairs(scored(test), None if challenge is None else scored(challenge), threshold)
    groups = {title: tuple(pair for pair in found if pair.kind == kind) for kind, title in _TITLES.items()}
    none = _NO_CHALLENGE if challenge is None else "" if groups[_TITLES["challenge"]] else _NONE_WRONG
    return Examples(
        groups=tuple((title, pairs) for title, pairs in groups.items() if pairs),
        note=" ".join(filter(None, (RULE, none))),
        reference=display_name(decision.reference),
        candidate=display_name(decision.candidate),
        threshold=threshold,
    )
