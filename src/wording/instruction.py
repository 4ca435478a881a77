"""What is said of prompts, and the instruction of the fourth training of `run --with-instruction`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import printable

if TYPE_CHECKING:
    from ..models import Prompts, Words

_SHOWN = 200  # characters
PROMPT_NOTE = (
    "What a model reads before each text, in training and evaluation alike. The base model's are --prompt-1 and "
    "--prompt-2, else those of its own folder; a training has those of its base model, or its instruction."
)
_OF_DATING = "Represent what this person says about a partner, to judge {relation}:"
_OF_PAIRS = "Represent this text, to tell {positive} from {negative} pairs:"


def shown(prompt: str) -> str:
    """A prompt between quotation marks, which show where it ends."""
    return f"“{printable(prompt, _SHOWN)}”" if prompt else "nothing"


def told(name: str, prompts: Prompts) -> str:
    """What a model reads before each text, in one line."""
    first, second = shown(prompts.prompt_1), shown(prompts.prompt_2)
    both = f"{first} before each text" if first == second else f"{first} before text 1 and {second} before text 2"
    return f"{name} reads {both}"


def instruction_text(words: Words, *, has_speakers: bool) -> str:
    """What a model reads before both texts, as a task in the words of the data.

    Args:
        words: What the labels are called.
        has_speakers: Whether each text is what somebody says, as in the dating profile.
    """
    return words.fill(_OF_DATING if has_speakers else _OF_PAIRS)
