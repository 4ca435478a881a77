"""Audit of the data files and of the split between them: faults that make a metric look better than the model.

Two tables of small checks, one for a file and one for two files, and one loop over both. Keys of texts and pairs are
64-bit hashes of the normalised text (no speaker, no case, no order of the two sides). The cost is linear in the number
of words.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ..data.labels import contradicted, misnamed, promised_labels
from ..data.normalisation import codes
from ..data_loader import quote
from ..models import AuditFinding, FindingStatus
from .finding_codes import FindingCode
from .framework import AuditCheck, AuditFile, AuditOutcome, FilePair, Grade, finding, repeats, rows_of, share_of
from .label_words import label_correlated_words
from .near_duplicates import near_copies, near_repeats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..models import PairSet

MAX_NAMED = 8
MIN_SLICE = 5
MIN_RUNS = 10
MODEL_WORDS = 190  # about 256 word pieces, where all-MiniLM-L6-v2 stops reading


def audit(train: PairSet, eval_: PairSet, challenge: PairSet | None) -> tuple[AuditFinding, ...]:
    """Run every check on every file and on every split.

    Args:
        train: Pairs that a model is trained on.
        eval_: Pairs that it is measured on.
        challenge: Naturally phrased pairs, never trained on, if there are any.

    Returns:
        One finding per check and file, and one per check and split; status OK means that nothing is wrong.
    """
    files = [AuditFile("train", train), AuditFile("eval", eval_)]
    if challenge is not None:
        files.append(AuditFile("challenge", challenge))
    splits = [FilePair(source, target) for i, source in enumerate(files) for target in files[i + 1 :]]
    return (
        *(finding(check, file) for file in files for check in FILE_CHECKS),
        *(finding(check, split) for split in splits for check in SPLIT_CHECKS),
    )


# --- one file -------------------------------------------------------------------------------------------


def repeated_pairs(file: AuditFile) -> AuditOutcome:
    """Rows whose two texts are exactly those of an earlier row."""
    return share_of(repeats(file.raw[0]), "repeat an earlier row letter by letter")


def swapped_pairs(file: AuditFile) -> AuditOutcome:
    """Rows whose two texts another row has in the other order."""
    ordered, swapped = file.raw
    return share_of(np.isin(ordered, swapped) & (ordered != swapped), "stand in another row the other way round")


def normalised_repeats(file: AuditFile) -> AuditOutcome:
    """Rows that repeat an earlier one only after normalisation."""
    mask = repeats(file.keys) & ~repeats(file.raw[0])
    return share_of(mask, "repeat an earlier row in other case, spacing, punctuation, speaker or order")


def contradictions(file: AuditFile) -> AuditOutcome:
    """Rows whose pair is also in the file with the other label."""
    return share_of(contradicted(file.keys, file.pairs.labels), "are in the file with both labels")


def misnamed_labels(file: AuditFile) -> AuditOutcome:
    """Rows whose pair type names the other label, as a share of the rows whose pair type names one."""
    named = rows_of(promised_labels(file.pairs) >= 0)
    if not len(named):
        return AuditOutcome(None, "no pair type names a label", 0)
    among = share_of(misnamed(file.pairs)[named], "whose type names a label have the other one")
    inverted = among.value is not None and among.value > 0.5  # noqa: PLR2004 - the majority
    observed = among.observed + ("; labels inverted?" if inverted else "")
    return AuditOutcome(among.value, observed, among.n, named[among.rows])


def identical_sides(file: AuditFile) -> AuditOutcome:
    """Rows whose two texts say the same."""
    mask = file.table.side_1 == file.table.side_2
    compatible = int(file.pairs.labels[mask].sum(dtype=np.int64))
    return share_of(mask, f"say the same on both sides, {compatible} of them labelled compatible")


def long_texts(file: AuditFile) -> AuditOutcome:
    """Rows with a text that the model truncates."""
    long = file.table.lengths > MODEL_WORDS
    return share_of(long[file.table.side_1] | long[file.table.side_2], f"have a text of more than {MODEL_WORDS} words")


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
    """Standardised number of runs, negative if labels come in blocks; None with fewer than 10 of a label."""
    n, ones = len(labels), int(labels.sum(dtype=np.int64))
    if min(ones, n - ones) < MIN_RUNS:
        return None
    runs = 1 + np.count_nonzero(np.diff(labels))
    mean = 2 * ones * (n - ones) / n + 1
    return float((runs - mean) / np.sqrt((mean - 1) * (mean - 2) / (n - 1)))


# --- two files ------------------------------------------------------------------------------------------


def copied_pairs(split: FilePair) -> AuditOutcome:
    """Rows that are in the source, in any order, normalised."""
    source, target = split.source.pairs, split.target.pairs
    known = set(zip(source.text_1, source.text_2, strict=True))
    exact = sum(pair in known for pair in zip(target.text_1, target.text_2, strict=True))
    return share_of(
        np.isin(split.target.keys, split.source.keys), f"are in {split.source.role}, {exact} letter by letter"
    )


def relabelled_pairs(split: FilePair) -> AuditOutcome:
    """Rows that are in the source with the other label."""
    source, target = split.source, split.target
    other = [np.isin(target.keys, source.keys[source.pairs.labels == label]) for label in (1, 0)]
    return share_of(np.where(target.pairs.labels == 0, *other), f"are in {source.role} with the other label")


def shared_texts(split: FilePair) -> AuditOutcome:
    """Rows with one text or both in the source."""
    source, target = split.source, split.target
    known = np.isin(target.table.keys, source.table.keys)
    one, two = known[target.table.side_1], known[target.table.side_2]
    exact = _exact_sides(source.pairs, target.pairs)
    return share_of(
        one | two,
        f"share a text with {source.role}, {int((one & two).sum())} both texts, {exact} letter by letter",
    )


def _exact_sides(source: PairSet, target: PairSet) -> int:
    known = set(chain(source.text_1, source.text_2))
    return sum(one in known or two in known for one, two in zip(target.text_1, target.text_2, strict=True))


def shared_components(split: FilePair) -> AuditOutcome:
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
    return share_of(mask, f"{what}, the largest has {largest:.0%} of all pairs")


# --- the tables -----------------------------------------------------------------------------------------

_NOTE, _WARN, _BLOCKER = FindingStatus.NOTE, FindingStatus.WARN, FindingStatus.BLOCKER

FILE_CHECKS: tuple[AuditCheck[AuditFile], ...] = (
    AuditCheck(
        code=FindingCode.REPEATED_PAIRS,
        name="repeated pairs",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        why="a repeated pair counts twice in the loss and makes every interval too narrow",
        action="keep one row of each",
        measure=repeated_pairs,
    ),
    AuditCheck(
        code=FindingCode.SWAPPED_PAIRS,
        name="swapped pairs",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        why="a cosine is the same both ways, so the second row says nothing new",
        action="keep one of the two rows",
        measure=swapped_pairs,
    ),
    AuditCheck(
        code=FindingCode.NORMALISED_REPEATS,
        name="pairs repeated after normalisation",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        why="the tokenizer drops case and spacing, so to the model these are repeats",
        action="keep one row of each",
        measure=normalised_repeats,
    ),
    AuditCheck(
        code=FindingCode.NEAR_DUPLICATES,
        name="near-duplicates",
        unit="share",
        grades=(Grade(_NOTE, 0.01), Grade(_WARN, 0.1)),
        why="near-duplicates make N look larger than what was really sampled",
        action="look at the rows; keep one of each group, or split by group",
        measure=near_repeats,
    ),
    AuditCheck(
        code=FindingCode.CONTRADICTED_LABELS,
        name="one pair, two labels",
        unit="share",
        grades=(Grade(_BLOCKER, 0.0),),
        why="no model can be right on both rows",
        action="decide the label of each and drop the other row",
        measure=contradictions,
    ),
    AuditCheck(
        code=FindingCode.MISNAMED_LABELS,
        name="pair type against label",
        unit="share",
        grades=(Grade(_WARN, 0.0), Grade(_BLOCKER, 0.5)),
        why="a type called compatible with label 0 is a mistake in one of the two",
        action="correct the rows; if it is most of them, the labels are inverted",
        measure=misnamed_labels,
    ),
    AuditCheck(
        code=FindingCode.IDENTICAL_SIDES,
        name="identical sides",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        why="two equal texts have a cosine near 1 whatever the model learned",
        action="drop them, or measure them as a slice of their own",
        measure=identical_sides,
    ),
    AuditCheck(
        code=FindingCode.LABEL_CORRELATED_WORDS,
        name="words tied to a label",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.2)),
        why="a word that tells the label is learned in place of the meaning",
        action="add pairs in which these words stand with the other label",
        measure=label_correlated_words,
    ),
    AuditCheck(
        code=FindingCode.LABEL_ORDER,
        name="order of the labels",
        unit="z",
        grades=(Grade(_NOTE, 3.3), Grade(_WARN, 10.0)),
        why="sorted labels make any split by position, or training without shuffling, one-sided",
        action="shuffle the file once, with a seed",
        measure=order_effects,
    ),
    AuditCheck(
        code=FindingCode.SMALL_SLICES,
        name="slices with one label or too few pairs",
        unit="share",
        grades=(Grade(_NOTE, 0.0),),
        why="such a slice has no margin and no AUC; it is shown as n/a",
        action="add pairs of the missing label, or read these slices as accuracy only",
        measure=small_slices,
    ),
    AuditCheck(
        code=FindingCode.LONG_TEXTS,
        name="texts longer than the model reads",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.01)),
        why="everything after 256 word pieces is cut off without a message",
        action="shorten the texts or split them",
        measure=long_texts,
    ),
)

SPLIT_CHECKS: tuple[AuditCheck[FilePair], ...] = (
    AuditCheck(
        code=FindingCode.COPIED_PAIRS,
        name="pairs copied from",
        unit="share",
        grades=(Grade(_WARN, 0.0), Grade(_BLOCKER, 0.05)),
        why="a copied pair measures memory; every metric on it is too good",
        action="drop the copies from this file; until then read the slice without copies",
        measure=copied_pairs,
    ),
    AuditCheck(
        code=FindingCode.RELABELLED_PAIRS,
        name="pairs with the other label in",
        unit="share",
        grades=(Grade(_BLOCKER, 0.0),),
        why="one of the two labels is wrong, and the metric rewards or punishes at random",
        action="decide the label and drop one of the rows",
        measure=relabelled_pairs,
    ),
    AuditCheck(
        code=FindingCode.SHARED_TEXTS,
        name="texts shared with",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.1)),
        why="a text seen with one label before can be recognised instead of understood",
        action="split by text, not by pair; until then read the slice that shares no text",
        measure=shared_texts,
    ),
    AuditCheck(
        code=FindingCode.SHARED_COMPONENTS,
        name="components of the pair graph shared with",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.2)),
        why="pairs that hang together through common texts are not independent draws",
        action="put whole components on one side of the split",
        measure=shared_components,
    ),
    AuditCheck(
        code=FindingCode.NEAR_COPIES,
        name="near-duplicates of",
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        why="a pair that differs in a word is memory too, and no hash of whole texts sees it",
        action="look at the rows; keep each group on one side of the split",
        measure=near_copies,
    ),
)
