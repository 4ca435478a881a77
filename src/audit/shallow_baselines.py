"""Shallow baselines: classifiers without an embedding model, which a fine-tuned model must beat.

A table of small models, each fitted on train alone; one loop scores them. A model that sees only text_1 cannot know
whether the two texts are compatible, so its AUC shows how much the wording of the data predicts the label. The best one
is chosen by cross-validation on train: the best of many on eval would be too good by chance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from ..data.components import component_folds
from ..data.normalisation import codes
from ..data.text_table import lexical_overlap, text_table
from ..evaluation.estimates import estimate, scored
from ..evaluation.learnability import can_hold_out, within_folds_auc
from ..evaluation.metric_registry import AUC, CONCORDANCE
from ..evaluation.variance import Sample
from ..models import ShallowBaseline
from ..wording import shallow_baselines as wording
from .text_pieces import Pieces, hashed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from ..models import Estimate, PairSet

    Scores = NDArray[np.float64]  # (N,), higher means compatible
    Scorer = Callable[[PairSet], Scores]
    Rows = NDArray[np.intp]
    Column = Callable[[PairSet], Sequence[str]]

TFIDF_LIMIT = 20_000
SGD_PAIRS = 100_000
SGD_EPOCHS = 5
_REGULARISATION = 10.0  # inverse strength of the logistic regression
_BLOCK = 20_000
CROSS_VALIDATED_PAIRS = 5_000


@dataclass(frozen=True)
class ShallowModel:
    """One line of the table."""

    name: str
    fit: Callable[[PairSet], Scorer]
    reads_words: bool = False  # fitted by SGD if train is large
    reads_numbers: bool = False  # fitted on a sample if train is large


@dataclass(frozen=True, eq=False)
class ScoredBaseline:
    """A shallow baseline's result and its scores."""

    result: ShallowBaseline
    scores: Scores  # (N,) of the eval pairs; empty if train has one label only


def shallow_baselines(train: PairSet, eval_: PairSet, challenge: PairSet | None) -> tuple[ScoredBaseline, ...]:
    """Every shallow baseline, fitted on train, with its AUC, its cross-validated AUC on train, and its scores.

    Args:
        train: Pairs to fit on.
        eval_: Pairs that the AUC and its interval are measured on.
        challenge: A second set to measure on, if there is one.
    """
    folds = _folds(train)
    models = [model for model in MODELS if train.words.category or model.name != _CATEGORY]
    return tuple(_baseline(model, train, eval_, challenge, folds) for model in models)


def best_baseline(baselines: Iterable[ScoredBaseline]) -> ScoredBaseline | None:
    """The scored baseline that `best_of` chooses."""
    by_name = {baseline.result.name: baseline for baseline in baselines}
    best = best_of(baseline.result for baseline in by_name.values())
    return None if best is None else by_name[best.name]


def best_of(baselines: Iterable[ShallowBaseline]) -> ShallowBaseline | None:
    """The one with the highest cross-validated AUC on train, which a trained model must beat on eval.

    Args:
        baselines: Those without an AUC on eval are left out, because no model can be compared with them.

    Returns:
        The bag of words, or the first one, if train cannot be cross-validated; None if none has an AUC on eval.
    """
    comparable = [baseline for baseline in baselines if baseline.auc_roc is not None]
    validated = [baseline for baseline in comparable if baseline.cv_auc_roc is not None]
    named = [baseline for baseline in comparable if baseline.name == _UNLESS_VALIDATED]
    return max(validated, key=lambda baseline: baseline.cv_auc_roc or 0.0, default=next(iter(named + comparable), None))


# --- cross-validation on train --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Fold:
    """Pairs to fit on, and the pairs of the other components of shared texts, with their places in the drawn pairs."""

    fitted: PairSet
    held_out: PairSet
    rows: NDArray[np.intp]


def _folds(train: PairSet) -> tuple[PairSet, list[_Fold]]:
    """Up to 5,000 drawn pairs and their folds by component; no fold where a fit would see one label only."""
    drawn = train
    if len(train) > CROSS_VALIDATED_PAIRS:
        drawn = train.take(np.sort(np.random.default_rng(0).permutation(len(train))[:CROSS_VALIDATED_PAIRS]))
    if _one_label(drawn):
        return drawn, []
    fold = component_folds(text_table(drawn), drawn.labels)
    if not can_hold_out(fold, drawn.labels):
        return drawn, []
    parts = [(np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)) for held_out in np.unique(fold)]
    folds = [_Fold(drawn.take(inside), drawn.take(outside), outside) for inside, outside in parts]
    return drawn, folds


