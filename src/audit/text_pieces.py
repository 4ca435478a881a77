"""What the shallow baselines read of a text: its words and pairs of words, or its characters."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.character_runs import hashed_runs
from ..data.normalisation import fold
from ..data.tokens import terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HASH_BITS = 18
_CHARACTERS_IN_A_ROW = 2  # more would drown a single sign
_TEXTS_KEPT = 10_000


class Pieces(Enum):
    """What a text is divided into."""

    WORDS = "words"
    CHARACTERS = "characters"

    @property
    def reading(self) -> Mapping[str, Any]:
        """How a vectoriser of scikit-learn reads a text."""
        if self is Pieces.WORDS:
            return {"analyzer": read_terms}
        return {"analyzer": "char", "ngram_range": (1, _CHARACTERS_IN_A_ROW)}


# cross-validation reads each of its 10,000 texts ten times
@lru_cache(maxsize=_TEXTS_KEPT)
def read_terms(text: str) -> tuple[str, ...]:
    """Tokens and pairs of neighbours of a text as somebody wrote it."""
    return tuple(terms(fold(text)))


def hashed(pieces: Pieces, texts: Sequence[str]) -> Any:  # noqa: ANN401 - scipy has no types
    """The pieces of M texts without a vocabulary, as scipy's CSR matrix of shape (M, 2 ** 18), float32."""
    from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415 - keeps `--help` fast

    if pieces is Pieces.CHARACTERS:
        return hashed_runs(texts, _CHARACTERS_IN_A_ROW, _HASH_BITS)
    return HashingVectorizer(n_features=2**_HASH_BITS, dtype=np.float32, **pieces.reading).transform(texts)
