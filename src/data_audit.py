"""Audit of the data files and of the split between them: what would make a good metric a false one.

Two tables of small checks, one for a file and one for a pair of files, and one loop over both. Keys of texts and
pairs are 64-bit hashes of the normalised text (no speaker, no case, no order of the two sides); the cost is linear
in the number of words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

import numpy as np

from src.data_evaluator import contradicted, misnamed
from src.data_loader import quote
from src.models import AuditFinding, FindingStatus
from src.text_statistics import (
    TextTable,
    codes,
    hash_strings,
    mix,
    pair_keys,
    text_keys,
    text_table,
    word_matrix,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from src.models import PairSet

    Mask = NDArray[np.bool_]
    Rows = NDArray[np.intp]

MAX_ROWS = 10
MAX_NAMED = 8
MIN_SLICE = 5
MIN_RUNS = 10
MIN_WORD_PAIRS = 10
FALSE_DISCOVERY_RATE = 0.05
STRONG_TIE = 0.3
MODEL_WORDS = 190  # about 256 word pieces, where all-MiniLM-L6-v2 stops reading
NEAR = 0.8
NEAR_EXAMINED = 20_000
_BANDS, _BAND_ROWS = 6, 4
_TEXT_BLOCK = 20_000


def audit(train: PairSet, eval_: PairSet, challenge: PairSet | None) -> tuple[AuditFinding, ...]:
    """Run every check on every file and on every split.

    Args:
        train: Pairs that a model is trained on.
        eval_: Pairs that it is measured on.
        challenge: Naturally phrased pairs, never trained on; None where there are none.

    Returns:
        One finding per check and file, or per check and split; those in order come with status OK.
    """
    files = [AuditFile("train", train), AuditFile("eval", eval_)]
    if challenge is not None:
        files.append(AuditFile("challenge", challenge))
    splits = [Split(source, target) for i, source in enumerate(files) for target in files[i + 1 :]]
    return (
        *(_finding(check, file) for file in files for check in FILE_CHECKS),
        *(_finding(check, split) for split in splits for check in SPLIT_CHECKS),
    )


def shared_pair_mask(train: PairSet, other: PairSet) -> Mask:
    """Pairs of `other` that are in train, in any order, normalised; shape (N,) of `other`."""
    known = pair_keys(text_keys(train.text_1), text_keys(train.text_2))
    return np.isin(pair_keys(text_keys(other.text_1), text_keys(other.text_2)), known)


def shared_text_mask(train: PairSet, other: PairSet) -> Mask:
    """Pairs of `other` with at least one text in train, on any side, normalised; shape (N,) of `other`."""
    known = text_keys(chain(train.text_1, train.text_2))
    return np.isin(text_keys(other.text_1), known) | np.isin(text_keys(other.text_2), known)


# --- the frame ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class AuditFile:
    """One file with the arrays that several checks use, each made once."""

    role: str
    pairs: PairSet

    @property
    def path(self) -> Path:
        """Where rows are to be looked at."""
        return self.pairs.path

    @cached_property
    def table(self) -> TextTable:
        """Words and keys of the distinct texts."""
        return text_table(self.pairs)

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """Order-free normalised key of each pair, shape (N,)."""
        return self.table.pair_keys

    @cached_property
    def raw(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each pair's texts, letter by letter, as one number: in order and swapped, shapes (N,)."""
        n = len(self.pairs)
        coded, names = codes([*self.pairs.text_1, *self.pairs.text_2])
        one, two = coded[:n].astype(np.int64), coded[n:].astype(np.int64)
        return one * len(names) + two, two * len(names) + one

    @cached_property
    def signatures(self) -> NDArray[np.uint32]:
        """MinHash of each distinct text, shape (U, 24)."""
        return minhash(self.table)

    def title(self, check: str) -> str:
        """Name of a finding in this file."""
        return f"{self.role}: {check}"


