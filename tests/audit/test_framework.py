from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.audit.finding_codes import FindingCode
from src.audit.framework import (
    AuditCheck,
    AuditFile,
    AuditOutcome,
    FilePair,
    Grade,
    finding,
    repeats,
    rows_of,
    share_of,
)
from src.data_loader import load_pairs
from src.embedding.base_model import resolve_base_model
from src.embedding.tokenizer import base_tokenizer
from src.models import FindingStatus, Split
from src.wording.audit import CheckText
from tests.support.data_files import record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Literal

    from src.audit.framework import Subject
    from src.models import PairSet
    from tests.conftest import PairSetFactory

OK, NOTE, WARN, BLOCKER = FindingStatus.OK, FindingStatus.NOTE, FindingStatus.WARN, FindingStatus.BLOCKER


@pytest.fixture
def train(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(20, seed=1, name="train.jsonl")


@pytest.fixture
def held_out(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(30, seed=2, name="eval.jsonl")


def check_of(
    measure: Callable[[Subject], AuditOutcome],
    unit: Literal["share", "z"] = "share",
    grades: tuple[Grade, ...] = (Grade(NOTE, 0.0), Grade(WARN, 0.05), Grade(BLOCKER, 0.5)),
) -> AuditCheck[Subject]:
    return AuditCheck(
        code=FindingCode.LONG_TEXTS,
        text=CheckText(name="odd rows", why="w", action="a"),
        unit=unit,
        grades=grades,
        measure=measure,
    )


def outcome(value: float | None) -> AuditOutcome:
    return AuditOutcome(value, "what was seen", 20)


def _nothing(_: object) -> AuditOutcome:
    return outcome(0.0)


# --- a finding ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (None, OK),
        (0.0, OK),
        (0.001, NOTE),
        (0.05, NOTE),
        (0.051, WARN),
        (0.5, WARN),
        (0.501, BLOCKER),
        (1.0, BLOCKER),
    ],
)
def test_the_last_grade_that_the_value_exceeds_is_the_status(
    value: float | None, status: FindingStatus, train: PairSet
) -> None:
    assert finding(check_of(lambda _: outcome(value)), AuditFile(Split.TRAIN, train)).status is status


@pytest.mark.parametrize(
    ("value", "observed"), [(0.3, "what was seen"), (0.0, "what was seen"), (None, "not applicable: what was seen")]
)
def test_what_could_not_be_decided_says_so(value: float | None, observed: str, train: PairSet) -> None:
    assert finding(check_of(lambda _: outcome(value)), AuditFile(Split.TRAIN, train)).observed == observed


def test_a_finding_in_a_file_names_its_role_and_one_in_a_split_both(train: PairSet, held_out: PairSet) -> None:
    file = AuditFile(Split.TRAIN, train)
    split = FilePair(file, AuditFile(Split.TEST, held_out))
    of_file: AuditCheck[AuditFile] = check_of(_nothing)
    of_split: AuditCheck[FilePair] = check_of(_nothing)
    in_file, in_split = finding(of_file, file), finding(of_split, split)

    assert (in_file.name, in_file.role, in_file.about_split) == ("train: odd rows", Split.TRAIN, False)
    assert (in_split.name, in_split.role, in_split.about_split) == ("eval: odd rows train", Split.TEST, True)
    assert in_file.code == in_split.code == FindingCode.LONG_TEXTS


def test_at_most_ten_rows_of_the_target_are_shown_as_file_and_line(train: PairSet, held_out: PairSet) -> None:
    odd = np.arange(30) >= 5
    split = FilePair(AuditFile(Split.TRAIN, train), AuditFile(Split.TEST, held_out))
    check: AuditCheck[FilePair] = check_of(lambda _: share_of(odd, "are odd"))
    found = finding(check, split)

    assert found.rows == tuple(f"eval.jsonl:{line}" for line in range(6, 16))
    assert found.n == 30


@pytest.mark.parametrize(
    ("unit", "limit"), [("share", "note above 0 %; warn above 2.5 %"), ("z", "note above |z| 0; warn above |z| 0.025")]
)
def test_the_limit_says_the_grades_in_the_unit_of_the_check(unit: Literal["share", "z"], limit: str) -> None:
    check: AuditCheck[AuditFile] = check_of(_nothing, unit, (Grade(NOTE, 0.0), Grade(WARN, 0.025)))

    assert check.limit == limit


# --- what checks are made of ----------------------------------------------------------------------------


def test_a_row_behind_blank_lines_is_shown_by_its_line_in_the_file(tmp_path: Path) -> None:
    lines = ["", *(json.dumps(record(text_1=f"boy: {text}")) for text in "ab"), "  ", json.dumps(record())]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(lines))

    check = check_of(lambda file: share_of(np.array(file.pairs.text_1) == "boy: I like tea", "are odd"))
    found = finding(check, AuditFile(Split.TRAIN, load_pairs(path)))

    assert found.rows == ("pairs.jsonl:5",)


def test_marked_rows_are_a_share_with_their_places() -> None:
    found = share_of(np.array([False, True, True, False]), "are odd")

    assert (found.value, found.observed, found.n) == (0.5, "2 of 4 pairs (50.0%) are odd", 4)
    assert found.rows.tolist() == [1, 2]


def test_no_rows_have_a_share_of_zero() -> None:
    found = share_of(np.zeros(0, dtype=np.bool_), "are odd")

    assert (found.value, found.observed, found.rows.tolist()) == (0.0, "0 of 0 pairs (0.0%) are odd", [])


def test_a_repeat_is_a_key_that_stands_in_an_earlier_row() -> None:
    keys = np.array([7, 3, 7, 7, 3, 1], dtype=np.uint64)

    assert repeats(keys).tolist() == [False, False, True, True, True, False]
    assert rows_of(repeats(keys)).tolist() == [2, 3, 4]


def test_the_raw_keys_tell_letters_and_order_apart_where_the_normalised_key_does_not(pair_set: PairSetFactory) -> None:
    pairs = pair_set(["boy: tea", "boy: Tea", "girl: milk", "boy: tea"], ["girl: milk", "girl: milk", "boy: tea", "x"])
    file = AuditFile(Split.TRAIN, pairs)
    ordered, swapped = file.raw

    assert len(set(file.keys[:3].tolist())) == 1
    assert len(set(file.keys.tolist())) == 2
    assert len(set(ordered.tolist())) == 4
    assert (swapped[2], swapped[0]) == (ordered[0], ordered[2])
    assert swapped[1] not in ordered


def test_the_arrays_of_a_file_are_made_once(train: PairSet) -> None:
    file = AuditFile(Split.TRAIN, train)

    assert file.table is file.table
    assert file.keys is file.keys
    assert file.raw is file.raw
    assert file.distinct is file.distinct
    assert file.buckets is file.buckets
    assert file.buckets.shape == (6, len(train))


def test_a_prompt_counts_among_the_tokens_of_a_text(tiny_model: Path, pair_set: PairSetFactory) -> None:
    tokenizer = base_tokenizer(resolve_base_model(str(tiny_model), prompt_2="b " * 10))
    pairs = pair_set(["a " * 120, "a"], ["a", "a " * 120])

    counts = AuditFile(Split.TRAIN, pairs, tokenizer).token_counts

    assert counts is not None
    assert counts.long.tolist() == [False, False, False, True]  # first texts, then second ones
