"""Shallow baselines: classifiers without an embedding model, which a fine-tuned model must beat.

A table of small models, each fitted on train alone; one loop scores them. A model that sees only text_1 cannot know
whether the two texts are compatible, so its AUC shows how much the wording of the data predicts the label. The best one
is chosen by cross-validation on train: the best of many on eval would be too good by chance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.components import component_folds
from ..data.normalisation import codes, fold
from ..data.text_table import lexical_overlap, text_table
from ..data.tokens import terms
from ..evaluation.estimates import estimate, scored
from ..evaluation.learnability import can_hold_out, within_folds_auc
from ..evaluation.metric_registry import AUC, CONCORDANCE
from ..evaluation.variance import Sample
from ..models import ShallowBaseline
from ..wording import shallow_baselines as wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from ..models import Estimate, PairSet

    Scores = NDArray[np.float64]  # (N,), higher means compatible
    Scorer = Callable[[PairSet], Scores]
    Column = Callable[[PairSet], Sequence[str]]
    Pieces = Mapping[str, Any]  # how a vectoriser of scikit-learn reads a text

TFIDF_LIMIT = 20_000
SGD_PAIRS = 100_000
SGD_EPOCHS = 5
_REGULARISATION = 10.0  # inverse strength of the logistic regression
_HASH_BITS = 18
_BLOCK = 20_000
CROSS_VALIDATED_PAIRS = 5_000
_CHARACTERS_IN_A_ROW = 2  # more would drown a single sign


@dataclass(frozen=True)
class ShallowModel:
    """One line of the table."""

    name: str
    fit: Callable[[PairSet], Scorer]
    reads_words: bool = False  # fitted by SGD if train is large


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
    special = wording.hashed(TFIDF_LIMIT, SGD_PAIRS) if model.reads_words and n_train > TFIDF_LIMIT else ""
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
    return _fit_numbers(lambda pairs: lexical_overlap(text_table(pairs))[:, None], train)


def fit_negation(train: PairSet) -> Scorer:
    """Whether both sides negate something or neither does."""
    return _fit_numbers(_same_negation, train)


def _same_negation(pairs: PairSet) -> NDArray[np.float64]:
    one, two = ([bool(_NEGATION.search(text.lower())) for text in side] for side in (pairs.text_1, pairs.text_2))
    return np.array([[float(a == b)] for a, b in zip(one, two, strict=True)])


def fit_length(train: PairSet) -> Scorer:
    """Number of words of each side and their difference."""
    return _fit_numbers(_lengths, train)


def _lengths(pairs: PairSet) -> NDArray[np.float64]:
    table = text_table(pairs)
    one, two = (np.log1p(table.lengths[side]) for side in (table.side_1, table.side_2))
    return np.stack([one, two, np.abs(one - two)], axis=1)


def fit_frequency(train: PairSet) -> Scorer:
    """How often train uses each text (Zhang et al. 2019, ACL P19-1435), a train pair's own use not counted."""
    table = text_table(train)
    uses = np.bincount(table.side_1, minlength=len(table.keys)) + np.bincount(table.side_2, minlength=len(table.keys))
    order = np.argsort(table.keys)
    known, uses = table.keys[order], uses[order]

    def features(pairs: PairSet) -> NDArray[np.float64]:
        own = text_table(pairs)
        place = np.minimum(np.searchsorted(known, own.keys), len(known) - 1)
        seen = np.where(known[place] == own.keys, uses[place] - (pairs is train), 0)
        return np.log1p(np.stack([seen[own.side_1], seen[own.side_2]], axis=1).astype(np.float64))

    return _fit_numbers(features, train)


def _fit_numbers(features: Callable[[PairSet], NDArray[np.float64]], train: PairSet) -> Scorer:
    """Logistic regression on a few standardised numbers a pair, shape (N, F); ridge regression on grades."""
    known = features(train)
    mean, spread = known.mean(axis=0), known.std(axis=0)
    spread[spread == 0] = 1.0
    decide = _fit_linear((known - mean) / spread, train)
    # Rounded, because equal rows may come out of the product with other last bits, and ties matter here.
    return lambda pairs: np.round(decide((features(pairs) - mean) / spread), 12)


