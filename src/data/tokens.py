"""What a token is: one definition for every count, comparison and classifier that reads texts without a model.

A token is one of four things:

- a word: a run of letters, their combining marks and digits, apostrophes inside it allowed;
- a character of a script that puts no spaces between words (Chinese, Japanese, Thai, Khmer ...), with its marks;
- a sign that means something by itself: an emoji with all its parts, another symbol beyond ASCII, an emoticon;
- a negative number with its minus.

Other punctuation is no token, and neither are the operators of code: the character n-grams see them.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import regex

from .normalisation import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

# eyes, a nose perhaps, a mouth; `http://` and `f:(x)` have none
_EMOTICON = r"[:;][-^o]?[()\[\]|](?![^\W_])|(?<!\w)[:;][-^]?[dp3/*\\](?![\w/])|</?3(?!\w)"
_NEGATIVE = r"(?<![\w)\]'-])-(?=[0-9])[^\W_]+"
# Unicode's line breaking calls scripts whose words only a dictionary tells apart SA
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Yi}\p{Line_Break=SA}\u30FC"
_JOINERS = r"'\u200c\u200d"
_ASCII = re.compile(rf"[^\W_]++(?:'[^\W_]++)*+|{_EMOTICON}|{_NEGATIVE}")
_ANY = regex.compile(
    rf"(?V1)(?:[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]++(?:[{_JOINERS}](?=[\p{{L}}\p{{M}}\p{{N}}]))?+)++"
    rf"|(?=[{_UNSPACED}[\p{{S}}\p{{Extended_Pictographic}}--\p{{ASCII}}]])\X|{_EMOTICON}|{_NEGATIVE}"
)


def tokens(folded: str) -> list[str]:
    """The tokens of a text, in order.

    Args:
        folded: The text after `normalise` or `fold`: in Unicode's form NFKC, without case.
    """
    # the same tokens, several times as fast
    return _ASCII.findall(folded) if folded.isascii() else _ANY.findall(folded)


def words_of(text: str, *, has_speaker: bool = True) -> list[str]:
    """The tokens of a text as somebody wrote it, without its speaker: see `normalise`."""
    return tokens(normalise(text, has_speaker=has_speaker))


def terms(folded: str) -> Iterator[str]:
    """Tokens and pairs of neighbours, for a bag of words.

    As scikit-learn reads words, an apostrophe divides one, and single letters and digits of ASCII are left out.
    """
    parts = [part for token in tokens(folded) for part in token.split("'") if len(part) > 1 or not part.isascii()]
    yield from parts
    yield from map(" ".join, pairwise(parts))