def _on_train(model: ShallowModel, drawn: PairSet, folds: list[_Fold]) -> dict[str, object]:
    """Cross-validated AUC: each pair is scored by a fit without its texts, and compared with pairs of its fold."""
    if not folds:
        return {"cv_reason": wording.NO_FOLDS}
    scores, place = np.empty(len(drawn)), np.empty(len(drawn), dtype=np.int8)
    for number, part in enumerate(folds):
        place[part.rows] = number
        scores[part.rows] = model.fit(part.fitted)(part.held_out)
    [auc] = within_folds_auc(scores[:, None], drawn.targets[:, None], place).tolist()
    return {"cv_auc_roc": auc}


# --- on eval and on the challenge set -------------------------------------------------------------------


def _baseline(
    model: ShallowModel,
    train: PairSet,
    eval_: PairSet,
    challenge: PairSet | None,
    folds: tuple[PairSet, list[_Fold]],
) -> ScoredBaseline:
    if _one_label(train):
        reason = wording.one_label(wording.TRAIN)
        result = ShallowBaseline(
            name=model.name, auc_roc=None, n=len(eval_), reason=reason, cv_reason=reason, challenge_reason=reason
        )
        return ScoredBaseline(result, np.empty(0))
    score = model.fit(train)
    scores = score(eval_)
    if model.name == MAJORITY:
        return ScoredBaseline(_majority_result(eval_, challenge), scores)
    elsewhere = _on_train(model, *folds) | _on_challenge(challenge, score)
    result = _result(model, eval_, scores, len(train)).model_copy(update=elsewhere)
    return ScoredBaseline(result, scores)


def _on_challenge(challenge: PairSet | None, score: Scorer) -> dict[str, object]:
    if challenge is None:
        return {"challenge_reason": wording.NO_CHALLENGE}
    scores = score(challenge)
    reason = _why_not(challenge, scores, wording.CHALLENGE)
    found = None if reason else _ranking(challenge, scores)
    return {"challenge_auc_roc": found and found.value, "challenge_reason": reason}


def _ranking(pairs: PairSet, scores: Scores) -> Estimate:
    """The AUC, or the concordance with graded labels."""
    of = scored(scores, Sample.of(pairs))
    return estimate(AUC if pairs.grades is None else CONCORDANCE, of)


def _result(model: ShallowModel, eval_: PairSet, scores: Scores, n_train: int) -> ShallowBaseline:
    reason = _why_not(eval_, scores, wording.EVAL)
    special = ""
    if model.reads_words and n_train > TFIDF_LIMIT:
        special = wording.hashed(TFIDF_LIMIT, SGD_PAIRS)
    elif model.reads_numbers and n_train > SGD_PAIRS:
        special = wording.sampled(SGD_PAIRS)
    found = None if reason else _ranking(eval_, scores)
    return ShallowBaseline(
        name=model.name,
        auc_roc=found.value if found else None,
        auc_low=found.low if found else None,
        auc_high=found.high if found else None,
        n=len(eval_),
        reason=reason or special,
    )


def _majority_result(eval_: PairSet, challenge: PairSet | None) -> ShallowBaseline:
    """A constant has an AUC of 0.5 by definition, without an interval."""
    missing = wording.NO_CHALLENGE if challenge is None else wording.one_label(wording.CHALLENGE)
    decided = challenge is not None and not _one_label(challenge)
    return ShallowBaseline(
        name=MAJORITY,
        auc_roc=None if _one_label(eval_) else 0.5,
        n=len(eval_),
        cv_auc_roc=0.5,
        challenge_auc_roc=0.5 if decided else None,
        reason=wording.one_label(wording.EVAL) if _one_label(eval_) else wording.BY_DEFINITION,
        challenge_reason="" if decided else missing,
    )


def _one_label(pairs: PairSet) -> bool:
    return len(pairs) == 0 or bool(np.ptp(pairs.targets) == 0)


def _why_not(pairs: PairSet, scores: Scores, what: str) -> str:
    if _one_label(pairs):
        return wording.one_label(what)
    return wording.SAME_SCORES if np.ptp(scores) == 0 else ""


# --- the models -----------------------------------------------------------------------------------------


def fit_majority(train: PairSet) -> Scorer:
    """The same score for every pair: the share of label 1 in train."""
    share = float(train.targets.mean())
    return lambda pairs: np.full(len(pairs), share)


def fit_category(train: PairSet) -> Scorer:
    """Share of label 1 of the pair's category in train, with one pair of the overall share added."""
    share = float(train.targets.mean())
    coded, names = codes(train.category)
    rates = (np.bincount(coded, weights=train.targets) + share) / (np.bincount(coded) + 1)
    rate_of = dict(zip(names, rates.tolist(), strict=True))
    return lambda pairs: np.array([rate_of.get(name, share) for name in pairs.category])


