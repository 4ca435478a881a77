"""Quality of one data file: a table of small checks, scored 0-100 in four dimensions of equal weight.

A check that the data cannot decide (a constant column, too few pairs) has no score and leaves the mean of its
dimension alone. A file of fewer than 100 pairs has no overall score. Checks that find faults and give no score (leakage
and near-duplicates) stand in `audit/checks.py`.
Nothing here grows with the square of N; a million pairs take about a minute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from .core.formatting import NOT_AVAILABLE
from .data.components import component_folds
from .data.english import english_shares
from .data.label_conflicts import contradicted_pairs, misnamed
from .data.normalisation import codes
from .data.text_table import (
    TextTable,
    collision_probability,
    flesch_reading_ease,
    kind_counts,
    mattr,
    ngram_keys,
    opening_keys,
    row_products,
    shuffled_tokens,
    syllables,
    text_table,
    word_matrix,
)
from .data_loader import data_file
from .metrics import auc_roc
from .models import CheckResult, DataQuality, DimensionResult
from .wording import quality as wording
from .wording import reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from .models import PairSet, Words
    from .wording.quality import CheckText

Points = tuple[tuple[float, float], ...]

MIN_PAIRS = 20
MIN_SCORED = 100
MIN_PER_LABEL = 5
MATTR_WINDOW = 100
MATTR_WORDS = 1_000_000
COHERENCE_DRAWS = 50_000
_PLACEHOLDERS = frozenset({"", "na", "n/a", "none", "null", "nan", "todo", "tbd", "unknown", "lorem ipsum", "test"})
_DAMAGE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"  # invisible
    r"|Ã[\x80-\xbf¡-¿©]|â€"  # UTF-8 once read as Latin-1
    r"|&(?:amp|lt|gt|quot|nbsp|#\d++);"  # markup
    r"|\s\s|^\s|\s$|[\t\r\n]"
)
_TAG_START = re.compile(r"</?[a-zA-Z]")


@dataclass(frozen=True, eq=False)
class Subject:
    """What a check looks at: the pairs of a file, and their texts counted once."""

    pairs: PairSet
    table: TextTable


@dataclass(frozen=True)
class CheckOutcome:
    """What a check saw; a value of None says in `observed` why it could not be decided."""

    value: float | None
    observed: str
    n: int


@dataclass(frozen=True)
class Check:
    """One line of the table."""

    name: str
    dimension: str
    text: CheckText
    points: Points  # (value, score), values ascending
    measure: Callable[[Subject], CheckOutcome]
    applies: Callable[[PairSet], bool] = lambda _: True  # whether the data has what is looked at


class SyntheticDataEvaluator:
    """Scores a file of pairs; the checks are a table, so another one is another line."""

    def __init__(self, checks: Sequence[Check] | None = None) -> None:
        self.checks: Sequence[Check] = CHECKS if checks is None else checks

    def evaluate(self, pairs: PairSet) -> DataQuality:
        """Run every check on a file.

        Args:
            pairs: The N pairs of one file, N at least 1.

        Returns:
            Scores in [0, 100]; None where nothing could be decided. There is no overall score below 100 pairs.
        """
        if not len(pairs):
            raise ValueError("no pairs to evaluate")
        subject = Subject(pairs, text_table(pairs))
        results = [_score(check, check.measure(subject), pairs.words) for check in self.checks if check.applies(pairs)]
        dimensions = tuple(_dimension(name, results) for name in dict.fromkeys(r.dimension for r in results))
        enough = len(pairs) >= MIN_SCORED
        overall = _mean([dimension.score for dimension in dimensions]) if enough else None
        reason = wording.NO_CHECK if enough else wording.too_few_to_score(len(pairs), MIN_SCORED)
        return DataQuality(
            file=data_file(pairs), overall=overall, dimensions=dimensions, reason=reason if overall is None else ""
        )


def interpolate(value: float, points: Points) -> float:
    """Score of a value on a piecewise linear scale, flat beyond its ends.

    Args:
        value: In the unit of the scale.
        points: (value, score) with ascending values.
    """
    values, scores = zip(*points, strict=True)
    return float(np.interp(value, values, scores))


def _score(check: Check, outcome: CheckOutcome, words: Words) -> CheckResult:
    decided = outcome.value is not None
    return CheckResult(
        name=check.name,
        dimension=check.dimension,
        score=None if outcome.value is None else interpolate(outcome.value, check.points),
        observed=outcome.observed if decided else NOT_AVAILABLE,
        limit=check.text.limit,
        n=outcome.n,
        why=words.fill(check.text.why),
        reason="" if decided else reasons.not_applicable(outcome.observed),
    )


def _dimension(name: str, results: list[CheckResult]) -> DimensionResult:
    own = tuple(result for result in results if result.dimension == name)
    return DimensionResult(name=name, score=_mean([check.score for check in own]), checks=own)


def _mean(scores: Sequence[float | None]) -> float | None:
    decided = [score for score in scores if score is not None]
    return sum(decided) / len(decided) if decided else None


# --- data quality ---------------------------------------------------------------------------------------


def completeness(subject: Subject) -> CheckOutcome:
    """Share of pairs whose texts have words and whose fields say something."""
    pairs, table = subject.pairs, subject.table
    full = (table.lengths[table.side_1] > 0) & (table.lengths[table.side_2] > 0)
    for column in (*pairs.slices.values(), *([pairs.subcategory] if pairs.has_speakers else [])):
        coded, names = codes(column)
        full &= np.array([name.strip().casefold() not in _PLACEHOLDERS for name in names])[coded]
    share = float(full.mean())
    return CheckOutcome(share, wording.complete(share), len(pairs))


def label_consistency(subject: Subject) -> CheckOutcome:
    """Share of pairs that are neither in the file with the other label nor of a type that names the other label."""
    against = contradicted_pairs(subject.table.pair_keys, subject.pairs) | misnamed(subject.pairs)
    share = float(against.mean())
    return CheckOutcome(share, wording.contradicted(share, int(against.sum())), len(subject.pairs))


def duplicates(subject: Subject) -> CheckOutcome:
    """Share of pairs that repeat an earlier one, in any order, normalised."""
    repeats = len(subject.pairs) - len(kind_counts(subject.table.pair_keys))
    share = repeats / len(subject.pairs)
    return CheckOutcome(share, wording.repeated(share, repeats), len(subject.pairs))


def text_format(subject: Subject) -> CheckOutcome:
    """Share of pairs whose texts hold no invisible characters, wrong encoding, markup or stray spaces."""
    pairs = subject.pairs
    damaged = {text for text in set(chain(pairs.text_1, pairs.text_2)) if _is_damaged(text)}
    bad = sum(one in damaged or two in damaged for one, two in zip(pairs.text_1, pairs.text_2, strict=True))
    share = 1 - bad / len(pairs)
    return CheckOutcome(share, wording.clean(share, bad), len(pairs))


def _is_damaged(text: str) -> bool:
    # most texts are plain, which is seen in a seventh of the time
    plain = text.isascii() and text.isprintable() and not text.startswith(" ") and not text.endswith(" ")
    if plain and not any(mark in text for mark in ("  ", "<", "&")):
        return False
    return bool(_DAMAGE.search(text)) or _has_tag(text)


def _has_tag(text: str) -> bool:
    # one pattern for start and end would look for the end from every start, which takes quadratic time
    start = _TAG_START.search(text)
    return start is not None and text.find(">", start.end()) >= 0


# --- diversity ------------------------------------------------------------------------------------------


def vocabulary_richness(subject: Subject) -> CheckOutcome:
    """MATTR over the distinct texts in an order that the rows cannot change."""
    tokens = shuffled_tokens(subject.table, MATTR_WORDS)
    ratio = mattr(tokens, MATTR_WINDOW)
    if ratio is None:
        return CheckOutcome(None, wording.too_few_words(len(tokens), MATTR_WINDOW), len(subject.table.keys))
    return CheckOutcome(ratio, wording.richness(ratio, MATTR_WINDOW), len(subject.table.keys))


def category_entropy(subject: Subject) -> CheckOutcome:
    """Evenness of the categories: Shannon entropy over its largest possible value (Pielou 1966)."""
    coded, names = codes(subject.pairs.category)
    if len(names) == 1:
        return CheckOutcome(None, wording.ONE_CATEGORY, len(coded))
    shares = np.bincount(coded) / len(coded)
    evenness = float(-(shares * np.log(shares)).sum() / np.log(len(names)))
    return CheckOutcome(evenness, wording.evenness(evenness, len(names)), len(coded))


def label_balance(subject: Subject) -> CheckOutcome:
    """Share of the rarer label."""
    share = float(subject.pairs.labels.mean())
    rarer = min(share, 1 - share)
    return CheckOutcome(rarer, wording.rarer_label(rarer), len(subject.pairs))


def text_complexity(subject: Subject) -> CheckOutcome:
    """How much the texts differ in length: standard deviation over mean of the words of a distinct text."""
    lengths = subject.table.lengths
    if len(lengths) < MIN_PAIRS or not lengths.any():
        return CheckOutcome(None, wording.too_few_texts(len(lengths), MIN_PAIRS), len(lengths))
    mean, spread = float(lengths.mean()), float(lengths.std())
    return CheckOutcome(spread / mean, wording.lengths(mean, spread), len(lengths))


# --- bias -----------------------------------------------------------------------------------------------


def speaker_bias(subject: Subject) -> CheckOutcome:
    """Cramer's V of who speaks first and second with the label."""
    pairs = subject.pairs
    speakers = [
        f"{one.partition(':')[0]}-{two.partition(':')[0]}" for one, two in zip(pairs.text_1, pairs.text_2, strict=True)
    ]
    return _association(speakers, pairs.labels, wording.SPEAKERS)


