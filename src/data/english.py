"""Whether texts are English: most of their words are ASCII, and enough are among the most frequent English ones."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .tokens import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..models import PairSet

MIN_ASCII_WORDS = 0.9
MIN_COMMON_WORDS = 0.05  # English texts have 9 to 15 % of these, texts of other languages next to none
# frequent in English, and no words of the languages that share its letters
_COMMON_ENGLISH = frozenset(
    ("the", "and", "that", "with", "are", "my", "not", "this", "have", "but", "they", "from", "your", "it", "you")
)
_SAMPLE = 1_000


class EnglishShares(NamedTuple):
    """Shares of the words of some texts, 0 to 1."""

    plain: float  # in ASCII
    common: float  # among the most frequent English words

    @property
    def are_english(self) -> bool:
        """Whether the texts are English."""
        return self.plain >= MIN_ASCII_WORDS and self.common >= MIN_COMMON_WORDS


def english_shares(words: Sequence[str], uses: NDArray[np.int64]) -> EnglishShares:
    """How English some texts look.

    Args:
        words: The V different words, at least one.
        uses: (V,) how often each stands in the texts.
    """
    plain = np.array([word.isascii() for word in words])
    common = np.array([word in _COMMON_ENGLISH for word in words])
    return EnglishShares(*(float(uses[chosen].sum() / uses.sum()) for chosen in (plain, common)))


def are_english(pairs: PairSet) -> bool:
    """Whether the texts of some pairs are English; at most 1,000 pairs are looked at, spread over all of them."""
    rows = np.unique(np.linspace(0, len(pairs) - 1, min(len(pairs), _SAMPLE)).astype(int)).tolist()
    texts = (side[row] for row in rows for side in (pairs.text_1, pairs.text_2))
    counts = Counter(word for text in texts for word in words_of(text, has_speaker=pairs.has_speakers))
    return bool(counts) and english_shares(list(counts), np.array(list(counts.values()))).are_english
