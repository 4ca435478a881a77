"""The findings of the verdict: the name and the words of each code, in one table."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..audit.finding_codes import FindingCode
from ..core.formatting import display_name
from ..models import VerdictFinding
from ..wording.decision import name_of, outcome_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models import AuditFinding, DecisionTest

    Role = Literal["reason", "note"]


class Wording(NamedTuple):
    """Name and text of a finding; what stands in braces is filled in."""

    name: str
    text: str


# the text of a test says by itself how it came out
_TEST = "{test}"

WORDINGS: Mapping[FindingCode, Wording] = MappingProxyType(
    {
        FindingCode.DIFFERENT_DATA: Wording(
            "different data", "evaluated with other files than the base model: {splits}"
        ),
        FindingCode.WEIGHTS_UNCHANGED: Wording(
            "weights unchanged",
            "its embeddings equal the base model's: {why}",
        ),
        FindingCode.AUC_UNDEFINED: Wording("AUC not defined", "{metric} is not defined on these eval pairs"),
        FindingCode.NOT_FINITE: Wording("not finite", "a number of it is not finite"),
        FindingCode.LABELS_INVERTED: Wording(
            "labels inverted", "AUC {eval_auc} on eval, {train_auc} on train: labels inverted?"
        ),
        FindingCode.SPACE_COLLAPSED: Wording(
            "collapsed space",
            "random texts have a mean cosine of {cosine:.2f}, in the base model's space {base_cosine:.2f}; less than a "
            "quarter of their mean squared distance is left",
        ),
        FindingCode.DIRECTIONS_LOST: Wording(
            "directions lost",
            "its texts spread over {rank:.1f} directions (effective rank), the base model's over {base_rank:.1f}; the "
            "space has collapsed onto a few",
        ),
        FindingCode.WORSE_THAN_BASE: Wording("worse than {reference}", _TEST),
        FindingCode.GAIN_TOO_SMALL: Wording("gain too small", _TEST),
        FindingCode.GAIN_NOT_SHOWN: Wording("gain not shown", _TEST),
        FindingCode.NEW_TEXTS_NOT_MEASURED: Wording(
            "new texts not measured",
            "too few test pairs have texts that are not in train, so nothing is known of new texts",
        ),
        FindingCode.SHALLOW_BASELINE_NOT_BEATEN: Wording("shallow baseline not beaten", _TEST),
        FindingCode.SHALLOW_BASELINE_NOT_COMPARABLE: Wording("shallow baseline not compared", _TEST),
        FindingCode.NO_SHALLOW_BASELINE: Wording(
            "no shallow baseline",
            "no shallow baseline has an AUC on these pairs, so it is not known what a model adds",
        ),
        FindingCode.CHALLENGE_BELOW_CHANCE: Wording("challenge set below chance", _TEST),
        FindingCode.CHALLENGE_NOT_ABOVE_CHANCE: Wording("challenge set not above chance", _TEST),
        FindingCode.CHALLENGE_LOST: Wording("loss on the challenge set", _TEST),
        FindingCode.CHALLENGE_LOSS_POSSIBLE: Wording("loss on the challenge set possible", _TEST),
        FindingCode.NO_CHALLENGE: Wording(
            "no challenge set", "there is no challenge set, so nothing is known of {challenge}"
        ),
        FindingCode.SLICE_LOST: Wording("loss on a slice", _TEST),
        FindingCode.SLICE_LOSS_POSSIBLE: Wording("loss on a slice possible", _TEST),
        FindingCode.GUARD_LOST: Wording("loss on a guard", _TEST),
        FindingCode.GUARD_LOSS_POSSIBLE: Wording("loss on a guard possible", _TEST),
        FindingCode.ENGLISH_LOST: Wording("general English forgotten", _TEST),
        FindingCode.ENGLISH_LOSS_POSSIBLE: Wording("loss on general English possible", _TEST),
        FindingCode.LABELS_PREDICTED: Wording(
            "labels predicted by shallow baselines",
            "shallow baselines predict the labels of eval: {baselines}; the audit has their AUCs",
        ),
    }
)


def verdict_finding(code: FindingCode, role: Role, model: str = "", **measured: object) -> VerdictFinding:
    """A finding of the verdict.

    Args:
        code: One of `WORDINGS`.
        role: Whether the decision rests on it.
        model: The model it is about; empty where it is about the data.
        measured: What its text names in braces.
    """
    wording = WORDINGS[code]
    text = wording.text.format_map(measured)
    told = f"{display_name(model)}: {text}" if model else text
    return VerdictFinding(code=code, role=role, model=model, name=wording.name.format_map(measured), text=told)


def reasons_of(test: DecisionTest, model: str) -> list[VerdictFinding]:
    """The reasons that a test of the decision gives, notes where it does not decide; none where it passes."""
    told, reference = outcome_of(test), name_of(test.against)
    role: Role = "reason" if test.decides else "note"
    return [verdict_finding(FindingCode(code), role, model, test=told, reference=reference) for code in test.findings]


def audit_finding(finding: AuditFinding, role: Role) -> VerdictFinding:
    """A finding of the audit that the verdict repeats, with its code and what to do about it."""
    return VerdictFinding(
        code=finding.code,
        role=role,
        name=finding.name,
        text=f"{finding.name}: {finding.observed}; {finding.action}",
    )
