from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from pydantic import TypeAdapter, ValidationError

from src.audit.checks import FILE_CHECKS, SPLIT_CHECKS, VALIDATION_CHECKS, audit
from src.audit.finding_codes import FindingCode
from src.audit.learnable_labels import learnable_labels
from src.audit.shallow_baselines import shallow_baselines
from src.audit.shortcuts import BASELINE_OF, shortcut_findings
from src.models import AuditFinding, Code, VerdictFinding
from src.verdict.findings import WORDINGS

if TYPE_CHECKING:
    from tests.conftest import PairSetFactory

# Scripts of users match these. A code is neither renamed nor given to another finding.
CODES = {
    "LEAK-001": "COPIED_PAIRS",
    "LEAK-002": "RELABELLED_PAIRS",
    "LEAK-003": "SHARED_TEXTS",
    "LEAK-004": "SHARED_COMPONENTS",
    "LEAK-005": "NEAR_COPIES",
    "LEAK-006": "CLOSE_COPIES",
    "DUP-001": "REPEATED_PAIRS",
    "DUP-002": "SWAPPED_PAIRS",
    "DUP-003": "NORMALISED_REPEATS",
    "DUP-004": "NEAR_DUPLICATES",
    "LABEL-001": "CONTRADICTED_LABELS",
    "LABEL-002": "MISNAMED_LABELS",
    "LABEL-003": "RANDOM_LABELS",
    "SHORT-001": "LABELS_PREDICTED",
    "SHORT-002": "LABEL_CORRELATED_WORDS",
    "SHORT-003": "TEXT_1_ONLY",
    "SHORT-004": "TEXT_2_ONLY",
    "SHORT-005": "BAG_OF_WORDS",
    "SHORT-006": "LEXICAL_OVERLAP",
    "SHORT-007": "NEGATION_AGREEMENT",
    "SHORT-008": "LENGTH",
    "SHORT-009": "CATEGORY_ONLY",
    "SHORT-010": "TEXT_FREQUENCY",
    "SHORT-011": "CHARACTER_NGRAMS",
    "TEXT-001": "IDENTICAL_SIDES",
    "TEXT-002": "LONG_TEXTS",
    "TEXT-003": "UNKNOWN_TOKENS",
    "ORDER-001": "LABEL_ORDER",
    "SLICE-001": "SMALL_SLICES",
    "VALID-001": "FEW_VALIDATION_PAIRS",
    "SLICE-002": "SLICE_LOST",
    "SLICE-003": "SLICE_LOSS_POSSIBLE",
    "GUARD-001": "GUARD_LOST",
    "GUARD-002": "GUARD_LOSS_POSSIBLE",
    "GUARD-003": "ENGLISH_LOST",
    "GUARD-004": "ENGLISH_LOSS_POSSIBLE",
    "MODEL-001": "DIFFERENT_DATA",
    "MODEL-002": "WEIGHTS_UNCHANGED",
    "MODEL-003": "AUC_UNDEFINED",
    "MODEL-004": "LABELS_INVERTED",
    "MODEL-005": "SPACE_COLLAPSED",
    "MODEL-006": "DIRECTIONS_LOST",
    "MODEL-007": "NOT_FINITE",
    "GAIN-001": "WORSE_THAN_BASE",
    "GAIN-002": "SHALLOW_BASELINE_NOT_BEATEN",
    "GAIN-003": "SHALLOW_BASELINE_NOT_COMPARABLE",
    "GAIN-004": "NO_SHALLOW_BASELINE",
    "GAIN-005": "GAIN_TOO_SMALL",
    "GAIN-006": "GAIN_NOT_SHOWN",
    "GAIN-007": "NEW_TEXTS_NOT_MEASURED",
    "CHAL-001": "CHALLENGE_NOT_ABOVE_CHANCE",
    "CHAL-002": "CHALLENGE_BELOW_CHANCE",
    "CHAL-003": "CHALLENGE_LOST",
    "CHAL-004": "CHALLENGE_LOSS_POSSIBLE",
    "CHAL-005": "NO_CHALLENGE",
}


def test_no_code_is_renamed_and_no_two_findings_share_one() -> None:
    # `__members__` holds a second name of the same value too
    assert {code.value: name for name, code in FindingCode.__members__.items()} == CODES
    assert len(FindingCode.__members__) == len(CODES)


@pytest.mark.parametrize("code", FindingCode)
def test_every_code_is_one_that_a_finding_may_carry(code: FindingCode) -> None:
    assert TypeAdapter(Code).validate_python(code) == code.value


@pytest.mark.parametrize("code", ["", "LEAK", "LEAK-1", "leak-001", "LEAK-0001", "LEAK-001 "])
@pytest.mark.parametrize("kind", [AuditFinding, VerdictFinding])
def test_any_other_form_of_a_code_is_refused(kind: type[AuditFinding | VerdictFinding], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate({"code": code})

    assert any(error["loc"] == ("code",) for error in caught.value.errors())


def test_every_code_belongs_to_one_check_one_shortcut_or_one_wording() -> None:
    checks = [check.code for check in (*FILE_CHECKS, *VALIDATION_CHECKS, *SPLIT_CHECKS)]
    checks += [FindingCode.CLOSE_COPIES, FindingCode.RANDOM_LABELS]  # which need more than the texts of the files

    assert Counter([*checks, *BASELINE_OF, *WORDINGS]) == Counter(FindingCode)


def test_the_audit_gives_one_check_one_code_in_every_file(random_pairs: PairSetFactory) -> None:
    train, held_out = random_pairs(60, seed=1), random_pairs(40, seed=2)
    shallow = [baseline.result for baseline in shallow_baselines(train, held_out, None)]
    found = [
        *audit(train, held_out, held_out, validation=held_out),
        *shortcut_findings(shallow),
        learnable_labels(train, shallow),
    ]

    assert {finding.code for finding in found} == set(FindingCode) - set(WORDINGS) - {FindingCode.CLOSE_COPIES}
    assert len({(finding.code, finding.name) for finding in found}) == len(found)
    of_role = Counter((finding.code, finding.role) for finding in found if not finding.about_split)
    assert set(of_role.values()) == {1}
