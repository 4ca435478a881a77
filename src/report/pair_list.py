"""The section with the list of pairs: by what it can be filtered and sorted, and of which pairs it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.formatting import count
from ..tables.selection import model_label
from .page_data import TEXT_CHARACTERS, text_limit
from .page_shell import Choice, PairList, Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Evaluation
    from ..tables.shown_pairs import ShownPairs

_OUTCOMES = (
    Choice("all", "all pairs"),
    Choice("wrong", "wrong"),
    Choice("fixed", "fixed: the baseline is wrong, the model right"),
    Choice("broken", "broken: the baseline is right, the model wrong"),
    Choice("still-wrong", "still wrong: both are wrong"),
    Choice("still-right", "still right: both are right"),
)
_BASELINE_OUTCOMES = (Choice("all", "all pairs"), Choice("wrong", "wrong"), Choice("right", "right"))
_SORTS = (
    Choice("change", "largest change of cosine, either way"),
    Choice("rise", "largest rise of cosine"),
    Choice("fall", "largest fall of cosine"),
    Choice("high", "highest cosine"),
    Choice("low", "lowest cosine"),
    Choice("row", "row in the file"),
)
_BASELINE_SORTS = _SORTS[3:]


def pair_section(evaluations: Sequence[Evaluation], drawn: ShownPairs, *, redact: bool) -> Section:
    """The list of the drawn pairs, to be looked at with one trained model, or with the baseline where it is alone.

    Args:
        evaluations: The baseline first.
        drawn: The pairs.
        redact: Whether the texts are left out.
    """
    trained = evaluations[1:]
    best = max(trained, key=lambda one: one.ranking.value or 0.0).model if trained else ""
    outcomes = _OUTCOMES if trained else _BASELINE_OUTCOMES
    labelled = drawn.pairs.scale is None or drawn.pairs.scale.has_cut
    return Section(
        "pairs",
        "The pairs behind the numbers",
        pairs=PairList(
            note=_note(drawn, redact=redact),
            models=tuple(Choice(one.model, model_label(one)) for one in trained),
            chosen=best,
            outcomes=outcomes if labelled else (),
            sorts=_SORTS if trained else _BASELINE_SORTS,
            categories=tuple(sorted(set(drawn.categories))),
            pair_types=tuple(sorted(set(drawn.pair_types))),
            words=drawn.pairs.words,
            redacted=redact,
        ),
    )


def _note(drawn: ShownPairs, *, redact: bool) -> str:
    labelled = drawn.pairs.scale is None or drawn.pairs.scale.has_cut
    parts = ["A pair is right or wrong at each model's own threshold."] if labelled else []
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
