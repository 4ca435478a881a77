from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import contingency
from sklearn.metrics import roc_auc_score

from src.data.label_conflicts import contradicted, misnamed
from src.data.text_table import text_table
from src.data_evaluator import (
    CHECKS,
    Check,
    CheckOutcome,
    Subject,
    SyntheticDataEvaluator,
    cramers_v,
    interpolate,
    naive_bayes_scores,
)
from src.wording.quality import CheckText

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.models import CheckResult, PairSet
    from tests.conftest import PairSetFactory

BY_NAME = {check.name: check for check in CHECKS}
TOPICS = ("tea", "chess", "hiking", "opera", "baking", "rowing", "poetry", "skiing", "gardening", "sailing")
NEVER_MISSING = ("completeness", "label_consistency", "duplicates", "format", "label_balance")


def _result(pairs: PairSet, name: str) -> CheckResult:
    quality = SyntheticDataEvaluator([BY_NAME[name]]).evaluate(pairs)
    return quality.dimensions[0].checks[0]


def _score(pairs: PairSet, name: str) -> float:
    score = _result(pairs, name).score
    assert score is not None
    return score


class TestTheTable:
    def test_four_dimensions_hold_four_checks_each(self) -> None:
        assert Counter(check.dimension for check in CHECKS) == {
            "data_quality": 4,
            "diversity": 4,
            "bias": 4,
            "linguistic_quality": 4,
        }

    def test_no_two_checks_share_a_name(self) -> None:
        assert len(BY_NAME) == len(CHECKS)

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
    def test_a_scale_ascends_reaches_100_and_stays_within_0_and_100(self, check: Check) -> None:
        values, scores = zip(*check.points, strict=True)

        assert list(values) == sorted(set(values))
        assert max(scores) == 100
        assert min(scores) >= 0

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
    @pytest.mark.parametrize("n", [1, 2, 300])
    def test_a_score_is_within_0_and_100_or_has_a_reason(
        self, check: Check, n: int, random_pairs: PairSetFactory
    ) -> None:
        result = _result(random_pairs(n), check.name)

        assert (result.score is None) == result.reason.startswith("not applicable: ")
        assert result.score is None or 0 <= result.score <= 100
        assert result.why
        assert result.limit

    @pytest.mark.parametrize("name", [name for name in BY_NAME if name not in NEVER_MISSING])
    def test_one_pair_decides_nothing_that_needs_many(self, name: str, pair_set: PairSetFactory) -> None:
        assert _result(pair_set(["boy: ☕"], ["girl: ☕"]), name).score is None

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
    def test_the_order_of_the_rows_does_not_matter(
        self, check: Check, pair_set: PairSetFactory, random_pairs: PairSetFactory
    ) -> None:
        pairs = random_pairs(80)
        order = np.random.default_rng(1).permutation(80)
        shuffled = pair_set(
            [pairs.text_1[i] for i in order], [pairs.text_2[i] for i in order], labels=pairs.labels[order].tolist()
        )
        one, other = _result(pairs, check.name), _result(shuffled, check.name)

        # the partners of the coherence check are drawn at random
        assert one.score == pytest.approx(other.score, abs=12 if check.name == "coherence" else 1e-9)