def category_bias(subject: Subject) -> CheckOutcome:
    """Cramer's V of the category with the label."""
    return _association(subject.pairs.category, subject.pairs.labels, wording.CATEGORY)


def _association(column: Sequence[str], labels: NDArray[np.int8], what: str) -> CheckOutcome:
    coded, names = codes(column)
    if len(names) == 1:
        return CheckOutcome(None, wording.one_value(what), len(labels))
    if lack := _lack_of_labels(labels):
        return CheckOutcome(None, lack, len(labels))
    counts = np.bincount(coded * 2 + labels, minlength=2 * len(names)).reshape(-1, 2)
    strength = cramers_v(counts)
    if strength is None:
        return CheckOutcome(None, wording.too_many_values(len(names), what, len(labels)), len(labels))
    return CheckOutcome(strength, wording.association(strength, len(names)), len(labels))


def cramers_v(counts: NDArray[np.int64]) -> float | None:
    """Cramer's V with the bias correction of Bergsma (2013), in [0, 1], 0 is independent.

    Args:
        counts: Contingency table, shape (R, K), no empty row or column.

    Returns:
        None when a side has one value only, or as many values as there are observations.
    """
    n, (rows, columns) = counts.sum(), counts.shape
    if min(rows, columns) == 1:
        return None
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / n
    phi_squared = (((counts - expected) ** 2) / expected).sum() / n
    corrected = max(0.0, phi_squared - (rows - 1) * (columns - 1) / (n - 1))
    span = min(size - 1 - (size - 1) ** 2 / (n - 1) for size in (rows, columns))
    return float(min(1.0, np.sqrt(corrected / span))) if span > 0 else None


