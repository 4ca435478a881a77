"""The data set that ships with the project keeps what its data card promises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import chain
from statistics import mean
from typing import TYPE_CHECKING, Any

import pytest

from src.audit.checks import audit
from src.audit.learnable_labels import learnable_labels
from src.audit.shallow_baselines import fit_negation, shallow_baselines
from src.audit.shortcuts import shortcut_findings
from src.core.paths import SHIPPED_DATA
from src.data.normalisation import normalise, pair_keys, text_keys
from src.data.overlap import split_overlap
from src.data.tokens import words_of
from src.data_evaluator import SyntheticDataEvaluator
from src.data_loader import PAIR_TYPES, load_pairs, spoken_text
from src.models import FindingStatus
from src.quality_stage import cap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from src.models import DataQuality, PairSet, ShallowBaseline
    from tests.conftest import PairSetFactory

    Record = dict[str, Any]

FILES = {"train": "dating_pairs.jsonl", "eval": "eval_pairs.jsonl", "challenge": "challenge_pairs.jsonl"}
MADE = ("dating_pairs.jsonl", "dating_pairs_metadata.json", "eval_pairs.jsonl", "eval_pairs_metadata.json")
COUNTS = {
    "train": {
        ("compatible", 1): 240,
        ("subtle_mismatch", 1): 190,
        ("subtle_mismatch", 0): 40,
        ("dealbreaker", 0): 180,
        ("incompatible", 0): 180,
        ("llm_judged_compatible", 1): 134,
        ("llm_judged_incompatible", 0): 106,
        ("complex_compatible", 1): 63,
        ("complex_incompatible", 0): 57,
        ("curated_realistic", 1): 1,
        ("curated_realistic", 0): 4,
    },
    "eval": {
        ("compatible", 1): 60,
        ("subtle_mismatch", 1): 47,
        ("subtle_mismatch", 0): 3,
        ("dealbreaker", 0): 45,
        ("incompatible", 0): 45,
        ("llm_judged_compatible", 1): 32,
        ("llm_judged_incompatible", 0): 28,
        ("complex_compatible", 1): 18,
        ("complex_incompatible", 0): 12,
        ("curated_realistic", 1): 1,
        ("curated_realistic", 0): 4,
    },
}
CORE = {"lifestyle", "interests", "values", "dealbreakers", "realistic_example"}
STANCES = ("for", "against", "mention", "demand", "disclosure")
# two statements on one topic, and the label that the written rules give them
RULES = {
    ("for", "for"): 1,
    ("against", "against"): 1,
    ("against", "for"): 0,
    ("demand", "disclosure"): 0,
    ("demand", "for"): 0,
    ("against", "demand"): 1,
    ("disclosure", "disclosure"): 1,
    ("disclosure", "for"): 1,
}
# a negation that the rule `negation_agreement` does not know
NEGATED_BY_NOWHERE = "Nowhere lifts my mood like a flat right above the shops and theatres."
# below this many uses in train, shares of compatible pairs are too coarse to tell anything
MIN_USES = 4


def lines(name: str) -> list[Record]:
    return [json.loads(line) for line in (SHIPPED_DATA / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def sets() -> dict[str, PairSet]:
    return {role: load_pairs(SHIPPED_DATA / name) for role, name in FILES.items()}


@pytest.fixture(scope="module")
def bank() -> dict[str, Record]:
    """Statement to its line in the bank."""
    rows = lines("statement_bank.jsonl")
    found = {row["text"]: row for row in rows}
    assert len(found) == len(rows), "a statement stands twice in the bank"
    return found


@pytest.fixture(scope="module")
def qualities(sets: dict[str, PairSet]) -> dict[str, DataQuality]:
    return {role: SyntheticDataEvaluator().evaluate(sets[role]) for role in ("train", "eval")}


@pytest.fixture(scope="module")
def shallow(sets: dict[str, PairSet]) -> tuple[ShallowBaseline, ...]:
    """The shallow baselines, fitted on train."""
    return tuple(baseline.result for baseline in shallow_baselines(sets["train"], sets["eval"], None))


@pytest.fixture(scope="module")
def trivial(shallow: tuple[ShallowBaseline, ...]) -> dict[str, float | None]:
    """Their AUC on eval."""
    return {baseline.name: baseline.auc_roc for baseline in shallow}


def statements_of(text: str, bank: dict[str, Record]) -> list[Record]:
    """The one or two statements of the bank that a text is made of; none for a text that was written for its pair."""
    said = spoken_text(text)
    if said in bank:
        return [bank[said]]
    places = (i for i, character in enumerate(said) if character == " ")
    halves = ((said[:i], said[i + 1 :]) for i in places)
    return next(([bank[a], bank[b]] for a, b in halves if a in bank and b in bank), [])


def drawn(pairs: PairSet, bank: dict[str, Record]) -> Iterator[tuple[int, list[Record], list[Record], int]]:
    """Row, statements of either side and label of each pair that was drawn from the bank."""
    for row, pair_type in enumerate(pairs.pair_type):
        if pair_type != "curated_realistic":
            sides = [statements_of(text[row], bank) for text in (pairs.text_1, pairs.text_2)]
            yield row, *sides, int(pairs.labels[row])


def uses_in_train(train: PairSet, bank: dict[str, Record]) -> dict[str, Counter[int]]:
    """How often each statement takes part in train pairs of either label."""
    uses: dict[str, Counter[int]] = {}
    for _, left, right, label in drawn(train, bank):
        for statement in (*left, *right):
            uses.setdefault(statement["text"], Counter())[label] += 1
    return uses


def compatible_share(uses: Counter[int]) -> float:
    return uses[1] / uses.total()


# --- the files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", COUNTS)
def test_a_file_has_the_counts_of_each_pair_type_and_label(role: str, sets: dict[str, PairSet]) -> None:
    pairs = sets[role]

    assert Counter(zip(pairs.pair_type, pairs.labels.tolist(), strict=True)) == COUNTS[role]


@pytest.mark.parametrize("role", COUNTS)
def test_every_category_is_one_of_the_five_domains_or_two_of_them(role: str, sets: dict[str, PairSet]) -> None:
    parts = {category: category.split("_and_") for category in sets[role].category}

    assert set(chain.from_iterable(parts.values())) == CORE
    assert all(len(names) <= 2 and len(set(names)) == len(names) for names in parts.values())
    assert any(len(names) == 2 for names in parts.values())


@pytest.mark.parametrize("role", FILES)
def test_every_pair_type_is_a_known_one(role: str, sets: dict[str, PairSet]) -> None:
    assert set(sets[role].pair_type) <= PAIR_TYPES


@pytest.mark.parametrize("role", COUNTS)
def test_the_metadata_counts_what_is_in_the_file(role: str, sets: dict[str, PairSet]) -> None:
    pairs = sets[role]
    facts = json.loads((SHIPPED_DATA / FILES[role].replace(".jsonl", "_metadata.json")).read_text(encoding="utf-8"))

    assert facts["total_pairs"] == len(pairs)
    assert facts["compatible_pairs"] == int(pairs.labels.sum())
    assert facts["incompatible_pairs"] == len(pairs) - int(pairs.labels.sum())
    assert facts["pairs_by_type"] == Counter(pairs.pair_type)
    assert facts["categories_used"] == sorted(set(pairs.category))


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_the_script_writes_the_same_bytes_again(tmp_path: Path, hash_seed: str) -> None:
    script = SHIPPED_DATA / "generate_dating_pairs.py"
    subprocess.run(
        [sys.executable, "-W", "error", str(script), str(tmp_path)],
        check=True,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        cwd=tmp_path,
    )

    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(MADE)
    different = [name for name in MADE if (tmp_path / name).read_bytes() != (SHIPPED_DATA / name).read_bytes()]
    assert different == []


# --- written, not filled in -----------------------------------------------------------------------------


def test_the_bank_has_700_statements_on_70_topics(bank: dict[str, Record]) -> None:
    assert len({normalise(text) for text in bank}) == len(bank) >= 700
    assert len({row["topic"] for row in bank.values()}) >= 70
    assert {row["stance"] for row in bank.values()} == set(STANCES)


def test_every_topic_has_several_wishes_for_and_against_it(bank: dict[str, Record]) -> None:
    found = Counter((row["topic"], row["stance"]) for row in bank.values())
    topics = {topic for topic, _ in found}

    assert [topic for topic in topics if min(found[topic, "for"], found[topic, "against"]) < 2] == []
    assert [topic for topic in topics if (found[topic, "demand"] > 0) != (found[topic, "disclosure"] > 0)] == []


def test_no_statement_is_another_with_one_word_changed_added_or_left_out(bank: dict[str, Record]) -> None:
    written = [
        *bank,
        *(spoken_text(text) for name in (FILES["challenge"], "realistic_pairs.jsonl") for text in texts(name)),
    ]
    frames: dict[tuple[str, ...], set[str]] = {}
    for text in written:
        words = words_of(text)
        for i in range(len(words)):
            frames.setdefault((*words[:i], "*", *words[i + 1 :]), set()).add(text)
            frames.setdefault((*words[:i], *words[i + 1 :]), set()).add(text)
        frames.setdefault(tuple(words), set()).add(text)

    assert [group for group in frames.values() if len(group) > 1] == []


def texts(name: str) -> list[str]:
    return [row[side] for row in lines(name) for side in ("text_1", "text_2")]


def test_no_opening_of_three_words_covers_3_percent_of_the_statements(bank: dict[str, Record]) -> None:
    openings = Counter(tuple(words_of(text)[:3]) for text in bank)
    (opening, count) = openings.most_common(1)[0]

    assert count / len(bank) < 0.03, opening


def test_every_text_of_train_and_eval_comes_from_the_bank(sets: dict[str, PairSet], bank: dict[str, Record]) -> None:
    strange = [
        (role, row) for role in COUNTS for row, left, right, _ in drawn(sets[role], bank) if not left or not right
    ]

    assert strange == []


# --- held out means held out ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["eval", "challenge"])
def test_no_pair_and_no_text_of_a_held_out_file_is_in_train(role: str, sets: dict[str, PairSet]) -> None:
    overlap = split_overlap(sets["train"], sets[role])

    assert overlap.deduplicated.all()
    assert overlap.text_disjoint.all()


def test_no_text_of_the_challenge_is_in_eval(sets: dict[str, PairSet]) -> None:
    assert split_overlap(sets["eval"], sets["challenge"]).text_disjoint.all()


def test_no_statement_of_eval_is_part_of_a_text_of_train(sets: dict[str, PairSet], bank: dict[str, Record]) -> None:
    used = {
        role: {statement["text"] for _, *sides, _ in drawn(sets[role], bank) for side in sides for statement in side}
        for role in COUNTS
    }

    assert used["train"] & used["eval"] == set()


def test_a_third_of_eval_is_on_topics_that_train_never_mentions_and_is_marked(
    sets: dict[str, PairSet], bank: dict[str, Record]
) -> None:
    facts = json.loads((SHIPPED_DATA / "eval_pairs_metadata.json").read_text(encoding="utf-8"))
    topics = {
        role: {row: {s["topic"] for s in (*left, *right)} for row, left, right, _ in drawn(sets[role], bank)}
        for role in COUNTS
    }
    of_train = set(chain.from_iterable(topics["train"].values()))
    unseen = [row + 1 for row, found in topics["eval"].items() if not found & of_train]

    assert set(facts["topics_not_in_train"]) & of_train == set()
    assert facts["rows_on_topics_not_in_train"] == unseen
    assert len(unseen) >= len(sets["eval"]) / 3


# --- labels ---------------------------------------------------------------------------------------------


def test_no_pair_has_two_labels_in_any_of_the_files(sets: dict[str, PairSet]) -> None:
    labels: dict[int, set[int]] = {}
    for pairs in sets.values():
        keys = pair_keys(text_keys(pairs.text_1), text_keys(pairs.text_2))
        for key, label in zip(keys.tolist(), pairs.labels.tolist(), strict=True):
            labels.setdefault(key, set()).add(label)

    assert [found for found in labels.values() if len(found) > 1] == []


@pytest.mark.parametrize("role", COUNTS)
def test_two_statements_on_one_topic_have_the_label_of_the_written_rule(
    role: str, sets: dict[str, PairSet], bank: dict[str, Record]
) -> None:
    simple = [
        (row, tuple(sorted((left[0]["stance"], right[0]["stance"]))), label)
        for row, left, right, label in drawn(sets[role], bank)
        if len(left) == len(right) == 1 and left[0]["topic"] == right[0]["topic"]
    ]

    assert len(simple) > len(sets[role]) / 3
    assert [found for found in simple if RULES.get(found[1]) != found[2]] == []


def test_a_statement_used_often_is_used_as_often_in_compatible_as_in_incompatible_pairs(
    sets: dict[str, PairSet], bank: dict[str, Record]
) -> None:
    """Measure: share of compatible pairs among a statement's train pairs, for all statements in at least 4 of them."""
    shares = {
        text: compatible_share(uses)
        for text, uses in uses_in_train(sets["train"], bank).items()
        if uses.total() >= MIN_USES
    }

    assert len(shares) >= 100
    assert {text: share for text, share in shares.items() if not 1 / 3 <= share <= 2 / 3} == {}
    assert mean(abs(share - 0.5) for share in shares.values()) <= 0.05


