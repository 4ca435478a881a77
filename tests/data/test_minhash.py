from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.data import minhash as module
from src.data.minhash import BAND_ROWS, BANDS, minhash
from src.data.text_table import text_table

if TYPE_CHECKING:
    from tests.conftest import PairSetFactory


def test_agreement_estimates_the_jaccard_index(pair_set: PairSetFactory) -> None:
    words = [f"w{i}" for i in range(40)]
    texts = [f"boy: {' '.join(words[start : start + 30])}" for start in (0, 2, 5, 10)]
    signatures = minhash(text_table(pair_set(texts, texts)))

    for (i, one), (j, two) in combinations(enumerate((0, 2, 5, 10)), 2):
        same = 30 + 29 - 2 * abs(one - two)
        jaccard = same / (2 * 59 - same)
        assert (signatures[i] == signatures[j]).mean() == pytest.approx(jaccard, abs=0.3)


def test_the_same_words_in_another_order_agree_in_part(pair_set: PairSetFactory) -> None:
    words = [f"w{i}" for i in range(30)]
    one, two = minhash(text_table(pair_set([f"boy: {' '.join(words)}"], [f"girl: {' '.join(reversed(words))}"])))

    # 30 words in common of 30 words and 2 x 29 word pairs
    assert (one == two).mean() == pytest.approx(30 / 88, abs=0.25)


def test_a_text_without_words_has_the_largest_signature(pair_set: PairSetFactory) -> None:
    signatures = minhash(text_table(pair_set(["boy: tea", "boy: ..."], ["girl: ...", "girl: milk"])))

    assert signatures.shape == (3, BANDS * BAND_ROWS)
    assert signatures[1].tolist() == [2**32 - 1] * 24
    assert (signatures[[0, 2]] < 2**32 - 1).all()


@pytest.mark.parametrize("block", [1, 7, 400])
def test_texts_have_the_same_signature_in_blocks_of_any_size(
    block: int, random_pairs: PairSetFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = random_pairs(20)
    pairs.text_1[3] = "boy: ☕"
    whole = minhash(text_table(pairs))
    monkeypatch.setattr(module, "_TEXT_BLOCK", block)

    assert np.array_equal(minhash(text_table(pairs)), whole)
