"""Whether the labels of train can be learned at all, as far as the texts show without an embedding model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..data.normalisation import normalise
from ..evaluation.learnability import DIRECTIONS, learnability
from ..wording import audit as words
from ..wording import learnability as wording
from .framework import AuditFile, AuditOutcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..models import PairSet

SIZES = (2, 5)
# the value is the distance of the interval's lower end to chance, so that it counts as learned above 0
CHANCE = 0.5


def unlearned_labels(file: AuditFile) -> AuditOutcome:
    """How far below chance the interval of the cross-validated AUC begins; nothing is learned where it holds 0.5."""
    found = learnability(file.pairs, wording.CHARACTERS, lambda rows: _latent_directions(file.pairs, rows))
    if found.auc_roc is None or found.auc_low is None or found.auc_high is None:
        return AuditOutcome(None, found.reason, found.n)
    observed = words.learned(found.seen, found.auc_roc, found.auc_low, found.auc_high)
    return AuditOutcome(float(found.auc_low <= CHANCE), observed, found.n)


def _latent_directions(pairs: PairSet, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Latent semantic analysis of both sides (Deerwester et al. 1990), shape (n, 2, K), K at most 32."""
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - slow to import; not for --help
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - the same

    texts = [normalise(side[row]) for row in rows.tolist() for side in (pairs.text_1, pairs.text_2)]
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=SIZES, sublinear_tf=True, dtype=np.float32)
    matrix = vectoriser.fit_transform(texts)
    reduced = TruncatedSVD(min(DIRECTIONS, matrix.shape[1]), random_state=0).fit_transform(matrix)
    return np.asarray(reduced, dtype=np.float64).reshape(len(rows), 2, -1)