def _lack_of_labels(labels: NDArray[np.int8]) -> str:
    """Why an association with the label cannot be measured, or nothing."""
    ones = int(labels.sum(dtype=np.int64))
    if not ones or ones == len(labels):
        return wording.ONE_LABEL
    if len(labels) < MIN_PAIRS or min(ones, len(labels) - ones) < MIN_PER_LABEL:
        return wording.too_few_of_a_label(MIN_PAIRS, MIN_PER_LABEL)
    return ""


def length_bias(subject: Subject) -> CheckOutcome:
    """Distance from 0.5 of the AUC of the pair's number of words for the label."""
    table, labels = subject.table, subject.pairs.labels
    words = table.lengths[table.side_1] + table.lengths[table.side_2]
    return _auc_outcome(labels, words.astype(np.float64), wording.NUMBER_OF_WORDS)


def vocabulary_bias(subject: Subject) -> CheckOutcome:
    """How far above 0.5 the cross-validated AUC of a naive Bayes classifier on the words lies.

    An AUC below 0.5 predicts nothing: it comes from words that were balanced over the labels.
    """
    labels = subject.pairs.labels
    if lack := _lack_of_labels(labels):
        return CheckOutcome(None, lack, len(labels))
    return _auc_outcome(labels, naive_bayes_scores(subject.table, labels), wording.WORDS, one_sided=True)


def _auc_outcome(
    labels: NDArray[np.int8], scores: NDArray[np.float64], what: str, *, one_sided: bool = False
) -> CheckOutcome:
    lack = _lack_of_labels(labels) or (wording.SAME_VALUE if np.ptp(scores) == 0 else "")
    auc = auc_roc(scores, labels)
    if lack or auc is None:
        return CheckOutcome(None, lack, len(labels))
    distance = max(0.0, auc - 0.5) if one_sided else abs(auc - 0.5)
    return CheckOutcome(distance, wording.auc_of(auc, what), len(labels))