@pytest.mark.parametrize("stance", STANCES)
def test_a_stance_does_not_tell_the_label(stance: str, sets: dict[str, PairSet], bank: dict[str, Record]) -> None:
    """Measure: share of compatible pairs among all train uses of all statements of one stance, demands above all."""
    total: Counter[int] = Counter()
    for text, uses in uses_in_train(sets["train"], bank).items():
        if bank[text]["stance"] == stance:
            total += uses

    assert 0.4 <= compatible_share(total) <= 0.6


# --- what a template would give away --------------------------------------------------------------------


@pytest.mark.parametrize(("name", "limit"), [("text_1_only", 0.60), ("text_2_only", 0.60), ("bag_of_words", 0.70)])
def test_words_alone_do_not_tell_the_label(name: str, limit: float, trivial: dict[str, float | None]) -> None:
    auc = trivial[name]

    assert auc is not None
    assert auc <= limit


@pytest.mark.parametrize("name", ["lexical_overlap", "length", "category_only", "negation_agreement"])
def test_what_is_no_meaning_is_near_chance(name: str, trivial: dict[str, float | None]) -> None:
    auc = trivial[name]

    assert auc is not None
    assert 0.40 <= auc <= 0.62


def negations(texts: list[str], pair_set: PairSetFactory) -> set[str]:
    """Those texts in which the rule `negation_agreement` finds a negation: they disagree with a side that has none."""
    taught = pair_set(["boy: never", "boy: always"], ["girl: tea"] * 2, labels=[0, 1])
    scores = fit_negation(taught)(pair_set([f"boy: {text}" for text in texts], ["girl: tea"] * len(texts)))
    return {text for text, score in zip(texts, scores.tolist(), strict=True) if score < 0}


