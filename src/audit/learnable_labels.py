"""Whether the labels of train look like random ones, as far as the texts show without an embedding model.

Two simple models are cross-validated on texts that they have not seen: one compares the sides, one reads their words.
Random labels leave both near an AUC of 0.5. A bag of words far below 0.5 is not random either: this is what it gives
where each word was balanced over the labels on purpose, and what is left to learn is the comparison.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from ..data.character_runs import character_runs
from ..data.normalisation import normalise
from ..evaluation.learnability import DIRECTIONS, learnability
from ..models import AuditFinding, FindingStatus, Split
from ..wording import audit as words
from ..wording import learnability as wording
from .finding_codes import FindingCode
from .shallow_baselines import CROSS_VALIDATED_PAIRS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ..models import PairSet, ShallowBaseline

BAG_OF_WORDS = "bag_of_words"
CHARACTERS_IN_A_ROW = (2, 5)
MOST_PIECES = 2**18  # the frequent ones; Chinese has millions in 10,000 pairs, which would take 1 GB
CHANCE = 0.5
# Nadeau & Bengio (2003, Machine Learning 52) for five folds: sqrt(1 + 5 / 4). Random labels gave 1.2 to 1.5.
CORRECTION = 1.5
STANDARD_ERRORS = 3


def learnable_labels(train: PairSet, baselines: Iterable[ShallowBaseline]) -> AuditFinding:
    """Warns if the labels of train look like random ones; about 97 of 100 files with random labels do.

    Args:
        train: N pairs.
        baselines: Shallow baselines, of which the bag of words counts.
    """
    compared = learnability(train, wording.CHARACTERS, lambda rows: _latent_directions(train, rows))
    read = next((one.cv_auc_roc for one in baselines if one.name == BAG_OF_WORDS), None)
    chance = _chance_of_one_auc(train)
    random = not compared.beyond_chance and (read is None or chance[0] <= read <= chance[1])
    text = words.RANDOM_LABELS
    return AuditFinding(
        code=FindingCode.RANDOM_LABELS,
        role=Split.TRAIN,
        name=words.file_title(Split.TRAIN, text.name),
        status=FindingStatus.WARN if random else FindingStatus.OK,
        observed=train.words.fill(wording.both(compared, read, *chance)),
        limit=train.words.fill(wording.BEYOND_CHANCE),
        n=len(train),
        why=text.why,
        action=text.action,
    )


def _chance_of_one_auc(train: PairSet) -> tuple[float, float]:
    """Within what a cross-validated AUC of random labels lies: three corrected standard errors around 0.5."""
    n = min(len(train), CROSS_VALIDATED_PAIRS)
    of_a_value = np.unique(train.targets, return_counts=True)[1] * (n / len(train))
    couples = (n**2 - np.square(of_a_value).sum()) / 2
    if couples < 1:
        return 0.0, 1.0
    # of Kendall's S with ties (Kendall 1970, Rank Correlation Methods, chapter 4); with two labels that of the AUC
    tied = (of_a_value * (of_a_value - 1) * (2 * of_a_value + 5)).sum()
    variance = (n * (n - 1) * (2 * n + 5) - tied) / 18
    half = STANDARD_ERRORS * CORRECTION * sqrt(variance) / (2 * couples)
    return max(0.0, CHANCE - half), min(1.0, CHANCE + half)


def _latent_directions(pairs: PairSet, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Latent semantic analysis of both sides (Deerwester et al. 1990), shape (n, 2, K), K at most 32."""
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - slow to import; not for --help
    from sklearn.feature_extraction.text import TfidfTransformer  # noqa: PLC0415 - the same

    # a space at either end, so that a text without any character has one too
    said = (side[row] for row in rows.tolist() for side in (pairs.text_1, pairs.text_2))
    texts = [f"  {normalise(text, has_speaker=pairs.has_speakers)}  " for text in said]
    counts = character_runs(texts, *CHARACTERS_IN_A_ROW).counts
    if counts.shape[1] > MOST_PIECES:
        uses = np.asarray(counts.sum(axis=0)).ravel()
        counts = counts[:, np.sort(np.argsort(-uses)[:MOST_PIECES])]
    matrix = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    reduced = TruncatedSVD(min(DIRECTIONS, matrix.shape[1]), random_state=0).fit_transform(matrix)
    return np.asarray(reduced, dtype=np.float64).reshape(len(rows), 2, -1)
