"""Audit of the data files and of the split between them: faults that make a metric look better than the model.

Two tables of small checks, one for a file and one for two files, and one loop over both. The checks that score the
quality of a file stand in `data_evaluator.py`. Keys of texts and pairs are
64-bit hashes of the normalised text (no speaker, no case, no order of the two sides). The cost is linear in the number
of words.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ..data.components import connected
from ..data.formats.faults import quote
from ..data.label_conflicts import RATER_NOISE, contradicted_pairs, grade_spreads, misnamed, promised_labels
from ..data.normalisation import codes, is_in
from ..models import AuditFinding, FindingStatus, Split
from ..wording import audit as wording
from .finding_codes import FindingCode
from .framework import AuditCheck, AuditFile, AuditOutcome, FilePair, Grade, finding, repeats, rows_of, share_of
from .label_words import label_correlated_words
from .near_duplicates import near_copies, near_repeats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ..embedding.tokenizer import BaseTokenizer
    from ..models import PairSet

MAX_NAMED = 8
MIN_SLICE = 5
MIN_RUNS = 10
WANTED_TO_CHOOSE = 100


def audit(
    train: PairSet,
    eval_: PairSet,
    challenge: PairSet | None,
    tokenizer: BaseTokenizer | None = None,
    *,
    validation: PairSet | None = None,
) -> tuple[AuditFinding, ...]:
    """Run every check on every file and on every split.

    Args:
        train: Pairs that a model is trained on.
        eval_: Pairs that it is measured on.
        challenge: Naturally phrased pairs, never trained on, if there are any.
        tokenizer: How the base model reads texts; without it, the checks that need it are not applicable.
        validation: Pairs that may choose a checkpoint, if there are any. What they share with another file is a
            finding of theirs, because they are the pairs to drop.

    Returns:
        One finding per check and file, and one per check and split; status OK means that nothing is wrong.
    """
    files = [AuditFile(Split.TRAIN, train, tokenizer), AuditFile(Split.TEST, eval_, tokenizer)]
    if challenge is not None:
        files.append(AuditFile(Split.CHALLENGE, challenge, tokenizer))
    if validation is not None:
        files.append(AuditFile(Split.VALIDATION, validation, tokenizer))
    splits = [FilePair(source, target) for i, source in enumerate(files) for target in files[i + 1 :]]
    return (
        *(finding(check, file) for file in files for check in FILE_CHECKS if _applies(check.code, file.pairs)),
        *(finding(check, file) for file in files if file.role is Split.VALIDATION for check in VALIDATION_CHECKS),
        *(finding(check, split) for split in splits for check in SPLIT_CHECKS),
    )


def _applies(code: FindingCode, pairs: PairSet) -> bool:
    """Whether the data has what a check of one file looks at."""
    if code is FindingCode.MISNAMED_LABELS:
        return pairs.has_speakers  # only the dating profile's pair types name labels
    return code is not FindingCode.SMALL_SLICES or bool(pairs.slices)


# --- one file -------------------------------------------------------------------------------------------


def repeated_pairs(file: AuditFile) -> AuditOutcome:
    """Rows whose two texts are exactly those of an earlier row."""
    return share_of(repeats(file.raw[0]), wording.ARE_REPEATS)


def swapped_pairs(file: AuditFile) -> AuditOutcome:
    """Rows whose two texts another row has in the other order."""
    ordered, swapped = file.raw
    return share_of(is_in(ordered, swapped) & (ordered != swapped), wording.ARE_SWAPPED)


def normalised_repeats(file: AuditFile) -> AuditOutcome:
    """Rows that repeat an earlier one only after normalisation."""
    mask = repeats(file.keys) & ~repeats(file.raw[0])
    speakers = file.pairs.has_speakers
    return share_of(mask, wording.ARE_NORMALISED_REPEATS if speakers else wording.ARE_PLAIN_REPEATS)


def contradictions(file: AuditFile) -> AuditOutcome:
    """Rows whose pair is also in the file with the other label, or with a grade far from its own."""
    pairs = file.pairs
    mask = contradicted_pairs(file.keys, pairs)
    if pairs.grades is None:
        return share_of(mask, wording.ARE_CONTRADICTED)
    ordered, swapped = file.raw
    same_order, any_order = (_pairs_of_two_grades(k, pairs.grades) for k in (ordered, np.minimum(ordered, swapped)))
    largest = float(grade_spreads(file.keys, pairs.grades).max(initial=0.0))
    return share_of(mask, wording.are_of_two_grades(same_order, any_order, largest))


def _pairs_of_two_grades(keys: NDArray[np.uint64] | NDArray[np.int64], grades: NDArray[np.float64]) -> int:
    return len(np.unique(keys[grade_spreads(keys, grades) > 0]))


def misnamed_labels(file: AuditFile) -> AuditOutcome:
    """Rows whose pair type names the other label, as a share of the rows whose pair type names one."""
    named = rows_of(promised_labels(file.pairs) >= 0)
    if not len(named):
        return AuditOutcome(None, wording.NO_TYPE_NAMES_A_LABEL, 0)
    among = share_of(misnamed(file.pairs)[named], wording.ARE_MISNAMED)
    inverted = among.value is not None and among.value > 0.5  # noqa: PLR2004 - the majority
    observed = wording.perhaps_inverted(among.observed) if inverted else among.observed
    return AuditOutcome(among.value, observed, among.n, named[among.rows])


def identical_sides(file: AuditFile) -> AuditOutcome:
    """Rows whose two texts are the same."""
    mask = file.table.side_1 == file.table.side_2
    ones = int(file.pairs.labels[mask].sum(dtype=np.int64))
    return share_of(mask, wording.are_identical(ones, file.pairs.words.positive))


def long_texts(file: AuditFile) -> AuditOutcome:
    """Rows with a text that the model truncates, among 20,000 drawn ones."""
    if file.tokenizer is None or file.token_counts is None:
        return AuditOutcome(None, wording.NO_TOKENIZER, 0)
    return _share_of_sampled(file, file.token_counts.long, wording.are_long(file.tokenizer.limit))


def unknown_tokens(file: AuditFile) -> AuditOutcome:
    """Rows with a text of which the model does not see all, because its vocabulary lacks a piece; as many rows."""
    counts = file.token_counts
    if counts is None:
        return AuditOutcome(None, wording.NO_TOKENIZER, 0)
    # in an order of their own where two are as frequent
    frequent = sorted(counts.pieces.items(), key=lambda item: (-item[1], item[0]))[:MAX_NAMED]
    shown = [(quote(piece), n) for piece, n in frequent]
    return _share_of_sampled(file, counts.unknown, wording.have_unknown_tokens(shown, len(counts.pieces)))


def _share_of_sampled(file: AuditFile, of_texts: NDArray[np.bool_], what: str) -> AuditOutcome:
    """Outcome of a check that marks the texts of sampled rows."""
    outcome = share_of(of_texts[: len(file.sampled)] | of_texts[len(file.sampled) :], what)
    return replace(outcome, rows=file.sampled[outcome.rows])


def small_slices(file: AuditFile) -> AuditOutcome:
    """Categories and pair types with one label only or fewer than 5 pairs."""
    labels, shown, places, total = file.pairs.labels, [], [], 0
    for column in file.pairs.slices.values():
        coded, names = codes(column)
        size, ones = np.bincount(coded), np.bincount(coded, weights=labels)
        total += len(names)
        first = np.unique(coded, return_index=True)[1]
        for place in np.flatnonzero((size < MIN_SLICE) | (ones == 0) | (ones == size)):
            name, n, label = quote(names[place]), int(size[place]), int(labels[first[place]])
            shown.append(wording.few_pairs(name, n) if n < MIN_SLICE else wording.all_of_one_label(name, label))
            places.append(first[place])
    observed = wording.small_slices(shown, total, most=MAX_NAMED, columns=[quote(name) for name in file.pairs.slices])
    return AuditOutcome(len(shown) / total, observed, len(labels), np.array(places, dtype=np.intp))


def few_to_choose_on(file: AuditFile) -> AuditOutcome:
    """The share of 100 pairs that is missing."""
    n = len(file.pairs)
    return AuditOutcome(max(0.0, 1 - n / WANTED_TO_CHOOSE), wording.missing_pairs(n, WANTED_TO_CHOOSE), n)


def order_effects(file: AuditFile) -> AuditOutcome:
    """Runs test of Wald & Wolfowitz (1940) on the labels in file order."""
    z = runs_z(file.pairs.labels)
    if z is None:
        return AuditOutcome(None, wording.too_few_for_runs(MIN_RUNS), len(file.pairs))
    runs = 1 + int(np.count_nonzero(np.diff(file.pairs.labels)))
    return AuditOutcome(abs(z), wording.runs(runs, z), len(file.pairs))


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
    exact = _n_known(
        list(zip(target.text_1, target.text_2, strict=True)), zip(source.text_1, source.text_2, strict=True)
    )
    return share_of(is_in(split.target.keys, split.source.keys), wording.are_copies(split.source.role, exact))


def _n_known(wanted: list[tuple[str, str]], source: Iterable[tuple[str, str]]) -> int:
    """How many of the wanted ones the source holds; the set is of the target, which is the smaller file as a rule."""
    found = set(wanted).intersection(source)
    return sum(map(found.__contains__, wanted))


def relabelled_pairs(split: FilePair) -> AuditOutcome:
    """Rows that are in the source with the other label."""
    source, target = split.source, split.target
    if target.pairs.grades is not None and source.pairs.grades is not None:
        return share_of(_far_from_source(split), wording.are_graded_otherwise(source.role))
    other = [is_in(target.keys, source.keys[source.pairs.labels == label]) for label in (1, 0)]
    return share_of(np.where(target.pairs.labels == 0, *other), wording.are_relabelled(source.role))


def _far_from_source(split: FilePair) -> NDArray[np.bool_]:
    """Rows of the target that some row of the source contradicts by its grade, shape (N,)."""
    known = is_in(split.source.keys, split.target.keys)
    both = np.concatenate([split.source.keys[known], split.target.keys])
    grades = [pairs.grades for pairs in (split.source.pairs, split.target.pairs) if pairs.grades is not None]
    scale = split.target.pairs.scale
    spread = grade_spreads(both, np.concatenate([grades[0][known], grades[1]]))[np.count_nonzero(known) :]
    least = RATER_NOISE * (scale.high - scale.low) if scale else 0.0
    return is_in(split.target.keys, split.source.keys) & (spread >= least)


def shared_texts(split: FilePair) -> AuditOutcome:
    """Rows with one text or both in the source."""
    source, target = split.source, split.target
    known = is_in(target.table.keys, source.table.keys)
    one, two = known[target.table.side_1], known[target.table.side_2]
    exact = _exact_sides(source.pairs, target.pairs)
    return share_of(one | two, wording.share_a_text(source.role, int((one & two).sum()), exact))


def _exact_sides(source: PairSet, target: PairSet) -> int:
    known = set(chain(target.text_1, target.text_2)).intersection(chain(source.text_1, source.text_2))
    return sum(one in known or two in known for one, two in zip(target.text_1, target.text_2, strict=True))


def shared_components(split: FilePair) -> AuditOutcome:
    """Rows in a connected component of the graph of texts (a pair is an edge) that holds source rows as well.

    Pairs of one group are connected too.
    """
    tables = [split.source.table, split.target.table]
    _, nodes = np.unique(np.concatenate([table.keys for table in tables]), return_inverse=True)
    offsets = (0, len(tables[0].keys))
    left, right = (
        np.concatenate([nodes[offset + side] for offset, side in zip(offsets, sides, strict=True)])
        for sides in ((tables[0].side_1, tables[1].side_1), (tables[0].side_2, tables[1].side_2))
    )
    groups = [pairs.groups for pairs in (split.source.pairs, split.target.pairs) if pairs.groups is not None]
    of_pair = connected(left, right, codes([name for names in groups for name in names])[0] if groups else None)
    sizes, n_source = np.bincount(of_pair), len(split.source.pairs)
    of_source = np.bincount(of_pair[:n_source], minlength=len(sizes))
    crossing = (of_source > 0) & (of_source < sizes)
    mask = crossing[of_pair[n_source:]]
    total, largest = int((sizes > 0).sum()), sizes.max() / len(of_pair)
    observed = wording.share_a_component(split.source.role, int(crossing.sum()), total, largest)
    if groups:
        observed += wording.share_a_group(sum(map(set(groups[0]).__contains__, groups[1])), split.source.role)
    return share_of(mask, observed)


# --- the tables -----------------------------------------------------------------------------------------

_NOTE, _WARN, _BLOCKER = FindingStatus.NOTE, FindingStatus.WARN, FindingStatus.BLOCKER

FILE_CHECKS: tuple[AuditCheck[AuditFile], ...] = (
    AuditCheck(
        code=FindingCode.REPEATED_PAIRS,
        text=wording.REPEATED_PAIRS,
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        measure=repeated_pairs,
    ),
    AuditCheck(
        code=FindingCode.SWAPPED_PAIRS,
        text=wording.SWAPPED_PAIRS,
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        measure=swapped_pairs,
    ),
    AuditCheck(
        code=FindingCode.NORMALISED_REPEATS,
        text=wording.NORMALISED_REPEATS,
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        measure=normalised_repeats,
    ),
    AuditCheck(
        code=FindingCode.NEAR_DUPLICATES,
        text=wording.NEAR_DUPLICATES,
        unit="share",
        grades=(Grade(_NOTE, 0.01), Grade(_WARN, 0.1)),
        measure=near_repeats,
    ),
    AuditCheck(
        code=FindingCode.CONTRADICTED_LABELS,
        text=wording.CONTRADICTED_LABELS,
        unit="share",
        grades=(Grade(_BLOCKER, 0.0),),
        measure=contradictions,
    ),
    AuditCheck(
        code=FindingCode.MISNAMED_LABELS,
        text=wording.MISNAMED_LABELS,
        unit="share",
        grades=(Grade(_WARN, 0.0), Grade(_BLOCKER, 0.5)),
        measure=misnamed_labels,
    ),
    AuditCheck(
        code=FindingCode.IDENTICAL_SIDES,
        text=wording.IDENTICAL_SIDES,
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        measure=identical_sides,
    ),
    AuditCheck(
        code=FindingCode.LABEL_CORRELATED_WORDS,
        text=wording.LABEL_CORRELATED_WORDS,
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.2)),
        measure=label_correlated_words,
    ),
    AuditCheck(
        code=FindingCode.LABEL_ORDER,
        text=wording.LABEL_ORDER,
        unit="z",
        grades=(Grade(_NOTE, 3.3), Grade(_WARN, 10.0)),
        measure=order_effects,
    ),
    AuditCheck(
        code=FindingCode.SMALL_SLICES,
        text=wording.SMALL_SLICES,
        unit="share",
        grades=(Grade(_NOTE, 0.0),),
        measure=small_slices,
    ),
    AuditCheck(
        code=FindingCode.LONG_TEXTS,
        text=wording.LONG_TEXTS,
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.01)),
        measure=long_texts,
    ),
    AuditCheck(
        code=FindingCode.UNKNOWN_TOKENS,
        text=wording.UNKNOWN_TOKENS,
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.01)),
        measure=unknown_tokens,
    ),
)

VALIDATION_CHECKS: tuple[AuditCheck[AuditFile], ...] = (
    AuditCheck(
        code=FindingCode.FEW_VALIDATION_PAIRS,
        text=wording.FEW_VALIDATION_PAIRS,
        unit="share",
        grades=(Grade(_WARN, 0.0),),
        measure=few_to_choose_on,
    ),
)

SPLIT_CHECKS: tuple[AuditCheck[FilePair], ...] = (
    AuditCheck(
        code=FindingCode.COPIED_PAIRS,
        text=wording.COPIED_PAIRS,
        unit="share",
        grades=(Grade(_WARN, 0.0), Grade(_BLOCKER, 0.05)),
        measure=copied_pairs,
    ),
    AuditCheck(
        code=FindingCode.RELABELLED_PAIRS,
        text=wording.RELABELLED_PAIRS,
        unit="share",
        grades=(Grade(_BLOCKER, 0.0),),
        measure=relabelled_pairs,
    ),
    AuditCheck(
        code=FindingCode.SHARED_TEXTS,
        text=wording.SHARED_TEXTS,
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.1)),
        measure=shared_texts,
    ),
    AuditCheck(
        code=FindingCode.SHARED_COMPONENTS,
        text=wording.SHARED_COMPONENTS,
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.2)),
        measure=shared_components,
    ),
    AuditCheck(
        code=FindingCode.NEAR_COPIES,
        text=wording.NEAR_COPIES,
        unit="share",
        grades=(Grade(_NOTE, 0.0), Grade(_WARN, 0.05)),
        measure=near_copies,
    ),
)