@dataclass(frozen=True, eq=False)
class Split:
    """Two files that should have nothing in common."""

    source: AuditFile
    target: AuditFile

    @property
    def path(self) -> Path:
        """Where rows are to be looked at."""
        return self.target.path

    def title(self, check: str) -> str:
        """Name of a finding in the target."""
        return f"{self.target.role}: {check} {self.source.role}"


Subject = TypeVar("Subject", AuditFile, Split)


class Grade(NamedTuple):
    """A status from above a value on."""

    status: FindingStatus
    above: float


def _no_rows() -> Rows:
    return np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class AuditOutcome:
    """What a check saw; a value of None says in `observed` why it could not be decided."""

    value: float | None
    observed: str
    n: int
    rows: Rows = field(default_factory=_no_rows)  # places in the file, from 0


@dataclass(frozen=True)
class AuditCheck(Generic[Subject]):
    """One line of a table; the grades are ascending and the last one that the value exceeds is the status."""

    name: str
    unit: Literal["share", "z"]
    grades: tuple[Grade, ...]
    why: str
    action: str
    measure: Callable[[Subject], AuditOutcome]

    @property
    def limit(self) -> str:
        """The grades in words."""
        return "; ".join(f"{grade.status.value} above {self._shown(grade.above)}" for grade in self.grades)

    def _shown(self, value: float) -> str:
        return f"{100 * value:g} %" if self.unit == "share" else f"|z| {value:g}"


def _finding(check: AuditCheck[Subject], subject: Subject) -> AuditFinding:
    outcome = check.measure(subject)
    return AuditFinding(
        name=subject.title(check.name),
        status=_status(outcome.value, check.grades),
        observed=outcome.observed if outcome.value is not None else f"not applicable: {outcome.observed}",
        limit=check.limit,
        n=outcome.n,
        why=check.why,
        action=check.action,
        about_split=isinstance(subject, Split),
        rows=tuple(f"{subject.path.name}:{row + 1}" for row in outcome.rows[:MAX_ROWS]),
    )


def _status(value: float | None, grades: tuple[Grade, ...]) -> FindingStatus:
    exceeded = [grade.status for grade in grades if value is not None and value > grade.above]
    return exceeded[-1] if exceeded else FindingStatus.OK


def _share(mask: Mask, what: str) -> AuditOutcome:
    """Outcome of a check that marks rows, shape (N,)."""
    share = float(mask.mean()) if len(mask) else 0.0
    return AuditOutcome(share, f"{int(mask.sum())} of {len(mask)} pairs ({share:.1%}) {what}", len(mask), _rows(mask))


def _rows(mask: Mask) -> Rows:
    return np.flatnonzero(mask)


# --- one file -------------------------------------------------------------------------------------------


def _repeats(keys: NDArray[np.uint64] | NDArray[np.int64]) -> Mask:
    """Rows whose key stands in an earlier row, shape (N,)."""
    repeated = np.ones(len(keys), dtype=np.bool_)
    repeated[np.unique(keys, return_index=True)[1]] = False
    return repeated


def repeated_pairs(file: AuditFile) -> AuditOutcome:
    """Rows with both texts of an earlier row, letter by letter."""
    return _share(_repeats(file.raw[0]), "repeat an earlier row letter by letter")


def swapped_pairs(file: AuditFile) -> AuditOutcome:
    """Rows whose texts stand in another row the other way round."""
    ordered, swapped = file.raw
    return _share(np.isin(ordered, swapped) & (ordered != swapped), "stand in another row the other way round")


def normalised_repeats(file: AuditFile) -> AuditOutcome:
    """Rows that repeat an earlier one only after normalisation."""
    mask = _repeats(file.keys) & ~_repeats(file.raw[0])
    return _share(mask, "repeat an earlier row in other case, spacing, punctuation, speaker or order")


def contradictions(file: AuditFile) -> AuditOutcome:
    """Rows whose pair stands in the file with the other label."""
    return _share(contradicted(file.keys, file.pairs.labels), "are in the file with both labels")