def naive_bayes_scores(table: TextTable, labels: NDArray[np.int8]) -> NDArray[np.float64]:
    """Held-out log odds of label 1 from the words of each side, shape (N,), in O(T).

    Bernoulli naive Bayes without the absent words, add-one smoothing. No text stands in two folds, so that none is
    fitted and scored at once.
    """
    words = word_matrix(table)
    fold = component_folds(table, labels)
    scores = np.zeros(len(labels))
    for side in (table.side_1, table.side_2):
        total = [_word_counts(words, side[labels == label]) for label in (0, 1)]
        for held_out in np.unique(fold):
            inside = fold == held_out
            own = [_word_counts(words, side[inside & (labels == label)]) for label in (0, 1)]
            n = [np.count_nonzero(~inside & (labels == label)) for label in (0, 1)]
            rate = [(total[label] - own[label] + 1) / (n[label] + 2) for label in (0, 1)]
            scores[inside] += (words @ np.log(rate[1] / rate[0]))[side[inside]]
    return scores


def _word_counts(words: Any, side: NDArray[np.int32]) -> NDArray[np.float64]:  # noqa: ANN401 - scipy has no types
    """In how many of these texts each word stands, shape (V,)."""
    return np.asarray(words.T @ np.bincount(side, minlength=words.shape[0]), dtype=np.float64)


# --- linguistic quality ---------------------------------------------------------------------------------


def flesch_readability(subject: Subject) -> CheckOutcome:
    """Flesch reading ease of all distinct texts as one document."""
    table = subject.table
    if not len(table.tokens):
        return CheckOutcome(None, wording.NO_WORDS, len(table.keys))
    uses = np.bincount(table.tokens, minlength=len(table.words))
    found = english_shares(table.words, uses)
    if not found.are_english:
        return CheckOutcome(None, wording.not_english(*found), len(table.keys))
    total = int(uses @ np.array([syllables(word) for word in table.words]))
    ease = flesch_reading_ease(len(table.tokens), int(table.sentences.sum(dtype=np.int64)), total)
    return CheckOutcome(ease, wording.reading_ease(ease), len(table.keys))


def coherence(subject: Subject) -> CheckOutcome:
    """AUC of the two sides' word overlap, weighted by rarity, for true pairs against shuffled partners."""
    table = subject.table
    if len(table.side_1) < MIN_PAIRS:
        return CheckOutcome(None, wording.too_few_pairs(MIN_PAIRS), len(table.side_1))
    left, right, partner = _partners(table)
    weighted = _weighted_words(table)
    true, shuffled = row_products(weighted, left, right), row_products(weighted, left, partner)
    auc = auc_roc(np.concatenate([true, shuffled]), np.repeat([1, 0], len(left)))
    if auc is None or not (true.any() or shuffled.any()):
        return CheckOutcome(None, wording.NO_SHARED_WORD, len(table.side_1))
    return CheckOutcome(auc, wording.word_overlap(auc), len(table.side_1))


