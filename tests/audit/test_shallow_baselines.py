from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from src.audit import shallow_baselines as module
from src.audit.shallow_baselines import (
    MODELS,
    ScoredBaseline,
    best_baseline,
    fit_category,
    fit_frequency,
    shallow_baselines,
)
from src.audit.text_pieces import Pieces, hashed, read_terms
from src.core.paths import SHALLOW_BASELINES
from src.evaluation.estimates import auc_estimate
from src.evaluation.variance import Sample
from src.metrics import auc_roc
from src.models import ShallowBaseline
from tests.support.scripts import SCRIPTS, given_away

if TYPE_CHECKING:
    from collections.abc import Sequence

    from src.models import PairSet
    from tests.conftest import PairSetFactory

NAMES = [model.name for model in MODELS]


def _by_name(train: PairSet, eval_: PairSet, challenge: PairSet | None = None) -> dict[str, ShallowBaseline]:
    return {baseline.result.name: baseline.result for baseline in shallow_baselines(train, eval_, challenge)}


@pytest.fixture
def train(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(300, seed=1)


@pytest.fixture
def held_out(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(200, seed=2)


@pytest.fixture(params=["tf-idf", "hashed"])
def word_model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to fit words, whatever the size of train."""
    if request.param == "hashed":
        monkeypatch.setattr(module, "TFIDF_LIMIT", 10)
        monkeypatch.setattr(module, "SGD_PAIRS", 250)
        monkeypatch.setattr(module, "_BLOCK", 64)
    return str(request.param)


def test_every_baseline_of_the_design_is_there_and_no_model_can_be_called_like_one() -> None:
    assert tuple(NAMES) == SHALLOW_BASELINES


def test_random_labels_leave_every_baseline_at_chance(train: PairSet, held_out: PairSet, word_model: str) -> None:
    with_intervals = [one for one in _by_name(train, held_out).values() if one.auc_low is not None]
    missed = [one for one in with_intervals if not (one.auc_low or 0) < 0.5 < (one.auc_high or 0)]

    # one in twenty 95 % intervals misses chance, and a sample of train is another draw
    assert len(missed) <= (word_model == "hashed"), missed


def test_the_majority_has_an_auc_of_one_half_by_definition(train: PairSet, held_out: PairSet) -> None:
    majority = _by_name(train, held_out, held_out)["majority"]

    assert (majority.auc_roc, majority.auc_low, majority.challenge_auc_roc) == (0.5, None, 0.5)
    assert majority.reason == "0.5 by definition"


@pytest.mark.parametrize(("side", "blind"), [("text_1", "text_2"), ("text_2", "text_1")])
def test_a_word_on_one_side_is_found_by_that_side_and_by_both(
    side: str, blind: str, train: PairSet, held_out: PairSet, word_model: str
) -> None:
    for pairs in (train, held_out):
        column = getattr(pairs, side)
        column[:] = [text + " never" * int(y == 0) for text, y in zip(column, pairs.labels, strict=True)]
    found = _by_name(train, held_out)

    assert (found[f"{side}_only"].auc_roc or 0) > 0.95
    assert (found["bag_of_words"].auc_roc or 0) > 0.9
    assert (found[f"{blind}_only"].auc_roc or 0) < 0.65
    assert ("SGD" in found["bag_of_words"].reason) == (word_model == "hashed")


@pytest.mark.parametrize("label", [0, 1])
def test_overlap_is_found_whichever_label_has_more_of_it(label: int, train: PairSet, held_out: PairSet) -> None:
    for pairs in (train, held_out):
        for i in np.flatnonzero(pairs.labels == label):
            pairs.text_2[i] = pairs.text_1[i].replace("boy:", "girl: yes")
    found = _by_name(train, held_out)["lexical_overlap"]

    assert found.auc_roc == pytest.approx(1.0)


def test_length_is_found(train: PairSet, held_out: PairSet) -> None:
    for pairs in (train, held_out):
        pairs.text_1[:] = [
            text + " and so on and on" * 4 * int(y) for text, y in zip(pairs.text_1, pairs.labels, strict=True)
        ]

    assert (_by_name(train, held_out)["length"].auc_roc or 0) > 0.95


def test_a_category_scores_its_share_of_compatible_pairs_in_train(pair_set: PairSetFactory) -> None:
    train = pair_set(["boy: x1"] * 5, ["girl: x2"] * 5, [1, 1, 0, 0, 0], category=["a", "a", "a", "b", "b"])
    other = pair_set(["boy: x1"] * 3, ["girl: x2"] * 3, category=["a", "b", "unseen"])

    assert fit_category(train)(other).tolist() == pytest.approx([2.4 / 4, 0.4 / 3, 0.4])


def test_frequent_texts_of_one_label_are_found_and_a_pair_does_not_count_itself(
    train: PairSet, held_out: PairSet
) -> None:
    for i in np.flatnonzero(train.labels):
        train.text_1[i] = f"boy: phrase{i % 9}"
    held_out.text_1[:] = [
        f"boy: phrase{i % 9}" if y else text
        for i, (text, y) in enumerate(zip(held_out.text_1, held_out.labels, strict=True))
    ]

    assert (_by_name(train, held_out)["text_frequency"].auc_roc or 0) > 0.95
    assert np.unique(fit_frequency(train)(train)[train.labels == 0]).size == 1


def test_a_feature_that_is_constant_on_eval_has_no_auc(train: PairSet, held_out: PairSet) -> None:
    found = _by_name(train, held_out, held_out)["category_only"]

    assert (found.auc_roc, found.auc_low, found.challenge_auc_roc) == (None, None, None)
    assert found.reason == "not applicable: every pair has the same score"


def test_one_label_in_train_fits_nothing(train: PairSet, held_out: PairSet) -> None:
    train.labels[:] = 1

    found = shallow_baselines(train, held_out, None)

    assert [b.result.name for b in found] == NAMES
    assert {(b.result.auc_roc, b.result.reason) for b in found} == {(None, "train has one label only")}
    assert all(len(b.scores) == 0 for b in found)


def test_one_label_in_eval_has_no_auc_but_the_challenge_has(train: PairSet, held_out: PairSet) -> None:
    challenge = held_out
    found = [baseline.result for baseline in shallow_baselines(train, _with_one_label(train), challenge)]

    assert {(b.auc_roc, b.reason) for b in found} == {(None, "eval has one label only")}
    assert {b.name for b in found if b.challenge_auc_roc is not None} >= {"majority", "bag_of_words", "length"}


def test_the_reason_for_no_auc_on_the_challenge_is_that_of_the_challenge(train: PairSet, held_out: PairSet) -> None:
    none = {b.result.challenge_reason for b in shallow_baselines(train, held_out, None)}
    one_label = {b.result.challenge_reason for b in shallow_baselines(train, held_out, _with_one_label(held_out))}
    found = _by_name(train, held_out, held_out)

    assert none == {"there is no challenge set"}
    assert one_label == {"the challenge set has one label only"}
    assert found["category_only"].challenge_reason == "not applicable: every pair has the same score"
    assert (found["bag_of_words"].challenge_reason, found["majority"].challenge_reason) == ("", "")


def _with_one_label(pairs: PairSet) -> PairSet:
    return type(pairs)(**vars(pairs) | {"labels": np.zeros(len(pairs), dtype=np.int8)})


def test_scores_are_those_that_the_intervals_are_made_from(train: PairSet, held_out: PairSet) -> None:
    found = shallow_baselines(train, held_out, None)

    assert [baseline.result.name for baseline in found] == NAMES
    assert {baseline.scores.shape for baseline in found if baseline.scores is not None} == {(200,)}
    with_interval = [baseline for baseline in found if baseline.result.auc_low is not None]
    assert len(with_interval) >= 5
    for baseline in with_interval:
        result = baseline.result
        assert baseline.scores is not None
        expected = auc_estimate(baseline.scores, Sample.of(held_out))
        assert (expected.value, expected.low, expected.high) == (result.auc_roc, result.auc_low, result.auc_high)


def test_negation_agreement_finds_labels_that_say_whether_both_sides_negate(pair_set: PairSetFactory) -> None:
    words = [f"thing{i}" for i in range(40)]
    negated = [(i % 2 == 0, i // 2 % 2 == 0) for i in range(40)]
    sides = [
        [f"boy: i {'never' if sides[k] else 'always'} want {word}" for sides, word in zip(negated, words, strict=True)]
        for k in (0, 1)
    ]
    pairs = pair_set(*sides, labels=[int(one == two) for one, two in negated])

    assert _by_name(pairs, pairs)["negation_agreement"].auc_roc == 1.0


NEGATIONS = [
    "not",
    "never",
    "no",
    "none",
    "nobody",
    "nothing",
    "neither",
    "nor",
    "without",
    "cannot",
    "don't",
    "don\u2019t",
    "NOT",
    "Never,",
    "n't",
    "no-one",
]
OTHERS = [
    "know",
    "note",
    "nonsense",
    "another",
    "nevertheless",
    "cannots",
    "within",
    "noon",
    "uncannot",
    "not_",
    "want",
    "ntt",
]


@pytest.mark.parametrize(
    ("word", "negates"), [*((word, True) for word in NEGATIONS), *((word, False) for word in OTHERS)]
)
def test_a_negation_is_a_word_of_its_own_in_any_case(pair_set: PairSetFactory, word: str, negates: bool) -> None:
    labels = [i % 2 for i in range(40)]
    pairs = pair_set(
        [f"boy: {'yes' if label else word} {i}" for i, label in enumerate(labels)], ["girl: tea"] * 40, labels
    )

    scores = next(model for model in MODELS if model.name == "negation_agreement").fit(pairs)(pairs)

    assert (len(set(scores.tolist())) > 1) == negates


# --- a large train --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("most", "is_told"), [(400, False), (399, True)])
def test_a_model_of_numbers_is_fitted_on_a_sample_of_a_larger_train_and_says_so(
    random_pairs: PairSetFactory, held_out: PairSet, monkeypatch: pytest.MonkeyPatch, most: int, *, is_told: bool
) -> None:
    monkeypatch.setattr(module, "SGD_PAIRS", most)

    found = _by_name(random_pairs(400), held_out)["length"]

    assert found.reason == ("fitted on a sample of 399 train pairs" if is_told else "")
    assert [model.name for model in MODELS if model.reads_numbers] == [
        "lexical_overlap",
        "negation_agreement",
        "length",
        "text_frequency",
    ]


def test_a_label_that_is_too_rare_for_the_sample_is_fitted_on_all_pairs(
    train: PairSet, held_out: PairSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    train.labels[:] = 0
    train.labels[int(np.random.default_rng(0).permutation(len(train))[-1])] = 1
    monkeypatch.setattr(module, "SGD_PAIRS", 20)

    assert _by_name(train, held_out)["length"].auc_roc is not None


def test_three_models_of_words_read_each_side_of_a_large_train_once(
    train: PairSet, held_out: PairSet, monkeypatch: pytest.MonkeyPatch, word_model: str
) -> None:
    read: list[tuple[Pieces, int]] = []

    def watched(pieces: Pieces, texts: Sequence[str]) -> object:
        read.append((pieces, len(texts)))
        return hashed(pieces, texts)

    monkeypatch.setattr(module, "hashed", watched)
    monkeypatch.setattr(module, "CROSS_VALIDATED_PAIRS", 0)
    monkeypatch.setattr(module, "_BLOCK", 1_000)
    _by_name(train, held_out)

    sampled = [pieces for pieces, n in read if n == 250]
    assert sampled == ([Pieces.WORDS] * 2 + [Pieces.CHARACTERS] * 2 if word_model == "hashed" else [])


# --- what they see of a text ----------------------------------------------------------------------------


def test_english_words_and_their_pairs_are_those_of_scikit_learn() -> None:
    text = "boy: I don't like late parties, or 5 a.m."
    expected = TfidfVectorizer(ngram_range=(1, 2)).build_analyzer()(text)

    assert list(read_terms(text)) == expected


@pytest.mark.parametrize("sign", ["\U0001f980", "\u6771", "\u0416"], ids=["emoji", "ideograph", "cyrillic letter"])
@pytest.mark.parametrize("name", ["text_2_only", "bag_of_words", "character_ngrams"])
def test_a_sign_of_any_script_that_tells_the_label_is_found(
    train: PairSet, held_out: PairSet, sign: str, name: str
) -> None:
    scripts = [chr(code) for code in range(0x4E00, 0x4E50)]
    for pairs in (train, held_out):
        rng = np.random.default_rng(3)
        pairs.text_2[:] = [
            "girl: " + "".join(rng.choice(scripts, 4)) + sign * int(y) + "".join(rng.choice(scripts, 4))
            for y in pairs.labels
        ]
    model = next(model for model in MODELS if model.name == name)

    assert (auc_roc(model.fit(train)(held_out), held_out.labels) or 0) > 0.85


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_word_that_gives_the_label_away_is_found_in_any_script(pair_set: PairSetFactory, name: str) -> None:
    pairs = given_away(pair_set, SCRIPTS[name])
    fit = next(model for model in MODELS if model.name == "text_2_only").fit
    known, asked = np.arange(0, 900, 3), np.arange(1, 900, 3)

    assert auc_roc(fit(pairs.take(known))(pairs.take(asked)), pairs.labels[asked]) == 1.0


def test_a_question_mark_that_tells_the_label_is_found(train: PairSet, held_out: PairSet) -> None:
    for pairs in (train, held_out):
        pairs.text_1[:] = [text + "?" * int(y) for text, y in zip(pairs.text_1, pairs.labels, strict=True)]
    model = next(model for model in MODELS if model.name == "character_ngrams")

    assert (auc_roc(model.fit(train)(held_out), held_out.labels) or 0) > 0.85


# --- cross-validation -----------------------------------------------------------------------------------


def test_a_text_that_is_used_again_helps_no_cross_validated_auc(pair_set: PairSetFactory) -> None:
    """Each text has one label throughout and no word in common with another: only its own rows could tell."""
    texts = [f"boy: alpha{i // 4} beta{i // 4} gamma{i // 4}" for i in range(160)]
    labels = np.repeat(np.random.default_rng(0).integers(0, 2, 40), 4).tolist()
    pairs = pair_set(texts, [f"girl: delta{i}" for i in range(160)], labels)

    assert 0.3 < (_by_name(pairs, pairs)["text_1_only"].cv_auc_roc or 0) < 0.7


def test_pairs_that_hang_together_cannot_be_cross_validated(pair_set: PairSetFactory) -> None:
    pairs = pair_set(["boy: the same"] * 40, [f"girl: text {i}" for i in range(40)])
    found = _by_name(pairs, pairs)["length"]

    assert found.cv_auc_roc is None
    assert found.cv_reason == "not applicable: too few components of shared texts to hold one out"


def test_a_large_train_is_cross_validated_on_drawn_pairs(train: PairSet, monkeypatch: pytest.MonkeyPatch) -> None:
    train.text_1[:] = [text + " never" * int(y) for text, y in zip(train.text_1, train.labels, strict=True)]
    whole = _by_name(train, train)["text_1_only"].cv_auc_roc
    monkeypatch.setattr(module, "CROSS_VALIDATED_PAIRS", 150)
    drawn = _by_name(train, train)["text_1_only"].cv_auc_roc

    assert whole != drawn
    assert (whole or 0) > 0.9
    assert (drawn or 0) > 0.9


# --- the best of them -----------------------------------------------------------------------------------


def _scored(**aucs: tuple[float | None, float | None]) -> list[ScoredBaseline]:
    return [
        ScoredBaseline(ShallowBaseline(name=name, auc_roc=auc, cv_auc_roc=cv, n=4), np.arange(4.0))
        for name, (auc, cv) in aucs.items()
    ]


@pytest.mark.parametrize(
    ("aucs", "best"),
    [
        ({"length": (0.9, 0.6), "bag_of_words": (0.8, 0.8), "majority": (0.5, 0.5)}, "bag_of_words"),
        ({"length": (0.9, 0.4), "majority": (0.5, 0.5)}, "majority"),
        ({"length": (None, 0.9), "bag_of_words": (0.3, 0.6)}, "bag_of_words"),
        ({"length": (0.9, None), "category_only": (0.3, 0.6)}, "category_only"),
        ({"length": (0.9, None), "bag_of_words": (0.3, None)}, "bag_of_words"),
        ({"length": (0.2, None), "category_only": (0.9, None)}, "length"),
        ({"length": (0.0, 0.0), "bag_of_words": (None, None)}, "length"),
        ({"length": (None, None), "majority": (None, None)}, None),
        ({}, None),
    ],
)
def test_the_best_baseline_is_chosen_on_train_whatever_its_auc_on_eval(
    aucs: dict[str, tuple[float | None, float | None]], best: str | None
) -> None:
    found = best_baseline(_scored(**aucs))

    assert (found and found.result.name) == best


def test_the_best_baseline_brings_the_scores_that_a_model_is_held_against(train: PairSet, held_out: PairSet) -> None:
    for pairs in (train, held_out):
        pairs.text_1[:] = [text + " clearly" * int(y == 0) for text, y in zip(pairs.text_1, pairs.labels, strict=True)]
    found = shallow_baselines(train, held_out, None)
    best = best_baseline(found)

    assert best is not None
    assert best.result.cv_auc_roc == max(baseline.result.cv_auc_roc or 0 for baseline in found)
    assert (best.result.auc_roc or 0) > 0.95
    assert auc_roc(best.scores, held_out.labels) == best.result.auc_roc


def test_where_train_has_one_label_there_is_no_best(train: PairSet, held_out: PairSet) -> None:
    train.labels[:] = 0

    assert best_baseline(shallow_baselines(train, held_out, None)) is None