def fit_overlap(train: PairSet) -> Scorer:
    """Jaccard index of the two sides' words; the sign comes from train."""
    return _fit_numbers(lambda pairs, rows: lexical_overlap(text_table(pairs), rows)[:, None], train)


def fit_negation(train: PairSet) -> Scorer:
    """Whether both sides negate something or neither does."""
    return _fit_numbers(_same_negation, train)


def _same_negation(pairs: PairSet, rows: Rows) -> NDArray[np.float64]:
    places = rows.tolist()
    one, two = (np.array([_negates(side[row].lower()) for row in places]) for side in (pairs.text_1, pairs.text_2))
    same: NDArray[np.float64] = (one == two).astype(np.float64)
    return same[:, None]


def _negates(lower: str) -> bool:
    # most texts hold none of these, which is seen faster
    return any(part in lower for part in _IN_NEGATIONS) and bool(_NEGATION.search(lower))


def fit_length(train: PairSet) -> Scorer:
    """Number of words of each side and their difference."""
    return _fit_numbers(_lengths, train)


def _lengths(pairs: PairSet, rows: Rows) -> NDArray[np.float64]:
    table = text_table(pairs)
    one, two = (np.log1p(table.lengths[side[rows]]) for side in (table.side_1, table.side_2))
    return np.stack([one, two, np.abs(one - two)], axis=1)


def fit_frequency(train: PairSet) -> Scorer:
    """How often train uses each text (Zhang et al. 2019, ACL P19-1435), a train pair's own use not counted."""
    table = text_table(train)
    uses = np.bincount(table.side_1, minlength=len(table.keys)) + np.bincount(table.side_2, minlength=len(table.keys))
    order = np.argsort(table.keys)
    known, uses = table.keys[order], uses[order]

    def features(pairs: PairSet, rows: Rows) -> NDArray[np.float64]:
        own = text_table(pairs)
        place = np.minimum(np.searchsorted(known, own.keys), len(known) - 1)
        seen = np.where(known[place] == own.keys, uses[place] - (pairs is train), 0)
        return np.log1p(np.stack([seen[own.side_1[rows]], seen[own.side_2[rows]]], axis=1).astype(np.float64))

    return _fit_numbers(features, train)


def _fit_numbers(features: Callable[[PairSet, Rows], NDArray[np.float64]], train: PairSet) -> Scorer:
    """Logistic regression on a few standardised numbers a pair, shape (N, F); ridge regression on grades.

    It is fitted on 100,000 drawn pairs of a larger train.
    """
    rows = _drawn(train) if len(train) > SGD_PAIRS else np.arange(len(train))
    if np.ptp(train.targets[rows]) == 0:
        rows = np.arange(len(train))  # the other label is too rare to be drawn
    known = features(train, rows)
    mean, spread = known.mean(axis=0), known.std(axis=0)
    spread[spread == 0] = 1.0
    decide = _fit_linear((known - mean) / spread, train, rows)
    # Rounded, because equal rows may come out of the product with other last bits, and ties matter here.
    return lambda pairs: np.round(decide((features(pairs, np.arange(len(pairs))) - mean) / spread), 12)


def _drawn(train: PairSet) -> Rows:
    """The rows that a model is fitted on where train is large."""
    return np.random.default_rng(0).permutation(len(train))[:SGD_PAIRS]


def _fit_linear(
    features: Any,  # noqa: ANN401 - scipy has no types
    train: PairSet,
    rows: Rows,
    **logistic: float,
) -> Callable[[Any], Scores]:
    """Scores of a logistic regression with these settings, or of a ridge regression where labels are grades."""
    from sklearn.linear_model import LogisticRegression, Ridge  # noqa: PLC0415 - keeps `--help` fast

    if train.grades is not None:
        scores: Callable[[Any], Scores] = Ridge().fit(features, train.targets[rows]).predict
    else:
        scores = LogisticRegression(**logistic).fit(features, train.labels[rows]).decision_function
    return scores


def fit_texts(pieces: Pieces, *columns: Column) -> Callable[[PairSet], Scorer]:
    """Bag of the pieces of these columns, each with weights of its own."""

    def fit(train: PairSet) -> Scorer:
        small = len(train) <= TFIDF_LIMIT
        vectorise, decide = (_fit_tfidf if small else _fit_hashed)(pieces, columns, train)
        return lambda pairs: _decide(decide, vectorise, [column(pairs) for column in columns])

    return fit


def _decide(
    decide: Callable[[Any], Scores], vectorise: Callable[[list[Sequence[str]]], Any], texts: list[Sequence[str]]
) -> Scores:
    """Decision values in blocks of 20,000 pairs, shape (N,)."""
    n = len(texts[0])
    blocks = [[column[start : start + _BLOCK] for column in texts] for start in range(0, n, _BLOCK)]
    return np.concatenate([decide(vectorise(block)) for block in blocks])