def _partners(table: TextTable) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """True sides and a shuffled second side of up to 50,000 pairs; a small file is shuffled several times."""
    generator = np.random.default_rng(0)
    n = len(table.side_1)
    drawn = generator.permutation(n)[:COHERENCE_DRAWS]
    rounds = max(1, min(20, COHERENCE_DRAWS // n))
    partner = np.concatenate([generator.permutation(table.side_2[drawn]) for _ in range(rounds)])
    return np.tile(table.side_1[drawn], rounds), np.tile(table.side_2[drawn], rounds), partner


def _weighted_words(table: TextTable) -> Any:  # noqa: ANN401 - scipy has no types
    """Words of each text as a unit vector with weights log(U / df), CSR of shape (U, V)."""
    matrix = word_matrix(table)
    in_texts = np.asarray(matrix.sum(axis=0)).ravel()
    matrix.data *= np.log(len(table.keys) / in_texts)[matrix.indices]
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(np.maximum(norms, np.finfo(np.float32).tiny), np.diff(matrix.indptr))
    return matrix


def naturalness(subject: Subject) -> CheckOutcome:
    """Chance that two distinct texts open with the same three words; natural phrasing rarely does."""
    openings = opening_keys(subject.table, 3)
    chance = collision_probability(kind_counts(openings)) if len(openings) >= MIN_PAIRS else None
    if chance is None:
        return CheckOutcome(None, wording.too_few_phrases(MIN_PAIRS), len(openings))
    return CheckOutcome(chance, wording.same_opening(chance), len(openings))


def ngram_repetition(subject: Subject) -> CheckOutcome:
    """Share of all 3-grams that are of a kind seen in at least 1 % of the distinct texts (and three times)."""
    texts = len(subject.table.keys)
    counts = kind_counts(ngram_keys(subject.table, 3))
    if texts < MIN_PAIRS or not len(counts):
        return CheckOutcome(None, wording.too_few_phrases(MIN_PAIRS), texts)
    share = float(counts[counts >= max(3, 0.01 * texts)].sum() / counts.sum())
    return CheckOutcome(share, wording.stock_phrases(share), texts)


# --- the table ------------------------------------------------------------------------------------------

CHECKS: tuple[Check, ...] = (
    Check(
        name="completeness",
        dimension="data_quality",
        text=wording.COMPLETENESS,
        points=((0.8, 0), (0.95, 60), (1.0, 100)),
        measure=completeness,
    ),
    Check(
        name="label_consistency",
        dimension="data_quality",
        text=wording.LABEL_CONSISTENCY,
        points=((0.0, 100), (0.01, 80), (0.1, 0)),
        measure=label_consistency,
    ),
    Check(
        name="duplicates",
        dimension="data_quality",
        text=wording.DUPLICATES,
        points=((0.01, 100), (0.05, 75), (0.1, 50), (0.3, 0)),
        measure=duplicates,
    ),
    Check(
        name="format",
        dimension="data_quality",
        text=wording.FORMAT,
        points=((0.8, 0), (0.95, 60), (1.0, 100)),
        measure=text_format,
    ),
    Check(
        name="vocabulary_richness",
        dimension="diversity",
        text=wording.VOCABULARY_RICHNESS,
        points=((0.25, 0), (0.45, 50), (0.65, 100)),
        measure=vocabulary_richness,
    ),
    Check(
        name="category_entropy",
        dimension="diversity",
        text=wording.CATEGORY_ENTROPY,
        points=((0.0, 0), (0.5, 40), (0.9, 100)),
        measure=category_entropy,
        applies=lambda pairs: bool(pairs.words.category),
    ),
    Check(
        name="label_balance",
        dimension="diversity",
        text=wording.LABEL_BALANCE,
        points=((0.0, 0), (0.2, 50), (0.4, 100)),
        measure=label_balance,
    ),
    Check(
        name="text_complexity",
        dimension="diversity",
        text=wording.TEXT_COMPLEXITY,
        points=((0.0, 0), (0.25, 50), (0.5, 100)),
        measure=text_complexity,
    ),
    Check(
        name="speaker_label",
        dimension="bias",
        text=wording.SPEAKER_LABEL,
        points=((0.1, 100), (0.3, 50), (0.6, 0)),
        measure=speaker_bias,
        applies=lambda pairs: pairs.has_speakers,
    ),
    Check(
        name="category_label",
        dimension="bias",
        text=wording.CATEGORY_LABEL,
        points=((0.1, 100), (0.3, 50), (0.6, 0)),
        measure=category_bias,
        applies=lambda pairs: bool(pairs.words.category),
    ),
    Check(
        name="length_label",
        dimension="bias",
        text=wording.LENGTH_LABEL,
        points=((0.05, 100), (0.15, 50), (0.3, 0)),
        measure=length_bias,
    ),
    Check(
        name="vocabulary_label",
        dimension="bias",
        text=wording.VOCABULARY_LABEL,
        points=((0.1, 100), (0.25, 50), (0.45, 0)),
        measure=vocabulary_bias,
    ),
    Check(
        name="flesch_readability",
        dimension="linguistic_quality",
        text=wording.FLESCH_READABILITY,
        points=((0, 0), (30, 50), (60, 100)),
        measure=flesch_readability,
    ),
    Check(
        name="coherence",
        dimension="linguistic_quality",
        text=wording.COHERENCE,
        points=((0.5, 0), (0.6, 60), (0.7, 100)),
        measure=coherence,
    ),
    Check(
        name="naturalness",
        dimension="linguistic_quality",
        text=wording.NATURALNESS,
        points=((0.005, 100), (0.02, 60), (0.1, 0)),
        measure=naturalness,
    ),
    Check(
        name="ngram_repetition",
        dimension="linguistic_quality",
        text=wording.NGRAM_REPETITION,
        points=((0.05, 100), (0.2, 60), (0.6, 0)),
        measure=ngram_repetition,
    ),
)