class TestTheLoop:
    @staticmethod
    def _check(name: str, dimension: str, value: float | None) -> Check:
        return Check(
            name=name,
            dimension=dimension,
            text=CheckText(limit="1", why="test"),
            points=((0, 0), (1, 100)),
            measure=lambda subject: CheckOutcome(value, "seen", len(subject.pairs)),
        )

    def test_what_is_not_decidable_leaves_the_means_alone(self, random_pairs: PairSetFactory) -> None:
        checks = [
            self._check("a", "x", 0.2),
            self._check("b", "x", None),
            self._check("c", "y", 0.8),
            self._check("d", "z", None),
        ]
        quality = SyntheticDataEvaluator(checks).evaluate(random_pairs(100))

        assert [dimension.score for dimension in quality.dimensions] == [20, 80, None]
        assert quality.overall == pytest.approx(50)

    def test_without_any_decidable_check_there_is_no_overall(self, random_pairs: PairSetFactory) -> None:
        quality = SyntheticDataEvaluator([self._check("a", "x", None)]).evaluate(random_pairs(100))

        assert (quality.overall, quality.reason) == (None, "no check can be decided")

    @pytest.mark.parametrize(("n", "scored"), [(6, False), (99, False), (100, True)])
    def test_a_file_of_fewer_than_100_pairs_has_no_overall_score(
        self, n: int, scored: bool, random_pairs: PairSetFactory
    ) -> None:
        quality = SyntheticDataEvaluator([self._check("a", "x", 0.8)]).evaluate(random_pairs(n))

        assert quality.dimensions[0].score == 80
        assert quality.overall == (80 if scored else None)
        assert quality.reason == ("" if scored else f"too few pairs to score: {n}, 100 needed")

    def test_the_dimensions_weigh_the_same_whatever_they_hold(self, random_pairs: PairSetFactory) -> None:
        quality = SyntheticDataEvaluator().evaluate(random_pairs(300))
        scores = [dimension.score for dimension in quality.dimensions]

        assert quality.overall == pytest.approx(np.mean(scores))

    def test_the_file_is_named_with_its_counts(self, random_pairs: PairSetFactory) -> None:
        pairs = random_pairs(50)
        file = SyntheticDataEvaluator().evaluate(pairs).file

        assert (file.name, file.n, file.n_compatible) == ("pairs.jsonl", 50, int(pairs.labels.sum()))

    def test_no_pairs_are_refused(self, pair_set: PairSetFactory) -> None:
        with pytest.raises(ValueError, match="no pairs"):
            SyntheticDataEvaluator().evaluate(pair_set([], []))

    def test_importing_it_loads_neither_torch_nor_scikit_learn(self) -> None:
        code = "import sys, src.data_evaluator; print({'torch', 'sklearn', 'scipy'} & set(sys.modules))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

        assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("value", "expected"), [(-5, 10), (0, 10), (1, 20), (2, 30), (3, 15), (4, 0), (99, 0)], ids=str
)
def test_a_scale_is_linear_between_its_points_and_flat_beyond_them(value: float, expected: float) -> None:
    assert interpolate(value, ((0, 10), (2, 30), (4, 0))) == pytest.approx(expected)


class TestDataQuality:
    def test_a_side_without_words_and_a_placeholder_are_incomplete(self, pair_set: PairSetFactory) -> None:
        texts = [f"boy: text {i}" for i in range(10)]
        pairs = pair_set(["boy: !!!", *texts[1:]], texts, category=["values"] * 9 + ["N/A"])

        assert _result(pairs, "completeness").observed == "80.0% of pairs are complete"
        assert _score(pairs, "completeness") == 0

    def test_a_pair_with_two_labels_contradicts_both_rows_in_either_order(self, pair_set: PairSetFactory) -> None:
        pairs = pair_set(
            ["boy: tea", "boy: milk", "boy: beer"], ["girl: milk", "girl: Tea.", "girl: wine"], labels=[1, 0, 1]
        )

        assert contradicted(text_table(pairs).pair_keys, pairs.labels).tolist() == [True, True, False]

    def test_a_pair_type_that_names_the_other_label_is_found(self, pair_set: PairSetFactory) -> None:
        types = ["compatible", "complex_incompatible", "llm_judged_compatible", "dealbreaker", "not_compatible"]
        pairs = pair_set(["boy: a"] * 5, ["girl: b"] * 5, labels=[0, 1, 1, 1, 1], pair_type=types)

        assert misnamed(pairs).tolist() == [True, True, False, False, False]

    def test_repeats_count_in_any_order_and_case(self, pair_set: PairSetFactory) -> None:
        pairs = pair_set(["boy: tea", "boy: milk", "boy: TEA"], ["girl: milk", "girl: tea", "girl: milk."])

        assert _result(pairs, "duplicates").observed == "66.7% of pairs repeat an earlier one (2)"

    @pytest.mark.parametrize(
        "text",
        [
            "boy: I like\u200b tea",
            "boy: I like \ufffd",
            "boy: I donâ€™t",
            "boy: <b>tea</b>",
            "boy: tea &amp; milk",
            "boy: two  spaces",
            "boy: a\ttab",
            "boy: trailing ",
            " boy: leading",
            "boy: a bell\x07",
            "boy: </p>",
            "boy: <a <b and so on>",
            "boy: <<i\n>",
            "boy: tea &#233; milk",
        ],
    )
    def test_damaged_text_is_not_clean(self, text: str, pair_set: PairSetFactory) -> None:
        assert _result(pair_set([text], ["girl: tea"]), "format").observed == "0.0% of pairs are clean (1 are not)"

    @pytest.mark.parametrize(
        "text",
        ["boy: I don't, 5 < 6 & so on", "boy: a> <b <c, &#; &#x", "boy: café – très ☕ 日本", "boy: a: b; c"],  # noqa: RUF001
    )
    def test_unusual_text_is_clean(self, text: str, pair_set: PairSetFactory) -> None:
        assert _score(pair_set([text], ["girl: tea"]), "format") == 100