def misnamed_labels(file: AuditFile) -> AuditOutcome:
    """Rows whose pair type names the other label."""
    outcome = _share(misnamed(file.pairs), "have a pair type that names the other label")
    inverted = outcome.value is not None and outcome.value > 0.5  # noqa: PLR2004 - the majority
    return AuditOutcome(
        outcome.value, outcome.observed + ("; labels inverted?" if inverted else ""), outcome.n, outcome.rows
    )


def identical_sides(file: AuditFile) -> AuditOutcome:
    """Rows whose two texts say the same."""
    mask = file.table.side_1 == file.table.side_2
    compatible = int(file.pairs.labels[mask].sum(dtype=np.int64))
    return _share(mask, f"say the same on both sides, {compatible} of them labelled compatible")


def long_texts(file: AuditFile) -> AuditOutcome:
    """Rows with a text that the model does not read to its end."""
    long = file.table.lengths > MODEL_WORDS
    return _share(long[file.table.side_1] | long[file.table.side_2], f"have a text of more than {MODEL_WORDS} words")


def small_slices(file: AuditFile) -> AuditOutcome:
    """Categories and pair types with one label only or fewer than 5 pairs."""
    labels, shown, places, total = file.pairs.labels, [], [], 0
    for column in (file.pairs.category, file.pairs.pair_type):
        coded, names = codes(column)
        size, ones = np.bincount(coded), np.bincount(coded, weights=labels)
        total += len(names)
        first = np.unique(coded, return_index=True)[1]
        for place in np.flatnonzero((size < MIN_SLICE) | (ones == 0) | (ones == size)):
            what = f"n={size[place]}" if size[place] < MIN_SLICE else f"all {labels[first[place]]}"
            shown.append(f"{quote(names[place])} ({what})")
            places.append(first[place])
    named = ", ".join(shown[:MAX_NAMED]) + (f" and {len(shown) - MAX_NAMED} more" if len(shown) > MAX_NAMED else "")
    observed = f"{len(shown)} of {total} categories and pair types" + (f": {named}" if shown else "")
    return AuditOutcome(len(shown) / total, observed, len(labels), np.array(places, dtype=np.intp))


def order_effects(file: AuditFile) -> AuditOutcome:
    """Runs test of Wald & Wolfowitz (1940) on the labels in file order."""
    z = runs_z(file.pairs.labels)
    if z is None:
        return AuditOutcome(None, f"{MIN_RUNS} pairs of each label are needed", len(file.pairs))
    runs = 1 + int(np.count_nonzero(np.diff(file.pairs.labels)))
    kind = "more" if z > 0 else "fewer"
    observed = f"{runs} runs of one label, {kind} than shuffled labels have by {abs(z):.1f} standard deviations"
    return AuditOutcome(abs(z), observed, len(file.pairs))


def runs_z(labels: NDArray[np.int8]) -> float | None:
    """Standardised number of runs, negative when labels come in blocks; None below 10 of a label."""
    n, ones = len(labels), int(labels.sum(dtype=np.int64))
    if min(ones, n - ones) < MIN_RUNS:
        return None
    runs = 1 + np.count_nonzero(np.diff(labels))
    mean = 2 * ones * (n - ones) / n + 1
    return float((runs - mean) / np.sqrt((mean - 1) * (mean - 2) / (n - 1)))


# --- words tied to a label ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class WordTies:
    """Tie of each word on each side to the label; every array has shape (2, V)."""

    pairs: NDArray[np.float64]  # distinct pairs with the word on that side
    compatible: NDArray[np.float64]  # their share of label 1, 0 where there is none
    z: NDArray[np.float64]  # 0 where it was not tested
    tied: NDArray[np.bool_]  # significant among all tested words


