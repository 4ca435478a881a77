"""Scores of a data file: what each check asks for and why, and what it observed."""

from __future__ import annotations

from typing import NamedTuple


class CheckText(NamedTuple):
    """The words for one check.

    Attributes:
        limit: What full marks ask for.
        why: Why it matters for training or evaluation.
    """

    limit: str
    why: str


# --- checks ---------------------------------------------------------------------------------------------

COMPLETENESS = CheckText(
    limit="100 % of pairs are complete",
    why="an empty text or field teaches nothing and distorts the slices",
)
LABEL_CONSISTENCY = CheckText(
    limit="0 % contradicted by another row or by the pair type",
    why="two labels for one pair put a ceiling on every metric",
)
DUPLICATES = CheckText(
    limit="at most 1 % repeated",
    why="a repeated pair counts twice in the loss and makes intervals too narrow",
)
FORMAT = CheckText(
    limit="100 % clean",
    why="the tokenizer turns invisible characters and markup into noise",
)
VOCABULARY_RICHNESS = CheckText(
    limit="at least 0.65, as in running English",
    why="a small vocabulary is memorised, and the model meets other words in use",
)
CATEGORY_ENTROPY = CheckText(
    limit="at least 0.9 of the largest entropy",
    why="a category with few pairs is neither learned nor measured",
)
LABEL_BALANCE = CheckText(
    limit="at least 40 % of the rarer label",
    why="a rare label makes accuracy look good and intervals wide",
)
TEXT_COMPLEXITY = CheckText(
    limit="standard deviation at least half of the mean length",
    why="texts of one length say nothing about longer or shorter ones",
)
SPEAKER_LABEL = CheckText(
    limit="Cramer's V at most 0.1",
    why="if the order of speakers predicts the label, the model need not read the texts",
)
CATEGORY_LABEL = CheckText(
    limit="Cramer's V at most 0.1",
    why="if the category predicts the label, the model learns topics, not {relation}",
)
LENGTH_LABEL = CheckText(
    limit="AUC within 0.05 of 0.5",
    why="if length predicts the label, the model can count words instead of reading them",
)
VOCABULARY_LABEL = CheckText(
    limit="AUC at most 0.6",
    why="if single words predict the label, a bag of words does as well as any embedding",
)
FLESCH_READABILITY = CheckText(
    limit="at least 60, plain spoken English",
    why="the base model was trained on everyday sentences",
)
COHERENCE = CheckText(
    limit="AUC at least 0.7",
    why="two texts that share no more words than random ones leave nothing to compare",
)
NATURALNESS = CheckText(
    limit="a chance of at most 0.5 %",
    why="templates begin alike, and natural texts do not",
)
NGRAM_REPETITION = CheckText(
    limit="at most 5 % stock phrases",
    why="a phrase that fills the file is memorised, not understood",
)

# --- why a check cannot be decided ----------------------------------------------------------------------

NO_CHECK = "no check can be decided"
ONE_CATEGORY = "there is one category only"
ONE_LABEL = "there is one label only"
SAME_VALUE = "every pair has the same value"
NO_WORDS = "there are no words"
NO_SHARED_WORD = "no two texts share a word that is not in all texts"


def too_few_to_score(n: int, needed: int) -> str:
    """Fewer pairs than an overall score needs."""
    return f"too few pairs to score: {n}, {needed} needed"


def too_few_words(n: int, needed: int) -> str:
    """Fewer words than MATTR needs."""
    return f"{n} words; {needed} are needed"


def too_few_texts(n: int, needed: int) -> str:
    """Fewer distinct texts with words than the spread of their lengths needs."""
    return f"{n} distinct texts; {needed} with words are needed"


def too_few_phrases(needed: int) -> str:
    """Fewer distinct texts of three words than are needed."""
    return f"{needed} distinct texts of three words are needed"


def too_few_pairs(needed: int) -> str:
    """Fewer pairs than are needed."""
    return f"{needed} pairs are needed"


def too_few_of_a_label(needed: int, of_each: int) -> str:
    """Fewer pairs, or fewer of a label, than an association with the label needs."""
    return f"{needed} pairs with {of_each} of each label are needed"


def one_value(what: str) -> str:
    """A column with one value."""
    return f"one {what} only"


def too_many_values(n_values: int, what: str, n: int) -> str:
    """A column with too many values for N pairs."""
    return f"{n_values} values of {what} are too many for {n} pairs"


def not_english(ascii_words: float, common_words: float) -> str:
    """Texts that a formula for English does not fit.

    Args:
        ascii_words: Share of the words that are ASCII, 0 to 1.
        common_words: Share of the words that are among the most frequent ones of English.
    """
    return f"needs English texts; {ascii_words:.0%} of the words are ASCII, {common_words:.0%} are common English ones"


# --- what was observed; shares are 0 to 1 ---------------------------------------------------------------

SPEAKERS = "order of speakers"
CATEGORY = "category"
NUMBER_OF_WORDS = "number of words"
WORDS = "words, cross-validated"


def complete(share: float) -> str:
    """Pairs without an empty side or field."""
    return f"{share:.1%} of pairs are complete"


def contradicted(share: float, n: int) -> str:
    """Pairs whose label another row or the pair type contradicts."""
    return f"{share:.2%} of pairs are contradicted ({n})"


def repeated(share: float, n: int) -> str:
    """Pairs that repeat an earlier one."""
    return f"{share:.1%} of pairs repeat an earlier one ({n})"


def clean(share: float, n_others: int) -> str:
    """Pairs without damaged texts, and how many others there are."""
    return f"{share:.1%} of pairs are clean ({n_others} are not)"


def richness(ratio: float, window: int) -> str:
    """Moving-average type-token ratio with its window in words."""
    return f"{ratio:.3f} distinct words per word (MATTR, {window})"


def evenness(entropy: float, n_categories: int) -> str:
    """Entropy of the categories over the largest possible one."""
    return f"{entropy:.2f} of the largest entropy over {n_categories} categories"


def rarer_label(share: float) -> str:
    """Pairs of the rarer label."""
    return f"{share:.1%} have the rarer label"


def lengths(mean: float, spread: float) -> str:
    """Mean and standard deviation of the texts' lengths in words."""
    return f"{mean:.1f} words a text, standard deviation {spread:.1f}"


def association(strength: float, n_values: int) -> str:
    """Cramer's V of a column with the label."""
    return f"Cramer's V {strength:.3f} over {n_values} values"


def auc_of(auc: float, what: str) -> str:
    """AUC of a number of each pair for its label."""
    return f"AUC {auc:.3f} of the {what}"


def reading_ease(ease: float) -> str:
    """Flesch reading ease."""
    return f"Flesch reading ease {ease:.0f}"


def word_overlap(auc: float) -> str:
    """AUC that tells true pairs from shuffled ones by their common words."""
    return f"AUC {auc:.3f} of word overlap, true against shuffled pairs"


def same_opening(chance: float) -> str:
    """Chance that two texts begin with the same three words."""
    return f"two texts begin with the same three words with a chance of {chance:.2%}"


def stock_phrases(share: float) -> str:
    """3-grams that many texts have."""
    return f"{share:.1%} of the 3-grams are stock phrases"
