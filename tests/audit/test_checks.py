from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.audit.checks import FILE_CHECKS, SPLIT_CHECKS, VALIDATION_CHECKS, audit, runs_z
from src.embedding.base_model import resolve_base_model
from src.embedding.tokenizer import base_tokenizer
from src.models import AuditFinding, FindingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from src.audit.framework import AuditCheck, AuditFile, FilePair
    from src.embedding.tokenizer import BaseTokenizer
    from src.models import PairSet
    from tests.conftest import PairSetFactory

OK, NOTE, WARN, BLOCKER = FindingStatus.OK, FindingStatus.NOTE, FindingStatus.WARN, FindingStatus.BLOCKER
ALL_CHECKS = (*FILE_CHECKS, *VALIDATION_CHECKS, *SPLIT_CHECKS)


def _findings(train: PairSet, eval_: PairSet, challenge: PairSet | None = None) -> dict[str, AuditFinding]:
    return {finding.name: finding for finding in audit(train, eval_, challenge)}


def _of_train(findings: Iterable[AuditFinding]) -> dict[str, AuditFinding]:
    return {finding.code: finding for finding in findings if finding.role == "train" and not finding.about_split}


@pytest.fixture
def train(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(200, seed=1, name="train.jsonl")


@pytest.fixture
def held_out(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(100, seed=2, name="eval.jsonl")


@pytest.fixture
def tokenizer(tiny_model: Path) -> BaseTokenizer | None:
    return base_tokenizer(resolve_base_model(str(tiny_model)))


class TestTheTable:
    def test_no_two_checks_share_a_name(self) -> None:
        assert len({check.text.name for check in ALL_CHECKS}) == len(ALL_CHECKS)

    @pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.text.name)
    def test_grades_ascend_in_value_and_in_severity(self, check: AuditCheck[AuditFile] | AuditCheck[FilePair]) -> None:
        severity = (OK, NOTE, WARN, BLOCKER)
        values = [grade.above for grade in check.grades]
        statuses = [severity.index(grade.status) for grade in check.grades]

        assert values == sorted(values)
        assert statuses == sorted(set(statuses))
        assert all(grade.status.value in check.limit for grade in check.grades)
        assert check.text.why
        assert check.text.action

    def test_random_pairs_with_nothing_in_common_are_all_ok(self, train: PairSet, held_out: PairSet) -> None:
        assert {finding.name for finding in audit(train, held_out, None) if finding.status is not OK} == set()

    def test_every_file_and_every_split_is_audited(self, train: PairSet, held_out: PairSet) -> None:
        without, with_challenge = audit(train, held_out, None), audit(train, held_out, held_out)

        assert len(without) == 2 * len(FILE_CHECKS) + len(SPLIT_CHECKS)
        assert len(with_challenge) == 3 * len(FILE_CHECKS) + 3 * len(SPLIT_CHECKS)
        assert len({finding.name for finding in with_challenge}) == len(with_challenge)

    def test_a_validation_file_is_audited_as_the_others_are_and_what_it_shares_with_them_is_its_finding(
        self, train: PairSet, held_out: PairSet
    ) -> None:
        before, found = audit(train, held_out, None), audit(train, held_out, None, validation=held_out)

        of_validation = {finding.name: finding for finding in found if finding.role == "validation"}
        assert [finding for finding in found if finding.role != "validation"] == list(before)
        assert len(of_validation) == len(FILE_CHECKS) + len(VALIDATION_CHECKS) + 2 * len(SPLIT_CHECKS)
        assert of_validation["validation: pairs copied from train"].status is OK
        assert of_validation["validation: pairs copied from eval"].status is BLOCKER

    @pytest.mark.parametrize(("n", "status"), [(99, WARN), (100, OK)])
    def test_fewer_than_100_validation_pairs_are_few(
        self, train: PairSet, held_out: PairSet, n: int, status: FindingStatus
    ) -> None:
        found = audit(train, held_out, None, validation=held_out.take(np.arange(n)))

        few = next(finding for finding in found if finding.code == "VALID-001")
        assert (few.status, few.observed) == (status, f"{n} pairs; 100 or more are wanted")

    @pytest.mark.parametrize("n", [1, 2])
    def test_the_smallest_files_break_no_check(self, n: int, pair_set: PairSetFactory) -> None:
        tiny = pair_set(["boy: ☕", "boy: tea"][:n], ["girl: ☕", "girl: milk"][:n])

        assert all(finding.observed for finding in audit(tiny, tiny, tiny))


class TestOneFile:
    """Each test plants one fault and looks for the finding that names it."""

    @staticmethod
    def _finding(pairs: PairSet, other: PairSet, name: str) -> AuditFinding:
        return _findings(pairs, other)[f"train: {name}"]

    @pytest.mark.parametrize(("n", "status"), [(0, OK), (1, NOTE), (30, WARN)])
    def test_repeated_rows(self, n: int, status: FindingStatus, train: PairSet, held_out: PairSet) -> None:
        train.text_1[100 : 100 + n] = train.text_1[:n]
        train.text_2[100 : 100 + n] = train.text_2[:n]
        train.labels[100 : 100 + n] = train.labels[:n]
        finding = self._finding(train, held_out, "repeated pairs")

        assert finding.status is status
        assert finding.observed.startswith(f"{n} of 200 pairs")

    def test_swapped_rows_are_not_exact_repeats(self, train: PairSet, held_out: PairSet) -> None:
        train.text_1[9], train.text_2[9] = train.text_2[4], train.text_1[4]

        assert self._finding(train, held_out, "repeated pairs").status is OK
        assert self._finding(train, held_out, "swapped pairs").rows == ("train.jsonl:5", "train.jsonl:10")

    def test_rows_repeated_in_other_case_are_not_exact_repeats(self, train: PairSet, held_out: PairSet) -> None:
        train.text_1[9], train.text_2[9] = train.text_1[4].upper() + ".", train.text_2[4]

        assert self._finding(train, held_out, "repeated pairs").status is OK
        assert self._finding(train, held_out, "pairs repeated after normalisation").rows == ("train.jsonl:10",)

    def test_one_pair_with_two_labels_blocks(self, train: PairSet, held_out: PairSet) -> None:
        train.text_1[9], train.text_2[9] = train.text_1[4], train.text_2[4]
        train.labels[4], train.labels[9] = 0, 1
        finding = self._finding(train, held_out, "one pair, two labels")

        assert finding.status is BLOCKER
        assert finding.rows == ("train.jsonl:5", "train.jsonl:10")

    def test_a_flipped_label_file_is_asked_about(self, train: PairSet, held_out: PairSet) -> None:
        train.pair_type[:] = ["incompatible" if label else "compatible" for label in train.labels]
        finding = self._finding(train, held_out, "pair type contradicts the label")

        assert finding.status is BLOCKER
        assert "labels inverted?" in finding.observed

    def test_only_pairs_whose_type_names_a_label_can_contradict_it(self, train: PairSet, held_out: PairSet) -> None:
        train.pair_type[:4] = ["incompatible" if label else "compatible" for label in train.labels[:4]]
        finding = self._finding(train, held_out, "pair type contradicts the label")

        assert (finding.status, finding.n) == (BLOCKER, 4)
        assert finding.observed.startswith("4 of 4 pairs (100.0%) whose type names a label have the other label")
        assert finding.rows == tuple(f"train.jsonl:{line}" for line in (1, 2, 3, 4))

    def test_types_that_name_no_label_decide_nothing(self, train: PairSet, held_out: PairSet) -> None:
        finding = self._finding(train, held_out, "pair type contradicts the label")

        assert (finding.status, finding.n) == (OK, 0)
        assert finding.observed == "not applicable: no pair type names a label"

    def test_identical_sides(self, train: PairSet, held_out: PairSet) -> None:
        train.text_2[7] = train.text_1[7].replace("boy:", "girl:")

        assert self._finding(train, held_out, "identical sides").rows == ("train.jsonl:8",)

    def test_a_text_beyond_the_model_is_found(
        self, train: PairSet, held_out: PairSet, tokenizer: BaseTokenizer
    ) -> None:
        train.text_1[3] = "boy: " + "word " * 60
        found = _of_train(audit(train, held_out, None, tokenizer))

        assert found["TEXT-002"].rows == ("train.jsonl:4",)
        assert found["TEXT-002"].observed == "1 of 200 pairs (0.5%) have a text of more than 128 tokens"

    def test_texts_that_the_model_cannot_see_are_counted_and_named(
        self, train: PairSet, held_out: PairSet, tokenizer: BaseTokenizer
    ) -> None:
        for row in (3, 5, 8):
            train.text_2[row] += " \U0001f600"
        train.text_1[5] = "boy: 東"
        found = _of_train(audit(train, held_out, None, tokenizer))

        assert found["TEXT-003"].status is WARN
        assert found["TEXT-003"].rows == ("train.jsonl:4", "train.jsonl:6", "train.jsonl:9")
        assert found["TEXT-003"].observed == (
            "3 of 200 pairs (1.5%) have a text with an unknown token: '\U0001f600' in 3, '東' in 1"
        )

    def test_of_a_large_file_some_rows_are_read(
        self, train: PairSet, held_out: PairSet, tokenizer: BaseTokenizer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("src.audit.framework.TOKENIZED_PAIRS", 50)
        train.text_1[:] = ["boy: \U0001f600"] * 200
        found = _of_train(audit(train, held_out, None, tokenizer))

        assert (found["TEXT-003"].n, len(set(found["TEXT-003"].rows))) == (50, 10)

    def test_without_a_tokenizer_nothing_is_said_of_what_the_model_reads(
        self, train: PairSet, held_out: PairSet
    ) -> None:
        for name in ("texts longer than the model reads", "texts with unknown tokens"):
            finding = self._finding(train, held_out, name)
            assert (finding.status, finding.n) == (OK, 0)
            assert finding.observed.startswith("not applicable: the base model has no tokenizer.json")

    def test_slices_with_one_label_or_few_pairs_are_named(self, train: PairSet, held_out: PairSet) -> None:
        train.category[:] = ["tiny"] * 2 + ["one-sided" if label else "mixed" for label in train.labels[2:]]
        train.category[2:12] = ["mixed"] * 10
        train.labels[2:12] = 1
        observed = self._finding(train, held_out, "slices with one label or too few pairs").observed

        assert "tiny (n=2)" in observed
        assert "one-sided (all 1)" in observed
        assert "mixed" not in observed

    def test_sorted_labels_are_an_order_effect(self, train: PairSet, held_out: PairSet) -> None:
        train.labels.sort()

        assert self._finding(train, held_out, "order of the labels").status is WARN

    def test_a_label_correlated_word(self, train: PairSet, held_out: PairSet) -> None:
        train.text_2[:] = [t + " never" * int(y == 0) for t, y in zip(train.text_2, train.labels, strict=True)]

        assert self._finding(train, held_out, "label-correlated words").status is WARN

    @pytest.mark.parametrize(("n", "status"), [(2, OK), (3, NOTE), (21, WARN)])
    def test_near_duplicates(self, n: int, status: FindingStatus, train: PairSet, held_out: PairSet) -> None:
        train.text_1[100 : 100 + n] = [f"{text} really" for text in train.text_1[:n]]
        train.text_2[100 : 100 + n] = train.text_2[:n]

        assert self._finding(train, held_out, "near-duplicates").status is status


class TestTheSplit:
    @staticmethod
    def _copy(train: PairSet, held_out: PairSet, n: int) -> None:
        held_out.text_1[:n], held_out.text_2[:n] = train.text_2[:n], [text.upper() for text in train.text_1[:n]]
        held_out.labels[:n] = train.labels[:n]

    @pytest.mark.parametrize(("n", "status"), [(0, OK), (5, WARN), (6, BLOCKER)])
    def test_pairs_copied_in_any_order_and_case(
        self, n: int, status: FindingStatus, train: PairSet, held_out: PairSet
    ) -> None:
        self._copy(train, held_out, n)
        finding = _findings(train, held_out)["eval: pairs copied from train"]

        assert finding.status is status
        assert finding.observed.startswith(f"{n} of 100 pairs")
        assert finding.observed.endswith("0 of them exactly")

    def test_a_copied_challenge_set_leaks_as_well(self, train: PairSet, held_out: PairSet) -> None:
        findings = _findings(train, held_out, train)

        assert findings["challenge: pairs copied from train"].status is BLOCKER
        assert findings["challenge: pairs copied from eval"].status is OK

    def test_a_copy_with_the_other_label_blocks(self, train: PairSet, held_out: PairSet) -> None:
        self._copy(train, held_out, 3)
        held_out.labels[2] = 1 - held_out.labels[2]
        finding = _findings(train, held_out)["eval: pairs with the other label in train"]

        assert finding.status is BLOCKER
        assert finding.rows == ("eval.jsonl:3",)

    def test_shared_texts_are_counted_by_side(self, train: PairSet, held_out: PairSet) -> None:
        held_out.text_1[:20] = train.text_1[:20]
        held_out.text_2[10:20] = train.text_1[30:40]
        finding = _findings(train, held_out)["eval: texts shared with train"]

        assert finding.status is WARN
        assert finding.observed == (
            "20 of 100 pairs (20.0%) share a text with train, 10 of them both texts, 20 of them exactly"
        )

    def test_a_component_crosses_the_split_through_other_pairs_of_the_same_file(
        self, train: PairSet, held_out: PairSet
    ) -> None:
        held_out.text_1[0] = train.text_1[0]
        held_out.text_1[1] = held_out.text_2[0]
        finding = _findings(train, held_out)["eval: components of the pair graph shared with train"]

        assert finding.rows == ("eval.jsonl:1", "eval.jsonl:2")
        assert "1 of 298 components have pairs of both" in finding.observed

    def test_a_group_links_pairs_across_the_split(self, train: PairSet, held_out: PairSet) -> None:
        grouped = replace(train, groups=[f"g{i}" for i in range(len(train))])
        others = replace(held_out, groups=["g7", *(f"h{i}" for i in range(1, len(held_out)))], ids=["x"] * 100)
        finding = _findings(grouped, others)["eval: components of the pair graph shared with train"]

        assert finding.rows == ("eval.jsonl:1 (x)",)
        assert finding.observed.endswith("; groups link pairs too, and 1 pairs are of a group of train")

    def test_a_near_copy_is_not_a_copy(self, train: PairSet, held_out: PairSet) -> None:
        held_out.text_1[0], held_out.text_2[0] = train.text_1[0] + " really", train.text_2[0] + " too"
        findings = _findings(train, held_out)

        assert findings["eval: pairs copied from train"].status is OK
        assert findings["eval: near-duplicates of train"].rows == ("eval.jsonl:1",)


class TestRuns:
    @pytest.mark.parametrize(("labels", "sign"), [([0] * 20 + [1] * 20, -1), ([0, 1] * 20, 1)])
    def test_runs_are_few_in_blocks_and_many_in_alternation(self, labels: list[int], sign: int) -> None:
        z = runs_z(np.array(labels, dtype=np.int8))

        assert z is not None
        assert z * sign > 5

    def test_runs_of_shuffled_labels_are_standard_normal(self) -> None:
        rng = np.random.default_rng(0)
        found = [runs_z(rng.permutation(np.repeat([0, 1], [60, 40]).astype(np.int8))) for _ in range(500)]

        assert np.mean(found) == pytest.approx(0, abs=0.15)
        assert np.std(found) == pytest.approx(1, abs=0.1)