def tied_words(file: AuditFile) -> AuditOutcome:
    """Share of pairs that hold a word whose pairs are at least 30 points off the file's share of label 1."""
    labels = file.pairs.labels
    if labels.min() == labels.max():
        return AuditOutcome(None, "there is one label only", len(labels))
    ties = word_ties(file.table, labels, ~_repeats(file.keys))
    if not ties.pairs.max(initial=0) >= MIN_WORD_PAIRS:
        return AuditOutcome(None, f"no word stands in {MIN_WORD_PAIRS} distinct pairs", len(labels))
    strong = ties.tied & (np.abs(ties.compatible - labels.mean()) > STRONG_TIE)
    matrix = word_matrix(file.table)
    hold = [matrix @ strong[side].astype(np.float32) > 0 for side in (0, 1)]
    mask = hold[0][file.table.side_1] | hold[1][file.table.side_2]
    tested = int(np.count_nonzero(ties.pairs >= MIN_WORD_PAIRS))
    observed = (
        f"{int(ties.tied.sum())} of {tested} words are tied to a label, {int(strong.sum())} of them strongly;"
        f" {mask.mean():.1%} of the pairs hold a strong one; {_strongest(file.table, ties)}"
    )
    return AuditOutcome(float(mask.mean()), observed, len(labels), _rows(mask))


def _strongest(table: TextTable, ties: WordTies) -> str:
    order = np.argsort(-np.abs(np.where(ties.tied, ties.z, 0)), axis=None, kind="stable")[:MAX_NAMED]
    sides, places = np.unravel_index(order, ties.z.shape)
    shown = [
        f"text_{side + 1} {quote(table.words[place])!r} {ties.compatible[side, place]:.0%} of"
        f" {ties.pairs[side, place]:.0f} (z {ties.z[side, place]:+.1f})"
        for side, place in zip(sides, places, strict=True)
        if ties.tied[side, place]
    ]
    return "strongest, with its share of label 1: " + ", ".join(shown) if shown else "none is significant"


def word_ties(table: TextTable, labels: NDArray[np.int8], counted: Mask) -> WordTies:
    """z-score of each word's share of label 1 (Gardner et al. 2021), with Benjamini-Hochberg control at 5 %.

    Args:
        table: Texts of the N pairs.
        labels: 0 or 1, shape (N,), both present.
        counted: Pairs to count, shape (N,); repeated ones would make ties look surer than they are.
    """
    from scipy.special import erfc  # noqa: PLC0415 - keeps `--help` fast

    matrix = word_matrix(table)
    base = float(labels[counted].mean())
    kept = [(side[counted], side[counted & (labels == 1)]) for side in (table.side_1, table.side_2)]
    counts = [[matrix.T @ np.bincount(side, minlength=matrix.shape[0]) for side in sides] for sides in kept]
    pairs, ones = np.array(counts, dtype=np.float64).transpose(1, 0, 2)
    share = np.divide(ones, pairs, out=np.zeros_like(ones), where=pairs > 0)
    tested = (pairs >= MIN_WORD_PAIRS) & (0 < base < 1)
    spread = np.sqrt(base * (1 - base) / np.maximum(pairs, 1))
    z = np.divide(share - base, spread, out=np.zeros_like(share), where=tested)
    tied = np.zeros_like(tested)
    tied[tested] = benjamini_hochberg(erfc(np.abs(z[tested]) / np.sqrt(2)), FALSE_DISCOVERY_RATE)
    return WordTies(pairs, share, z, tied)


def benjamini_hochberg(p_values: NDArray[np.float64], rate: float) -> Mask:
    """Which of M tests are discoveries at this false discovery rate (Benjamini & Hochberg 1995), shape (M,)."""
    total = len(p_values)
    ranked = np.sort(p_values)
    below = np.flatnonzero(ranked <= rate * np.arange(1, total + 1) / total)
    return p_values <= (ranked[below[-1]] if len(below) else -1.0)


# --- near-duplicates ------------------------------------------------------------------------------------