class TestDiversity:
    def test_few_words_over_and_over_score_nothing(self, pair_set: PairSetFactory) -> None:
        texts = ["boy: " + "i like tea a lot too " * i for i in range(1, 21)]

        assert _score(pair_set(texts, texts), "vocabulary_richness") == 0

    def test_even_categories_have_full_entropy_and_one_category_none(self, random_pairs: PairSetFactory) -> None:
        assert _score(random_pairs(40, category=[f"c{i % 8}" for i in range(40)]), "category_entropy") == 100
        assert _result(random_pairs(40), "category_entropy").reason == "not applicable: there is one category only"

    @pytest.mark.parametrize(("ones", "expected"), [(50, 100), (40, 100), (20, 50), (0, 0), (100, 0)])
    def test_label_balance_looks_at_the_rarer_label(self, ones: int, expected: float, pair_set: PairSetFactory) -> None:
        pairs = pair_set(["boy: a"] * 100, ["girl: b"] * 100, labels=[1] * ones + [0] * (100 - ones))

        assert _score(pairs, "label_balance") == pytest.approx(expected)

    def test_texts_of_one_length_have_no_complexity(self, pair_set: PairSetFactory) -> None:
        pairs = pair_set([f"boy: one two n{i}" for i in range(20)], [f"girl: one two m{i}" for i in range(20)])

        assert _score(pairs, "text_complexity") == 0


class TestBias:
    def test_cramers_v_without_correction_would_agree_with_scipy(self) -> None:
        """On large samples the correction of Bergsma vanishes."""
        counts = np.array([[30_000, 10_000], [20_000, 40_000], [25_000, 25_000]])

        assert cramers_v(counts) == pytest.approx(contingency.association(counts, method="cramer"), abs=1e-4)

    def test_cramers_v_of_independent_columns_is_about_0(self) -> None:
        rng = np.random.default_rng(0)
        found = [cramers_v(rng.multinomial(200, [0.05] * 20).reshape(10, 2) + 1) for _ in range(50)]

        assert np.mean(found) < 0.06

    @pytest.mark.parametrize("counts", [[[5, 5]], [[5], [5]]])
    def test_cramers_v_of_a_constant_is_not_defined(self, counts: list[list[int]]) -> None:
        assert cramers_v(np.array(counts)) is None

    @pytest.mark.parametrize("name", ["speaker_label", "category_label", "length_label", "vocabulary_label"])
    def test_one_label_decides_no_bias(self, name: str, random_pairs: PairSetFactory) -> None:
        pairs = random_pairs(60, category=[f"c{i % 3}" for i in range(60)])
        pairs.labels[:] = 1

        assert _result(pairs, name).score is None

    @pytest.mark.parametrize("name", ["category_label", "length_label", "vocabulary_label"])
    def test_labels_at_random_show_no_bias(self, name: str, random_pairs: PairSetFactory) -> None:
        assert _score(random_pairs(2000, category=[f"c{i % 3}" for i in range(2000)]), name) > 95

    def test_one_order_of_speakers_is_not_applicable_and_not_100(self, random_pairs: PairSetFactory) -> None:
        assert "one order of speakers only" in _result(random_pairs(60), "speaker_label").reason

    def test_a_label_that_follows_the_speaker_the_category_or_the_length_is_found(
        self, pair_set: PairSetFactory
    ) -> None:
        labels = [i % 2 for i in range(60)]
        pairs = pair_set(
            [f"{'boy' if y else 'girl'}: topic {i}" + " and more" * y for i, y in enumerate(labels)],
            [f"girl: answer {i}" for i in range(60)],
            labels=labels,
            category=["work" if y else "play" for y in labels],
        )

        assert [_score(pairs, name) for name in ("speaker_label", "category_label", "length_label")] == [0, 0, 0]

    def test_a_word_that_tells_the_label_is_found(self, random_pairs: PairSetFactory) -> None:
        pairs = random_pairs(1000)
        pairs.text_2[:] = [text + " never" * int(y == 0) for text, y in zip(pairs.text_2, pairs.labels, strict=True)]

        assert _score(pairs, "vocabulary_label") < 10

    def test_words_that_are_balanced_over_the_labels_are_no_bias(self, pair_set: PairSetFactory) -> None:
        """Held-out pairs have what is left of each word's other label, so that the AUC falls far below 0.5."""
        labels = [i % 2 for i in range(200)]
        pairs = pair_set(
            [f"boy: word{i // 2} here" for i in range(200)], [f"girl: reply{i}" for i in range(200)], labels
        )
        for i, text in enumerate(pairs.text_1):
            pairs.text_1[i] = f"{text} own{i}"
        result = _result(pairs, "vocabulary_label")

        assert float(result.observed.split()[1]) < 0.2
        assert result.score == 100

    def test_a_text_that_is_used_again_does_not_help_its_own_held_out_score(self, pair_set: PairSetFactory) -> None:
        """Each text has one label and no word in common with another: only its own rows could tell."""
        rng = np.random.default_rng(0)
        labels = np.repeat(rng.integers(0, 2, 40), 4)
        texts = [f"boy: alpha{i // 4} beta{i // 4}" for i in range(160)]
        pairs = pair_set(texts, [f"girl: gamma{i}" for i in range(160)], labels.tolist())

        assert 0.3 < roc_auc_score(labels, naive_bayes_scores(text_table(pairs), pairs.labels)) < 0.7

    def test_a_repeated_pair_does_not_help_its_own_held_out_score(self, random_pairs: PairSetFactory) -> None:
        pairs = random_pairs(200)
        for column in (pairs.text_1, pairs.text_2):
            column[100:] = column[:100]
        pairs.labels[100:] = pairs.labels[:100]
        scores = naive_bayes_scores(text_table(pairs), pairs.labels)

        assert roc_auc_score(pairs.labels, scores) < 0.7


