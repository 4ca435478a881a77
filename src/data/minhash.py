"""MinHash signatures: the share of equal entries estimates the Jaccard index of two texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .normalisation import mix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .text_table import TextTable

BANDS, BAND_ROWS = 6, 4
_TEXT_BLOCK = 20_000


def band_keys(table: TextTable) -> NDArray[np.uint64]:
    """Bucket of each of N pairs in each band, shape (6, N); a pair's signature is its sides' minimum."""
    signatures, keys = minhash(table), np.zeros((BANDS, len(table.side_1)), dtype=np.uint64)
    for column, own in enumerate(signatures.T):
        of_band = keys[column // BAND_ROWS]
        of_band[:] = mix(of_band + np.minimum(own[table.side_1], own[table.side_2]))
    return keys


def minhash(table: TextTable) -> NDArray[np.uint32]:
    """MinHash (Broder 1997) of each text's words and word pairs, shape (U, 24); a wordless text has the largest."""
    generator = np.random.default_rng(0)
    factors = generator.integers(0, 2**63, size=BANDS * BAND_ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    signatures = np.full((len(table.keys), len(factors)), np.iinfo(np.uint32).max, dtype=np.uint32)
    for first in range(0, len(table.keys), _TEXT_BLOCK):
        bounds = table.starts[first : first + _TEXT_BLOCK + 1]
        filled = np.flatnonzero(np.diff(bounds))
        if not len(filled):
            continue
        single = table.word_keys[table.tokens[bounds[0] : bounds[-1]]]
        double = mix(mix(single) + np.roll(single, -1))
        last = bounds[1:][filled] - bounds[0] - 1
        double[last] = single[last]
        begins = bounds[:-1][filled] - bounds[0]
        for column, factor in enumerate(factors):
            hashed = (np.minimum(single * factor, double * factor) >> np.uint64(32)).astype(np.uint32)
            signatures[first + filled, column] = np.minimum.reduceat(hashed, begins)
    return signatures