def _text_1(pairs: PairSet) -> Sequence[str]:
    return pairs.text_1


def _text_2(pairs: PairSet) -> Sequence[str]:
    return pairs.text_2


def _fit_tfidf(pieces: Pieces, columns: Sequence[Column], train: PairSet) -> tuple[Any, Any]:
    from scipy.sparse import hstack  # noqa: PLC0415 - keeps `--help` fast
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - the same

    vectorisers = [TfidfVectorizer(**pieces.reading) for _ in columns]
    texts = [column(train) for column in columns]
    fitted = hstack([own.fit_transform(side) for own, side in zip(vectorisers, texts, strict=True)]).tocsr()

    def vectorise(block: list[Sequence[str]]) -> Any:  # noqa: ANN401 - scipy has no types
        return hstack([own.transform(column) for own, column in zip(vectorisers, block, strict=True)]).tocsr()

    return vectorise, _fit_linear(fitted, train, np.arange(len(train)), C=_REGULARISATION, max_iter=1000)


def _fit_hashed(pieces: Pieces, columns: Sequence[Column], train: PairSet) -> tuple[Any, Any]:
    from scipy.sparse import hstack  # noqa: PLC0415 - keeps `--help` fast
    from sklearn.linear_model import SGDClassifier, SGDRegressor  # noqa: PLC0415 - the same

    def vectorise(block: list[Sequence[str]]) -> Any:  # noqa: ANN401 - scipy has no types
        return hstack([hashed(pieces, column) for column in block]).tocsr()

    matrix = hstack([_hashed_sample(pieces, column, train) for column in columns]).tocsr()
    wanted = train.targets[_drawn(train)]
    if train.grades is not None:
        ridge = SGDRegressor(alpha=1e-6, average=True, random_state=0)
        for _ in range(SGD_EPOCHS):
            ridge.partial_fit(matrix, wanted)
        return vectorise, ridge.predict
    model = SGDClassifier(loss="log_loss", alpha=1e-6, average=True, random_state=0)
    for _ in range(SGD_EPOCHS):
        model.partial_fit(matrix, wanted, classes=(0, 1))
    return vectorise, model.decision_function


def _hashed_sample(pieces: Pieces, column: Column, train: PairSet) -> Any:  # noqa: ANN401 - scipy has no types
    """One side of the drawn pairs, hashed; the words are kept, because three models read them."""
    from scipy.sparse import vstack  # noqa: PLC0415 - keeps `--help` fast

    kept = _HASHED_WORDS.setdefault(train, {}) if pieces is Pieces.WORDS else {}
    if column not in kept:
        side, rows = column(train), _drawn(train).tolist()
        texts = [side[row] for row in rows]
        kept[column] = vstack([hashed(pieces, texts[at : at + _BLOCK]) for at in range(0, len(texts), _BLOCK)]).tocsr()
    return kept[column]


_HASHED_WORDS: WeakKeyDictionary[PairSet, dict[Column, Any]] = WeakKeyDictionary()

MAJORITY = "majority"
_CATEGORY = "category_only"  # left out where the data has no category
_UNLESS_VALIDATED = "bag_of_words"
# in lower case; each word begins with its letter, so that the search can skip to it, and is a word of its own
_NEGATION = re.compile(
    r"n(?<=\bn)(?:o(?:t|ne|body|thing|r)?|ever|either)\b|w(?<=\bw)ithout\b|c(?<=\bc)annot\b|n['\u2019]t\b"
)
_IN_NEGATIONS = ("no", "ne", "without", "n't", "n\u2019t")

MODELS: tuple[ShallowModel, ...] = (
    ShallowModel(MAJORITY, fit_majority),
    ShallowModel("text_1_only", fit_texts(Pieces.WORDS, _text_1), reads_words=True),
    ShallowModel("text_2_only", fit_texts(Pieces.WORDS, _text_2), reads_words=True),
    ShallowModel(_UNLESS_VALIDATED, fit_texts(Pieces.WORDS, _text_1, _text_2), reads_words=True),
    ShallowModel("character_ngrams", fit_texts(Pieces.CHARACTERS, _text_1, _text_2), reads_words=True),
    ShallowModel("lexical_overlap", fit_overlap, reads_numbers=True),
    ShallowModel("negation_agreement", fit_negation, reads_numbers=True),
    ShallowModel("length", fit_length, reads_numbers=True),
    ShallowModel(_CATEGORY, fit_category),
    ShallowModel("text_frequency", fit_frequency, reads_numbers=True),
)