def _fit_linear(features: Any, train: PairSet, **logistic: float) -> Callable[[Any], Scores]:  # noqa: ANN401 - scipy has no types
    """Scores of a logistic regression with these settings, or of a ridge regression where labels are grades."""
    from sklearn.linear_model import LogisticRegression, Ridge  # noqa: PLC0415 - keeps `--help` fast

    if train.grades is not None:
        scores: Callable[[Any], Scores] = Ridge().fit(features, train.targets).predict
    else:
        scores = LogisticRegression(**logistic).fit(features, train.labels).decision_function
    return scores


def fit_texts(pieces: Pieces, *columns: Column) -> Callable[[PairSet], Scorer]:
    """Bag of the pieces of these columns, each with weights of its own."""

    def fit(train: PairSet) -> Scorer:
        texts = [column(train) for column in columns]
        small = len(train) <= TFIDF_LIMIT
        vectorise, decide = (_fit_tfidf if small else _fit_hashed)(pieces, texts, train)
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


def _terms(text: str) -> Iterator[str]:
    return terms(fold(text))


def _fit_tfidf(pieces: Pieces, texts: list[Sequence[str]], train: PairSet) -> tuple[Any, Any]:
    from scipy.sparse import hstack  # noqa: PLC0415 - keeps `--help` fast
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - the same

    vectorisers = [TfidfVectorizer(**pieces) for _ in texts]
    fitted = hstack([own.fit_transform(column) for own, column in zip(vectorisers, texts, strict=True)]).tocsr()

    def vectorise(block: list[Sequence[str]]) -> Any:  # noqa: ANN401 - scipy has no types
        return hstack([own.transform(column) for own, column in zip(vectorisers, block, strict=True)]).tocsr()

    return vectorise, _fit_linear(fitted, train, C=_REGULARISATION, max_iter=1000)


def _fit_hashed(pieces: Pieces, texts: list[Sequence[str]], train: PairSet) -> tuple[Any, Any]:
    from scipy.sparse import hstack  # noqa: PLC0415 - keeps `--help` fast
    from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415 - the same
    from sklearn.linear_model import SGDClassifier, SGDRegressor  # noqa: PLC0415 - the same

    hashed = HashingVectorizer(n_features=2**_HASH_BITS, dtype=np.float32, **pieces)

    def vectorise(block: list[Sequence[str]]) -> Any:  # noqa: ANN401 - scipy has no types
        return hstack([hashed.transform(column) for column in block]).tocsr()

    generator = np.random.default_rng(0)
    sampled = generator.permutation(len(train))[:SGD_PAIRS]
    matrix, wanted = vectorise([[column[row] for row in sampled] for column in texts]), train.targets[sampled]
    if train.grades is not None:
        ridge = SGDRegressor(alpha=1e-6, average=True, random_state=0)
        for _ in range(SGD_EPOCHS):
            ridge.partial_fit(matrix, wanted)
        return vectorise, ridge.predict
    model = SGDClassifier(loss="log_loss", alpha=1e-6, average=True, random_state=0)
    for _ in range(SGD_EPOCHS):
        model.partial_fit(matrix, wanted, classes=(0, 1))
    return vectorise, model.decision_function


MAJORITY = "majority"
_CATEGORY = "category_only"  # left out where the data has no category
_UNLESS_VALIDATED = "bag_of_words"
# in lower case; each word begins with its letter, so that the search can skip to it, and is a word of its own
_NEGATION = re.compile(
    r"n(?<=\bn)(?:o(?:t|ne|body|thing|r)?|ever|either)\b|w(?<=\bw)ithout\b|c(?<=\bc)annot\b|n['\u2019]t\b"
)

_WORDS: Pieces = MappingProxyType({"analyzer": _terms})
_CHARACTERS: Pieces = MappingProxyType({"analyzer": "char", "ngram_range": (1, _CHARACTERS_IN_A_ROW)})

MODELS: tuple[ShallowModel, ...] = (
    ShallowModel(MAJORITY, fit_majority),
    ShallowModel("text_1_only", fit_texts(_WORDS, _text_1), reads_words=True),
    ShallowModel("text_2_only", fit_texts(_WORDS, _text_2), reads_words=True),
    ShallowModel(_UNLESS_VALIDATED, fit_texts(_WORDS, _text_1, _text_2), reads_words=True),
    ShallowModel("character_ngrams", fit_texts(_CHARACTERS, _text_1, _text_2), reads_words=True),
    ShallowModel("lexical_overlap", fit_overlap),
    ShallowModel("negation_agreement", fit_negation),
    ShallowModel("length", fit_length),
    ShallowModel(_CATEGORY, fit_category),
    ShallowModel("text_frequency", fit_frequency),
)