def minhash(table: TextTable) -> NDArray[np.uint32]:
    """MinHash (Broder 1997) of each text's words and word pairs, shape (U, 24); a wordless text has the largest."""
    generator = np.random.default_rng(0)
    factors = generator.integers(0, 2**63, size=_BANDS * _BAND_ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    word_keys = hash_strings(table.words)
    signatures = np.full((len(table.keys), len(factors)), np.iinfo(np.uint32).max, dtype=np.uint32)
    for first in range(0, len(table.keys), _TEXT_BLOCK):
        bounds = table.starts[first : first + _TEXT_BLOCK + 1]
        filled = np.flatnonzero(np.diff(bounds))
        if not len(filled):
            continue
        single = word_keys[table.tokens[bounds[0] : bounds[-1]]]
        double = mix(mix(single) + np.roll(single, -1))
        last = bounds[1:][filled] - bounds[0] - 1
        double[last] = single[last]
        begins = bounds[:-1][filled] - bounds[0]
        for column, factor in enumerate(factors):
            hashed = (np.minimum(single * factor, double * factor) >> np.uint64(32)).astype(np.uint32)
            signatures[first + filled, column] = np.minimum.reduceat(hashed, begins)
    return signatures


def _band_keys(file: AuditFile, band: int, rows: Rows) -> NDArray[np.uint64]:
    """Bucket of each of these pairs in one band, shape (len(rows),); a pair's signature is its sides' minimum."""
    columns = slice(band * _BAND_ROWS, (band + 1) * _BAND_ROWS)
    signatures = file.signatures[:, columns]
    both = np.minimum(signatures[file.table.side_1[rows]], signatures[file.table.side_2[rows]])
    keys = np.zeros(len(rows), dtype=np.uint64)
    for column in both.T:
        keys = mix(keys + column)
    return keys


def near_repeats(file: AuditFile) -> AuditOutcome:
    """Distinct rows with another one before them whose words and word pairs have a Jaccard index of 0.8."""
    distinct = _rows(~_repeats(file.keys))
    buckets = (_neighbours(_band_keys(file, band, distinct)) for band in range(_BANDS))
    candidates = ((distinct[later], distinct[earlier]) for later, earlier in buckets)
    return _examine(file, file, distinct, candidates, "have a near-duplicate before them")


def near_copies(split: Split) -> AuditOutcome:
    """Rows that are not in the source but have a pair there with a Jaccard index of 0.8."""
    source, target = split.source, split.target
    fresh, known = _rows(~np.isin(target.keys, source.keys)), _rows(~_repeats(source.keys))
    buckets = (_matches(_band_keys(target, band, fresh), _band_keys(source, band, known)) for band in range(_BANDS))
    candidates = ((fresh[here], known[there]) for here, there in buckets)
    return _examine(target, source, fresh, candidates, f"have a near-duplicate in {source.role}")


def _neighbours(keys: NDArray[np.uint64]) -> tuple[Rows, Rows]:
    """Places whose bucket holds an earlier place, and the nearest such place."""
    order = np.argsort(keys, kind="stable")
    same = keys[order[1:]] == keys[order[:-1]]
    return order[1:][same], order[:-1][same]


def _matches(keys: NDArray[np.uint64], known: NDArray[np.uint64]) -> tuple[Rows, Rows]:
    """Places of `keys` whose bucket holds a place of `known`, and the first such place."""
    order = np.argsort(known, kind="stable")
    place = order[np.minimum(np.searchsorted(known, keys, sorter=order), len(order) - 1)]
    same = known[place] == keys
    return _rows(same), place[same]


def _examine(
    file: AuditFile, other: AuditFile, rows: Rows, candidates: Iterable[tuple[Rows, Rows]], what: str
) -> AuditOutcome:
    """Compare up to 20,000 drawn rows with their candidates; sharing a bucket is only a hint."""
    if not len(rows):
        return AuditOutcome(None, "no pair is left to compare", 0)
    drawn = np.zeros(len(file.pairs), dtype=np.bool_)
    drawn[_draw(rows)] = True
    found = np.zeros_like(drawn)
    for here, there in candidates:
        wanted = drawn[here] & ~found[here]
        for row, candidate in zip(here[wanted].tolist(), there[wanted].tolist(), strict=True):
            one, two = _shingles(file.pairs, row), _shingles(other.pairs, candidate)
            found[row] = len(one & two) >= NEAR * len(one | two)
    n = int(np.count_nonzero(drawn))
    share = np.count_nonzero(found) / n
    observed = f"{np.count_nonzero(found)} of {n} examined pairs ({share:.1%}) {what}, Jaccard index {NEAR:g} or more"
    return AuditOutcome(share, observed, n, _rows(found))


def _draw(rows: Rows) -> Rows:
    if len(rows) <= NEAR_EXAMINED:
        return rows
    return np.random.default_rng(0).choice(rows, NEAR_EXAMINED, replace=False)


def _shingles(pairs: PairSet, row: int) -> set[tuple[str, ...]]:
    """Words and word pairs of both texts of a row."""
    sides = [words_of(pairs.text_1[row]), words_of(pairs.text_2[row])]
    return {(word,) for words in sides for word in words} | {two for words in sides for two in pairwise(words)}


# --- two files ------------------------------------------------------------------------------------------


def copied_pairs(split: Split) -> AuditOutcome:
    """Rows that are in the source, in any order, normalised."""
    source, target = split.source.pairs, split.target.pairs
    known = set(zip(source.text_1, source.text_2, strict=True))
    exact = sum(pair in known for pair in zip(target.text_1, target.text_2, strict=True))
    return _share(
        np.isin(split.target.keys, split.source.keys), f"are in {split.source.role}, {exact} letter by letter"
    )


def relabelled_pairs(split: Split) -> AuditOutcome:
    """Rows that are in the source with the other label."""
    source, target = split.source, split.target
    other = [np.isin(target.keys, source.keys[source.pairs.labels == label]) for label in (1, 0)]
    return _share(np.where(target.pairs.labels == 0, *other), f"are in {source.role} with the other label")


def shared_texts(split: Split) -> AuditOutcome:
    """Rows with one text or both in the source."""
    source, target = split.source, split.target
    known = np.isin(target.table.keys, source.table.keys)
    one, two = known[target.table.side_1], known[target.table.side_2]
    exact = _exact_sides(source.pairs, target.pairs)
    return _share(
        one | two,
        f"share a text with {source.role}, {int((one & two).sum())} both texts, {exact} letter by letter",
    )


def _exact_sides(source: PairSet, target: PairSet) -> int:
    known = set(chain(source.text_1, source.text_2))
    return sum(one in known or two in known for one, two in zip(target.text_1, target.text_2, strict=True))


def shared_components(split: Split) -> AuditOutcome:
    """Rows in a connected component of the graph of texts (a pair is an edge) that holds source rows as well."""
    from scipy.sparse import coo_matrix  # noqa: PLC0415 - keeps `--help` fast
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - the same

    tables = [split.source.table, split.target.table]
    _, nodes = np.unique(np.concatenate([table.keys for table in tables]), return_inverse=True)
    offsets = (0, len(tables[0].keys))
    left, right = (
        np.concatenate([nodes[offset + side] for offset, side in zip(offsets, sides, strict=True)])
        for sides in ((tables[0].side_1, tables[1].side_1), (tables[0].side_2, tables[1].side_2))
    )
    size = int(nodes.max()) + 1
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    total, component = connected_components(graph, directed=False)
    of_pair = component[left]
    n_source = len(split.source.pairs)
    crossing = np.intersect1d(of_pair[:n_source], of_pair[n_source:])
    mask = np.isin(of_pair[n_source:], crossing)
    largest = np.bincount(of_pair).max() / len(of_pair)
    what = f"hang together with {split.source.role}: {len(crossing)} of {total} components cross"
    return _share(mask, f"{what}, the largest has {largest:.0%} of all pairs")


# --- the tables -----------------------------------------------------------------------------------------

_NOTE, _WARN, _BLOCKER = FindingStatus.NOTE, FindingStatus.WARN, FindingStatus.BLOCKER

FILE_CHECKS: tuple[AuditCheck[AuditFile], ...] = (
    AuditCheck(
        name="repeated pairs",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        why="a repeated pair counts twice in the loss and makes every interval too narrow",
        action="keep one row of each",
        measure=repeated_pairs,
    ),
    AuditCheck(
        name="swapped pairs",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        why="a cosine is the same both ways, so the second row says nothing new",
        action="keep one of the two rows",
        measure=swapped_pairs,
    ),
    AuditCheck(
        name="pairs repeated after normalisation",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        why="the tokenizer drops case and spacing, so to the model these are repeats",
        action="keep one row of each",
        measure=normalised_repeats,
    ),
    AuditCheck(
        name="near-duplicates",
        unit="share",
        grades=(Grade(_NOTE, 0.01), Grade(_WARN, 0.1)),
        why="near-duplicates make N look larger than what was really sampled",
        action="look at the rows; keep one of each group, or split by group",
        measure=near_repeats,
    ),
    AuditCheck(
        name="one pair, two labels",
        unit="share",
        grades=(Grade(_BLOCKER, 0.0),),
        why="no model can be right on both rows",
        action="decide the label of each and drop the other row",
        measure=contradictions,
    ),
    AuditCheck(
        name="pair type against label",
        unit="share",
        grades=(Grade(_WARN, 0.0), Grade(_BLOCKER, 0.5)),
        why="a type called compatible with label 0 is a mistake in one of the two",
        action="correct the rows; if it is most of them, the labels are inverted",
        measure=misnamed_labels,
    ),
    AuditCheck(
        name="identical sides",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        why="two equal texts have a cosine near 1 whatever the model learned",
        action="drop them, or measure them as a slice of their own",
        measure=identical_sides,
    ),
    AuditCheck(
        name="words tied to a label",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.2)),
        why="a word that tells the label is learned in place of the meaning",
        action="add pairs in which these words stand with the other label",
        measure=tied_words,
    ),
    AuditCheck(
        name="order of the labels",
        unit="z",
        grades=(Grade(_NOTE, 3.3), Grade(_WARN, 10.0)),
        why="sorted labels make any split by position, or training without shuffling, one-sided",
        action="shuffle the file once, with a seed",
        measure=order_effects,
    ),
    AuditCheck(
        name="slices with one label or too few pairs",
        unit="share",
        grades=(Grade(_NOTE, 0.0),),
        why="such a slice has no margin and no AUC; it is shown as n/a",
        action="add pairs of the missing label, or read these slices as accuracy only",
        measure=small_slices,
    ),
    AuditCheck(
        name="texts longer than the model reads",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.01)),
        why="everything after 256 word pieces is cut off without a message",
        action="shorten the texts or split them",
        measure=long_texts,
    ),
)