def test_three_of_the_seven_statements_of_each_end_of_a_topic_hold_a_negation(
    bank: dict[str, Record], pair_set: PairSetFactory
) -> None:
    ends: dict[tuple[str, str], list[str]] = {}
    for text, row in bank.items():
        if row["stance"] in {"for", "against"}:
            ends.setdefault((row["topic"], row["stance"]), []).append(text)
    found = negations(list(bank), pair_set)
    negated = found | {NEGATED_BY_NOWHERE}

    assert NEGATED_BY_NOWHERE in ends["city_centre_living", "for"]
    assert NEGATED_BY_NOWHERE not in found
    assert len(ends) == 2 * len({row["topic"] for row in bank.values()})
    assert {end: len(texts) for end, texts in ends.items() if len(texts) != 7} == {}
    assert {end: texts for end, texts in ends.items() if len(negated.intersection(texts)) != 3} == {}


# --- quality --------------------------------------------------------------------------------------------


def test_evaluate_data_gives_at_least_70_and_finds_no_blocker(
    sets: dict[str, PairSet], qualities: dict[str, DataQuality], shallow: tuple[ShallowBaseline, ...]
) -> None:
    findings = (
        *audit(sets["train"], sets["eval"], sets["challenge"]),
        *shortcut_findings(shallow),
        learnable_labels(sets["train"], shallow),
    )
    overall, capped_by = cap(qualities["train"].overall, findings)

    assert [finding.name for finding in findings if finding.status is FindingStatus.BLOCKER] == []
    assert capped_by == ""
    assert overall is not None
    assert overall >= 70


