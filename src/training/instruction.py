"""The instruction of the fourth training of `run --with-instruction`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..models import Words

_OF_DATING = "Represent what this person says about a partner, to judge {relation}:"
_OF_PAIRS = "Represent this text, to tell {positive} from {negative} pairs:"


def instruction_text(words: Words, *, has_speakers: bool) -> str:
    """What a model reads before both texts, as a task in the words of the data.

    Args:
        words: What the labels are called.
        has_speakers: Whether each text is what somebody says, as in the dating profile.
    """
    return words.fill(_OF_DATING if has_speakers else _OF_PAIRS)