SPLIT_CHECKS: tuple[AuditCheck[Split], ...] = (
    AuditCheck(
        name="pairs copied from",
        unit="share",
        grades=(Grade(_WARN, 0.0), Grade(_BLOCKER, 0.05)),
        why="a copied pair measures memory; every metric on it is too good",
        action="drop the copies from this file; until then read the slice without copies",
        measure=copied_pairs,
    ),
    AuditCheck(
        name="pairs with the other label in",
        unit="share",
        grades=(Grade(_BLOCKER, 0.0),),
        why="one of the two labels is wrong, and the metric rewards or punishes at random",
        action="decide the label and drop one of the rows",
        measure=relabelled_pairs,
    ),
    AuditCheck(
        name="texts shared with",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.1)),
        why="a text seen with one label before can be recognised instead of understood",
        action="split by text, not by pair; until then read the slice that shares no text",
        measure=shared_texts,
    ),
    AuditCheck(
        name="components of the pair graph shared with",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.2)),
        why="pairs that hang together through common texts are not independent draws",
        action="put whole components on one side of the split",
        measure=shared_components,
    ),
    AuditCheck(
        name="near-duplicates of",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        why="a pair that differs in a word is memory too, and no hash of whole texts sees it",
        action="look at the rows; keep each group on one side of the split",
        measure=near_copies,
    ),
)
