"""The sentences that open a comparison, and its last line, which is for machines too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.formatting import display_name, number
from ..models import DecisionTestKind, Outcome
from ..wording import decision as wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Decision, DecisionTest, VerdictFinding

_NONE = "none"


def statement(decision: Decision, findings: Sequence[VerdictFinding]) -> str:
    """Why the decision is what it is, first; then what the training changed.

    Args:
        decision: The decision.
        findings: Its reasons and notes.
    """
    if decision.outcome is Outcome.INVALID:
        faults = [finding.text for finding in findings if finding.code in decision.faults and finding.role == "reason"]
        return f"{wording.MUST_NOT_BE_USED}: {'; '.join(faults)}."
    tests = [test for test in decision.tests if test.decides]
    gain, name, total = gain_of(decision), display_name(decision.candidate), len(tests)
    moved = wording.moved(decision.score, decision.baseline, gain)
    failed, opened = ([test for test in tests if test.state == state] for state in ("fail", "open"))
    if decision.outcome is Outcome.SHIP:
        return f"{name} passes all {total} tests: {moved}."
    if decision.outcome is Outcome.DO_NOT_SHIP:
        also = f" ({len(opened)} more open)" if opened else ""
        return f"{name} fails {len(failed)} of {total} tests{also}: {_told(failed)}. {moved}."
    return f"{name} leaves {len(opened)} of {total} tests open: {_told(opened)}. {moved}."


def _told(tests: Sequence[DecisionTest]) -> str:
    return "; ".join(map(wording.outcome_of, tests))


def verdict_line(decision: Decision, findings: Sequence[VerdictFinding]) -> str:
    """`VERDICT: SHIP | score=... | baseline=... | delta=... | test=... | n=... | findings=...`, on one line.

    The numbers are those of the primary test; an invalid comparison states none. The findings are codes, those of the
    reasons first; those about other models than the candidate are left out.

    Args:
        decision: The decision.
        findings: Its reasons and notes.
    """
    gain = gain_of(decision)
    valid = decision.outcome is not Outcome.INVALID
    delta = " ".join(filter(None, (wording.estimate(gain), wording.limits(gain))))
    own = [finding for finding in findings if finding.model in {"", decision.candidate}]
    codes = [finding.code for role in ("reason", "note") for finding in own if finding.role == role]
    fields = {
        "score": number(decision.score if valid else None),
        "baseline": number(decision.baseline if valid else None),
        "delta": delta if valid else number(None),
        "test": gain.metric,
        "n": gain.n,
        "findings": ",".join(dict.fromkeys(codes)) or _NONE,
    }
    return " | ".join([f"VERDICT: {decision.outcome}", *(f"{name}={value}" for name, value in fields.items())])


def gain_of(decision: Decision) -> DecisionTest:
    """The primary test."""
    return next(test for test in decision.tests if test.kind is DecisionTestKind.GAIN)