class TestLinguisticQuality:
    def test_plain_english_reads_easily_and_officialese_does_not(self, pair_set: PairSetFactory) -> None:
        plain = pair_set(["boy: I like to walk my dog in the park."] * 2, ["girl: We could walk there on Sunday."] * 2)
        stiff = pair_set(
            ["boy: The organisational responsibilities necessitate considerable administrative prioritisation."] * 2,
            ["girl: Interdisciplinary collaboration facilitates institutional transformation."] * 2,
        )

        assert _score(plain, "flesch_readability") == 100
        assert _score(stiff, "flesch_readability") == 0

    def test_readability_is_not_applicable_to_another_script(self, pair_set: PairSetFactory) -> None:
        pairs = pair_set(["boy: я люблю чай"], ["girl: и я"])

        assert "needs English texts" in _result(pairs, "flesch_readability").reason

    @pytest.mark.parametrize(
        "text",
        [
            "Ich gehe gern am Abend spazieren und lese dann ein Buch",
            "Me gusta caminar por la tarde y leer un libro con calma",
            "Mi piace camminare la sera e leggere un libro in casa",
            "Ik wandel graag in de avond en lees dan een boek",
            "Je marche le soir et je lis un livre au calme",
        ],
    )
    def test_readability_is_not_applicable_to_another_language_in_the_same_letters(
        self, text: str, pair_set: PairSetFactory
    ) -> None:
        result = _result(pair_set([f"boy: {text}"], [f"girl: {text}"]), "flesch_readability")

        assert result.score is None
        assert "100% of the words are ASCII, 0% are common English ones" in result.reason

    def test_partners_on_one_topic_cohere_and_strangers_do_not(
        self, pair_set: PairSetFactory, random_pairs: PairSetFactory
    ) -> None:
        topics = [TOPICS[i % 10] for i in range(200)]
        pairs = pair_set(
            [f"boy: i do {topic} on day {i}" for i, topic in enumerate(topics)],
            [f"girl: {topic} is for evening {i}" for i, topic in enumerate(topics)],
        )

        assert _score(pairs, "coherence") == 100
        assert _score(random_pairs(1000), "coherence") < 20

    def test_texts_that_open_alike_are_not_natural(
        self, pair_set: PairSetFactory, random_pairs: PairSetFactory
    ) -> None:
        templates = pair_set(
            [f"boy: I really like topic{i}" for i in range(60)], [f"girl: I really love topic{i}" for i in range(60)]
        )

        assert _score(templates, "naturalness") == 0
        assert _score(random_pairs(60), "naturalness") == 100

    def test_stock_phrases_are_repetition_at_any_size_of_file(
        self, pair_set: PairSetFactory, random_pairs: PairSetFactory
    ) -> None:
        def repeated(n: int) -> float:
            return _score(
                pair_set(
                    [f"boy: {i} and that is what I want" for i in range(n)],
                    [f"girl: {i} and that is fine" for i in range(n)],
                ),
                "ngram_repetition",
            )

        assert repeated(50) == repeated(500) == 0
        assert _score(random_pairs(300), "ngram_repetition") == 100


@pytest.mark.parametrize("measure", [check.measure for check in CHECKS], ids=[check.name for check in CHECKS])
def test_a_file_of_texts_without_words_breaks_no_check(
    measure: Callable[[Subject], CheckOutcome], pair_set: PairSetFactory
) -> None:
    pairs = pair_set(["boy: ☕"] * 30, ["girl: ★"] * 30)

    assert measure(Subject(pairs, text_table(pairs))).n in (0, 2, 30)
