"""Normal forms of texts and 64-bit keys that stand for them.

Two texts are the same if they differ in these things alone, none of which says anything else:

- case, spaces, and Unicode's form (NFKC; straight quotes, apostrophes and hyphens for typographic ones; whether a
  character is to be drawn as an emoji);
- the speaker's prefix, in the dating profile;
- one full stop at the end.

Any other sign counts: `yes` is not `yes?`, `5` not `-5`, `:)` not `:(`.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from itertools import count, groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from .profiles import SPEAKERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


_STRAIGHT = {
    **dict.fromkeys(map(ord, "‘’‚‛"), "'"),  # noqa: RUF001 - typographic forms are meant
    **dict.fromkeys(map(ord, "“”„‟«»"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—−"), "-"),  # noqa: RUF001 - the same
    **dict.fromkeys((0xFE0E, 0xFE0F), ""),  # variation selectors
}
_FULL_STOPS = frozenset(".。।۔")  # noqa: RUF001 - that of Arabic is meant
_SHORT = 1_000


def fold(text: str) -> str:
    """A text without case and typography: what a token is read from."""
    if text.isascii():
        return text.casefold()
    return nfkc(text).casefold().translate(_STRAIGHT)


def normalise(text: str, *, has_speaker: bool = True) -> str:
    """A text for comparison, see above.

    Args:
        text: As somebody wrote it.
        has_speaker: Whether it may begin with a speaker's prefix, as in the dating profile.
    """
    plain = fold(text)
    speaker, colon, said = plain.partition(":")
    spoken = said if has_speaker and colon and speaker.strip() in SPEAKERS else plain
    return _without_full_stop(" ".join(spoken.split()))


def _without_full_stop(text: str) -> str:
    """Dots in a row are no full stop."""
    if text[-1:] in _FULL_STOPS and text[-2:-1] not in _FULL_STOPS:
        return text[:-1].rstrip()
    return text


def nfkc(text: str) -> str:
    """The text in Unicode's form NFKC, in time that grows with its length.

    `unicodedata` sorts a run of combining marks by insertion, so a long run that is out of order takes quadratic time.
    Here the marks of a long text are sorted first.
    """
    parts = {} if len(text) <= _SHORT else {ord(char): unicodedata.normalize("NFKD", char) for char in set(text)}
    if not any(map(unicodedata.combining, "".join(parts.values()))):
        return unicodedata.normalize("NFKC", text)
    runs = groupby(text.translate(parts), key=lambda char: unicodedata.combining(char) > 0)
    ordered = (sorted(run, key=unicodedata.combining) if is_marks else run for is_marks, run in runs)
    return unicodedata.normalize("NFC", "".join(map("".join, ordered)))


def hash_strings(strings: Iterable[str]) -> NDArray[np.uint64]:
    """64-bit BLAKE2b of each string, shape (M,); among 4 million texts a false match has a chance of 4e-7."""
    digests = bytearray()
    for text in strings:
        digests += hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.frombuffer(bytes(digests), dtype="<u8").astype(np.uint64, copy=False)


def text_keys(texts: Iterable[str], *, has_speaker: bool = True) -> NDArray[np.uint64]:
    """Key of each text's normalised form, shape (M,): equal keys, same words."""
    return hash_strings(normalise(text, has_speaker=has_speaker) for text in texts)


def pair_keys(keys_1: NDArray[np.uint64], keys_2: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Order-free key of each pair, shape (N,): (a, b) and (b, a) have the same one."""
    low, high = np.minimum(keys_1, keys_2), np.maximum(keys_1, keys_2)
    return mix(mix(low) + high)


def is_in(keys: NDArray[Any], known: NDArray[Any]) -> NDArray[np.bool_]:
    """Which keys are among the known ones, shape (N,): what `numpy.isin` says, many times as fast on a million keys."""
    if not len(known):
        return np.zeros(len(keys), dtype=np.bool_)
    order, ordered = np.argsort(keys), np.sort(known)
    wanted = keys[order]
    place = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    found = np.empty(len(keys), dtype=np.bool_)
    found[order] = ordered[place] == wanted
    return found


def mix(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of SplitMix64: every bit of the key reaches every bit of the result; wraps at 64 bits."""
    mixed = keys + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def codes(column: Sequence[str]) -> tuple[NDArray[np.int32], list[str]]:
    """A column as integers: codes of shape (N,) and the K names, in order of first appearance."""
    ids: defaultdict[str, int] = defaultdict(count().__next__)
    coded = np.fromiter(map(ids.__getitem__, column), dtype=np.int32, count=len(column))
    return coded, list(ids)
