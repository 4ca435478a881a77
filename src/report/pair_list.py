"""The section with the list of pairs: by what it can be filtered and sorted, and of which pairs it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.formatting import count
from ..tables.selection import model_label
from ..views.movement import movement_alone_tells
from .page_data import TEXT_CHARACTERS, text_limit
from .page_shell import Choice, PairList, Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..models import Evaluation
    from ..tables.shown_pairs import ShownPairs
    from .page_data import ShownSplit

_OUTCOMES = (
    Choice("all", "all pairs"),
    Choice("wrong", "wrong"),
    Choice("fixed", "fixed: the baseline is wrong, the model right"),
    Choice("broken", "broken: the baseline is right, the model wrong"),
    Choice("still-wrong", "still wrong: both are wrong"),
    Choice("still-right", "still right: both are right"),
)
_MOVED = (
    Choice("moved-right", "moved the right way, by percentile"),
    Choice("moved-wrong", "moved the wrong way, by percentile"),
)
_BASELINE_OUTCOMES = (Choice("all", "all pairs"), Choice("wrong", "wrong"), Choice("right", "right"))
_DECIDES_NOTHING = (
    "A model's threshold calls every pair the same here, so no pair is fixed or broken by a training; instead the list "
    "says which way a pair moved among all pairs: up is right for {positive} pairs, down for {negative} ones."
)
_SORTS = (
    Choice("change", "largest change of cosine, either way"),
    Choice("rise", "largest rise of cosine"),
    Choice("fall", "largest fall of cosine"),
    Choice("high", "highest cosine"),
    Choice("low", "lowest cosine"),
    Choice("row", "row in the file"),
)
_BASELINE_SORTS = _SORTS[3:]


def pair_section(
    evaluations: Sequence[Evaluation],
    drawn: ShownPairs,
    *,
    redact: bool,
    others: Sequence[ShownSplit] = (),
    seed: int = 0,
) -> Section:
    """The list of the drawn pairs, to be looked at with one trained model, or with the baseline where it is alone.

    Args:
        evaluations: The baseline first.
        drawn: The pairs.
        redact: Whether the texts are left out.
        others: The listed pairs of other splits.
        seed: Which those of a large split were drawn with.
    """
    trained = evaluations[1:]
    best = max(trained, key=lambda one: one.ranking.value or 0.0).model if trained else ""
    moves = bool(trained) and movement_alone_tells(evaluations)
    labelled = drawn.pairs.scale is None or drawn.pairs.scale.has_cut
    listed = [one.drawn for one in others]
    return Section(
        "pairs",
        "The pairs behind the numbers",
        pairs=PairList(
            note=" ".join([_note(drawn, redact=redact, moves=moves and labelled), *_samples(others, seed)]),
            models=tuple(Choice(one.model, model_label(one)) for one in trained),
            chosen=best,
            outcomes=_outcomes(compared=bool(trained), labelled=labelled, moves=moves),
            sorts=_SORTS if trained else _BASELINE_SORTS,
            categories=_names(one.categories for one in (drawn, *listed)),
            pair_types=_names(one.pair_types for one in (drawn, *listed)),
            words=drawn.pairs.words,
            redacted=redact,
        ),
    )


def _names(columns: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({name for column in columns for name in column}))


def _samples(others: Sequence[ShownSplit], seed: int) -> list[str]:
    """Which other splits are listed in part."""
    parts = [(one.view.split.value, one.drawn) for one in others if one.drawn.is_sample]
    return [
        f"Of the {count(len(drawn.pairs))} {split} pairs {count(len(drawn))} are listed, drawn at random with "
        f"seed {seed}; curves and counts are of all."
        for split, drawn in parts
    ]


def _outcomes(*, compared: bool, labelled: bool, moves: bool) -> tuple[Choice, ...]:
    """What the list can show; "fixed" and "broken" are left out where a threshold decides nothing."""
    if not compared:
        return _BASELINE_OUTCOMES if labelled else ()
    told = _OUTCOMES if labelled else _OUTCOMES[:1]
    return (*(told[:2] if moves else told), *_MOVED)


def _note(drawn: ShownPairs, *, redact: bool, moves: bool = False) -> str:
    labelled = drawn.pairs.scale is None or drawn.pairs.scale.has_cut
    parts = ["A pair is right or wrong at each model's own threshold, or at the one that is set."] if labelled else []
    if moves:
        parts.append(drawn.pairs.words.fill(_DECIDES_NOTHING))
    if drawn.is_sample:
        parts.append(
            f"These are {count(len(drawn))} of the {count(len(drawn.pairs))} eval pairs, a sample that does "
            "not depend on label or score; all other counts and numbers of this page are of all pairs."
        )
    if redact:
        parts.append(f"The texts were left out; a row is named by its number in {drawn.pairs.path.name}.")
    elif (limit := text_limit(drawn)) < TEXT_CHARACTERS[0] or _longest(drawn) > limit:
        parts.append(f"Texts are cut at {limit} characters.")
    return " ".join(parts)


def _longest(drawn: ShownPairs) -> int:
    return max(
        (len(column[row]) for column in (drawn.pairs.text_1, drawn.pairs.text_2) for row in drawn.rows), default=0
    )
