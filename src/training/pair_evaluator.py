"""Evaluators used during training: Spearman and AUC-ROC of the cosines of labelled pairs, or nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from sentence_transformers.base.evaluation import BaseEvaluator

from ..core.errors import PipelineError
from ..embedding.encoder import distinct_texts, encode_texts, pair_embeddings
from ..metrics import auc_roc, cosine_similarities, grade_spearman, spearman

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..models import PairSet


class PairEvaluator(BaseEvaluator):
    """Spearman and AUC-ROC of labelled pairs; every distinct text is embedded once.

    Attributes:
        cosines: Those of the last evaluation, of the pairs whose cosines are kept.
    """

    def __init__(self, pairs: PairSet, kept: NDArray[np.intp] | None = None) -> None:
        """Take the pairs, and the places of those whose cosines are kept; none by default."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.pairs = pairs
        self.kept = kept
        self.cosines: list[float] = []
        self.rows = distinct_texts([pairs])
        self.texts = list(self.rows)
        self.primary_metric = "spearman"

    def __call__(self, model: Any, *_: object, **__: object) -> dict[str, float]:  # noqa: ANN401 - the library's own type
        """Score the model as it is now.

        Raises:
            PipelineError: An embedding is not finite: the training diverged.
        """
        scores = self.scores(model)
        labels = self.pairs.labels
        self.cosines = [] if self.kept is None else scores[self.kept].tolist()
        rank = spearman(scores, labels) if self.pairs.grades is None else grade_spearman(scores, self.pairs.grades)
        values = (("spearman", rank), ("auc_roc", auc_roc(scores, labels)))
        return {name: math.nan if value is None else value for name, value in values}

    def scores(self, model: Any) -> NDArray[np.float64]:  # noqa: ANN401 - the library's own type
        """Cosines of the N pairs by the model as it is now, (N,).

        Raises:
            PipelineError: An embedding is not finite: the training diverged.
        """
        vectors = encode_texts(model, self.texts)
        if not np.isfinite(vectors).all():
            raise PipelineError("the training diverged: an embedding is not finite; use a lower --learning-rate")
        return cosine_similarities(pair_embeddings(self.pairs, self.rows, vectors))


class NoEvaluator(BaseEvaluator):
    """Measures nothing: an evaluation then records the training loss alone."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def __call__(self, *_: object, **__: object) -> dict[str, float]:
        """No metric."""
        return {}
