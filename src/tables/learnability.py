"""Whether a simple model learns the labels of train from the base embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..models import DATING_WORDS
from .scores import estimate_cell
from .table import Table, table

if TYPE_CHECKING:
    from ..models import Learnability, Words

_NOTE = (
    "A linear discriminant on the product and the absolute difference of the two sides, cross-validated on train "
    "without a text in two folds; 0.5 is chance. The 95 % interval in brackets is as wide as with shuffled labels. If "
    "it holds 0.5, the base model's embeddings do not show that these labels can be learned."
)


def learnability_table(found: Learnability, words: Words = DATING_WORDS) -> Table:
    """AUC with its interval, and the highest AUC with shuffled labels."""
    row = (
        formats.plain_name(found.seen),
        estimate_cell(found.auc_roc, found.auc_low, found.auc_high, found.reason),
        formats.number(found.shuffled_high),
        formats.count(found.n),
    )
    ranking = "AUC-ROC" if words.ranking == DATING_WORDS.ranking else formats.capitalised(words.ranking)
    columns = ("Seen", f"{ranking} on train, CV", "Highest with shuffled labels", "N")
    return table("Learnability of the labels", columns, [row], _NOTE)
