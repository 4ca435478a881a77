from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.audit.shallow_baselines import MAJORITY, MODELS, shallow_baselines
from src.audit.shortcuts import shortcut_findings
from src.models import FindingStatus, ShallowBaseline

if TYPE_CHECKING:
    from src.models import AuditFinding, PairSet
    from tests.conftest import PairSetFactory

OK, NOTE, WARN = FindingStatus.OK, FindingStatus.NOTE, FindingStatus.WARN
NAMES = [model.name for model in MODELS]


def finding_of(
    auc: float | None, low: float | None = None, high: float | None = None, *, name: str = "length", reason: str = ""
) -> AuditFinding:
    baseline = ShallowBaseline(name=name, auc_roc=auc, auc_low=low, auc_high=high, n=120, reason=reason)
    (found,) = shortcut_findings([baseline])
    return found


# --- the status -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auc", "status"),
    [(0.55, OK), (0.60, OK), (0.601, NOTE), (0.70, NOTE), (0.701, WARN), (0.98, WARN), (1.0, WARN)],
)
def test_an_auc_above_060_is_a_note_and_above_070_a_warning(auc: float, status: FindingStatus) -> None:
    assert finding_of(auc, 0.51, 1.0).status is status


@pytest.mark.parametrize(
    ("auc", "low", "status"),
    [
        (0.75, 0.501, WARN),
        (0.75, 0.5, OK),
        (0.75, 0.4, OK),
        (0.75, None, OK),
        (0.65, 0.501, NOTE),
        (0.65, 0.5, OK),
        (0.65, 0.45, OK),
        (0.65, None, OK),
    ],
)
def test_an_interval_that_reaches_chance_blames_no_file(auc: float, low: float | None, status: FindingStatus) -> None:
    assert finding_of(auc, low, None if low is None else 0.9).status is status


def test_an_auc_below_chance_tells_nothing() -> None:
    assert finding_of(0.1, 0.05, 0.2).status is OK


def test_what_has_no_auc_is_not_applicable_for_its_reason() -> None:
    found = finding_of(None, reason="train has one label only")

    assert (found.status, found.observed) == (OK, "train has one label only")


# --- the words ------------------------------------------------------------------------------------------


def test_a_finding_says_what_was_seen_on_how_many_pairs_and_against_which_limits() -> None:
    found = finding_of(0.9137, 0.8512, 0.9763, name="text_1_only")

    assert found.name == "eval: label predicted from text 1 only"
    assert found.observed == "AUC 0.914 [0.851, 0.976] on eval, fitted on train"
    assert found.limit == "note above AUC 0.60; warn above AUC 0.70; both with an interval above 0.5"
    assert (found.n, found.about_split, found.rows) == (120, False, ())


def test_an_auc_without_an_interval_stands_alone() -> None:
    assert finding_of(0.9137).observed == "AUC 0.914 on eval, fitted on train"


@pytest.mark.parametrize("name", [name for name in NAMES if name != MAJORITY])
def test_every_baseline_but_the_majority_has_one_finding_with_advice(name: str) -> None:
    found = finding_of(0.8, 0.7, 0.9, name=name)

    assert found.name == f"eval: label predicted from {name.replace('_', ' ')}"
    assert found.why
    assert found.action


def test_the_majority_tells_nothing_and_has_no_finding() -> None:
    assert shortcut_findings([ShallowBaseline(name=MAJORITY, auc_roc=0.5, n=120, reason="0.5 by definition")]) == ()


# --- real baselines -------------------------------------------------------------------------------------


@pytest.fixture
def train(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(300, seed=1)


@pytest.fixture
def held_out(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(200, seed=2)


def statuses(train: PairSet, held_out: PairSet) -> dict[str, FindingStatus]:
    results = [baseline.result for baseline in shallow_baselines(train, held_out, None)]
    return {found.name: found.status for found in shortcut_findings(results)}


def test_random_pairs_have_no_shortcut(train: PairSet, held_out: PairSet) -> None:
    assert statuses(train, held_out) == {
        f"eval: label predicted from {name.replace('_', ' ')}": OK for name in NAMES if name != MAJORITY
    }


@pytest.mark.parametrize(("side", "other"), [(1, 2), (2, 1)])
def test_a_word_of_one_label_on_one_side_is_a_warning_for_that_side_alone(
    side: int, other: int, train: PairSet, held_out: PairSet
) -> None:
    for pairs in (train, held_out):
        column = getattr(pairs, f"text_{side}")
        column[:] = [text + " clearly" * int(y == 0) for text, y in zip(column, pairs.labels, strict=True)]
    found = statuses(train, held_out)

    assert found[f"eval: label predicted from text {side} only"] is WARN
    assert found[f"eval: label predicted from text {other} only"] is OK


def test_a_word_that_predicts_the_label_in_train_alone_is_no_shortcut(train: PairSet, held_out: PairSet) -> None:
    train.text_1[:] = [text + " clearly" * int(y == 0) for text, y in zip(train.text_1, train.labels, strict=True)]

    assert statuses(train, held_out)["eval: label predicted from text 1 only"] is OK