@pytest.mark.parametrize("role", COUNTS)
@pytest.mark.parametrize("dimension", ["data_quality", "diversity", "bias", "linguistic_quality"])
def test_no_dimension_is_under_60(role: str, dimension: str, qualities: dict[str, DataQuality]) -> None:
    score = next(found.score for found in qualities[role].dimensions if found.name == dimension)

    assert score is not None
    assert score >= 60


# --- the challenge --------------------------------------------------------------------------------------


def test_the_challenge_has_at_least_240_pairs_half_of_them_compatible(sets: dict[str, PairSet]) -> None:
    pairs = sets["challenge"]

    assert len(pairs) >= 240
    assert 2 * int(pairs.labels.sum()) == len(pairs)


def test_each_group_of_the_challenge_is_half_compatible(sets: dict[str, PairSet]) -> None:
    pairs = sets["challenge"]
    groups: dict[str, list[int]] = {}
    for group, label in zip(pairs.subcategory, pairs.labels.tolist(), strict=True):
        groups.setdefault(group, []).append(label)

    assert len(groups) >= 4
    assert {group: mean(labels) for group, labels in groups.items()} == dict.fromkeys(groups, 0.5)


def test_no_text_of_the_challenge_is_used_twice(sets: dict[str, PairSet]) -> None:
    pairs = sets["challenge"]
    said = Counter(normalise(text) for text in (*pairs.text_1, *pairs.text_2))

    assert [text for text, count in said.items() if count > 1] == []
