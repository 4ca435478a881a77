"""What differs between the project's own dating pairs and any other labelled pairs."""

from __future__ import annotations

from dataclasses import dataclass

from ..models import DATING_WORDS, SelectOn, Words

SPEAKERS = ("boy", "girl")
PAIR_TYPES = frozenset(
    {
        "compatible",
        "incompatible",
        "subtle_mismatch",
        "dealbreaker",
        "complex_compatible",
        "complex_incompatible",
        "llm_judged_compatible",
        "llm_judged_incompatible",
        "curated_realistic",
    }
)


@dataclass(frozen=True)
class Profile:
    """A kind of data."""

    name: str
    words: Words  # unless the options of a run say others
    has_speakers: bool  # whether each text begins with 'boy:' or 'girl:'
    has_packaged_challenge: bool  # whether the challenge set that ships is used where the data has none
    has_targets: bool  # whether targets were set before the first training
    select_on: SelectOn  # which pairs choose the checkpoint, where nobody says


DATING = Profile(
    name="dating",
    words=DATING_WORDS,
    has_speakers=True,
    has_packaged_challenge=True,
    has_targets=True,
    select_on=SelectOn.TEST,
)
PAIRS = Profile(
    name="pairs",
    words=Words(
        positive="positive",
        negative="negative",
        relation="the relation of the texts",
        category="",
        pair_type="",
        challenge="pairs of another kind",
    ),
    has_speakers=False,
    has_packaged_challenge=False,
    has_targets=False,
    select_on=SelectOn.VALIDATION,
)
