"""The tokens of many texts as numbers: the tokens that `tokens.py` defines, several times as fast.

In most texts every sign but an apostrophe inside a word divides words and is no token itself. Such texts are cut at
spaces by Arrow, all of a block at once. `tokens` reads the others one by one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from .tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_BLOCK = 50_000
# what may begin an emoticon or a negative number, and an apostrophe that stands inside no word
_SPECIAL = re.compile(r"[:;](?=[-^o()\[\]|dp3/*\\])|<(?=[/3])|-(?=[0-9])|'(?:(?![a-z0-9])|(?<![a-z0-9]'))")
_LINE_END = "\n"
_DIVIDED = bytes(code if code < 128 and (chr(code).isalnum() or chr(code) in "'\n") else 32 for code in range(256))  # noqa: PLR2004 - the end of ASCII


def coded_tokens(normalised: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64], list[str]]:
    """The tokens of some texts.

    Args:
        normalised: U texts after `normalise`.

    Returns:
        All T tokens one after another, as places in the list of words, shape (T,); where each text begins in them and
        the last one ends, shape (U + 1,); and the V words in the order of their first appearance.
    """
    ids: defaultdict[str, int] = defaultdict(count().__next__)
    coded, sizes = [np.zeros(0, dtype=np.int32)], [np.zeros(1, dtype=np.int64)]
    for start in range(0, len(normalised), _BLOCK):
        places, words, lengths = _cut(_divided(normalised[start : start + _BLOCK]))
        coded.append(np.array([ids[word] for word in words], dtype=np.int32)[places])
        sizes.append(lengths)
    return np.concatenate(coded), np.cumsum(np.concatenate(sizes)), list(ids)


def _divided(texts: Sequence[str]) -> list[str]:
    """The texts with nothing but spaces between tokens."""
    special = [place for place, text in enumerate(texts) if not text.isascii() or _SPECIAL.search(text)]
    plain = list(texts)
    for place in special:
        plain[place] = ""
    divided = _LINE_END.join(plain).encode("ascii").translate(_DIVIDED).decode("ascii").split(_LINE_END)
    for place in special:
        divided[place] = " ".join(tokens(texts[place]))
    return divided


def _cut(divided: list[str]) -> tuple[NDArray[np.int32], list[str], NDArray[np.int64]]:
    """The tokens of a block as places in its words, its words, and the number of tokens of each text."""
    import pyarrow as pa  # noqa: PLC0415 - keeps `--help` fast
    import pyarrow.compute as pc  # noqa: PLC0415 - the same

    cut = pc.ascii_split_whitespace(pc.ascii_trim_whitespace(pa.array(divided, pa.string())))
    found = cut.flatten().dictionary_encode()
    places, words, ends = found.indices.to_numpy(), found.dictionary.to_pylist(), cut.offsets.to_numpy()
    lengths = np.diff(ends).astype(np.int64)
    if "" in words:  # Arrow finds one empty token in an empty text
        none = words.index("")
        lengths[places[ends[:-1]] == none] = 0
        places = places[places != none]
        places, words = places - (places > none), words[:none] + words[none + 1 :]
    return places, words, lengths
