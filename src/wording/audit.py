"""Findings of the audit: the words of each check, and what it observed in one file or between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class CheckText(NamedTuple):
    """The words for one check.

    Attributes:
        name: What was looked for. The name of a check of two files ends where the other file is named.
        why: Why it matters.
        action: What to do about it.
    """

    name: str
    why: str
    action: str


# --- checks of one file ---------------------------------------------------------------------------------

REPEATED_PAIRS = CheckText(
    name="repeated pairs",
    why="a repeated pair counts twice in the loss and makes every interval too narrow",
    action="keep one row of each",
)
SWAPPED_PAIRS = CheckText(
    name="swapped pairs",
    why="the cosine does not depend on the order, so the second row adds nothing",
    action="keep one of the two rows",
)
NORMALISED_REPEATS = CheckText(
    name="pairs repeated after normalisation",
    why="the tokenizer drops case and spacing, so to the model these are repeats",
    action="keep one row of each",
)
NEAR_DUPLICATES = CheckText(
    name="near-duplicates",
    why="near-duplicates make N larger than the number of independent pairs",
    action="look at the rows; keep one of each group, or split by group",
)
CONTRADICTED_LABELS = CheckText(
    name="one pair, two labels",
    why="no model can be right on both rows",
    action="decide the label of each and drop the other row",
)
MISNAMED_LABELS = CheckText(
    name="pair type contradicts the label",
    why="where a pair type names the other label, the type or the label is wrong",
    action="correct the rows; if it is most of them, the labels are inverted",
)
IDENTICAL_SIDES = CheckText(
    name="identical sides",
    why="two equal texts have a cosine near 1 whatever the model learned",
    action="drop them, or measure them as a slice of their own",
)
LABEL_CORRELATED_WORDS = CheckText(
    name="label-correlated words",
    why="a model can learn a word that predicts the label instead of the meaning",
    action="add pairs with these words and the other label",
)
LABEL_ORDER = CheckText(
    name="order of the labels",
    why="with sorted labels a split by position, or training without shuffling, sees one label at a time",
    action="shuffle the file once, with a seed",
)
SMALL_SLICES = CheckText(
    name="slices with one label or too few pairs",
    why="such a slice has no margin and no AUC; it is shown as n/a",
    action="add pairs of the missing label, or use the accuracy of these slices only",
)
LONG_TEXTS = CheckText(
    name="texts longer than the model reads",
    why="the model does not read what comes after its limit of tokens",
    action="shorten the texts or split them; where the base model has positions for more, give --max-seq-length",
)
UNKNOWN_TOKENS = CheckText(
    name="texts with unknown tokens",
    why="the vocabulary lacks an emoji, a sign or a script, so the model reads one and the same token for all of them",
    action="choose a --base-model whose vocabulary has them, or say them in words",
)
FEW_VALIDATION_PAIRS = CheckText(
    name="few pairs to choose on",
    why="on few pairs the best checkpoint and the best threshold are found partly by luck",
    action="add pairs, or leave the file out: then train pairs are set aside",
)

RANDOM_LABELS = CheckText(
    name="labels that look random",
    why="what the texts do not predict cannot be learned from them",
    action="look at a few labels; if they are right, add pairs; `baseline` asks the base model's embeddings too",
)

# --- checks of two files --------------------------------------------------------------------------------

COPIED_PAIRS = CheckText(
    name="pairs copied from",
    why="a copied pair measures memorisation, so every metric on it is too good",
    action="drop the copies from this file; until then use the slice without copies",
)
RELABELLED_PAIRS = CheckText(
    name="pairs with the other label in",
    why="one of the two labels is wrong, and the metric rewards or punishes at random",
    action="decide the label and drop one of the rows",
)
SHARED_TEXTS = CheckText(
    name="texts shared with",
    why="a model can recognise a text that it saw with one label instead of comparing it",
    action="split by text, not by pair; until then use the slice that shares no text",
)
SHARED_COMPONENTS = CheckText(
    name="components of the pair graph shared with",
    why="pairs that are linked through shared texts are not independent",
    action="put whole components on one side of the split",
)
NEAR_COPIES = CheckText(
    name="near-duplicates of",
    why="a pair that differs in one word measures memorisation too, and exact comparison misses it",
    action="look at the rows; keep each group on one side of the split",
)

CLOSE_COPIES = CheckText(
    name="pairs of nearly the same meaning as in",
    why="the base model already takes the pair for one that it was trained on, so it measures memorisation too",
    action="look at the rows; keep each group on one side of the split",
)

# --- any finding ----------------------------------------------------------------------------------------


def file_title(role: str, check: str) -> str:
    """Name of a finding in a file."""
    return f"{role}: {check}"


def split_title(role: str, check: str, source: str) -> str:
    """Name of a finding in a file that was compared with another one."""
    return f"{role}: {check} {source}"


def limit(grades: Iterable[tuple[str, float]], unit: str) -> str:
    """The values above which a check has each status.

    Args:
        grades: Each status with its value, ascending.
        unit: `share` or `z`.
    """
    return "; ".join(f"{status} above {_in_unit(value, unit)}" for status, value in grades)


def _in_unit(value: float, unit: str) -> str:
    return f"{100 * value:g} %" if unit == "share" else f"|z| {value:g}"


def share(marked: int, n: int, of_all: float, what: str) -> str:
    """How many pairs of a file are of a kind.

    Args:
        marked: Pairs of the kind.
        n: Pairs of the file.
        of_all: The one divided by the other.
        what: What they do, after "pairs".
    """
    return f"{marked} of {n} pairs ({of_all:.1%}) {what}"


# --- what the pairs of one file do ----------------------------------------------------------------------

ARE_REPEATS = "repeat an earlier row exactly"
ARE_SWAPPED = "are in another row with the texts swapped"
ARE_NORMALISED_REPEATS = "repeat an earlier row but for case, spacing, a full stop at the end, speaker or order"
ARE_PLAIN_REPEATS = "repeat an earlier row but for case, spacing, a full stop at the end, or order"
ARE_NEAR_REPEATS = "have an earlier near-duplicate"
ARE_CONTRADICTED = "are in the file with both labels"


def are_of_two_grades(same_order: int, any_order: int, largest: float) -> str:
    """Graded rows of one pair whose grades lie further apart than raters do.

    Args:
        same_order: Pairs that have two grades, letter by letter and in order.
        any_order: Pairs that have two grades, letter by letter in either order.
        largest: Largest difference of two grades of one pair.
    """
    return (
        f"have a grade a quarter of the scale or more from another row's of the same pair (letter by letter "
        f"{same_order} pairs have two grades in order, {any_order} in either order; largest difference {largest:g})"
    )


def are_graded_otherwise(source: str) -> str:
    """Graded rows that another file has with a grade far from theirs."""
    return f"are in {source} with a grade a quarter of the scale or more from theirs"


ARE_MISNAMED = "whose type names a label have the other label"
NO_TYPE_NAMES_A_LABEL = "no pair type names a label"
ONE_LABEL = "there is one label only"
NOTHING_TO_COMPARE = "no pair is left to compare"


OWN_COLUMNS = ("category", "pair_type")  # of the dating profile


def perhaps_inverted(observed: str) -> str:
    """Most pair types name the other label."""
    return f"{observed}; labels inverted?"


def are_identical(ones: int, positive: str) -> str:
    """Pairs of two equal texts, and how many of them have label 1, whose word is `positive`."""
    return f"have the same text on both sides, {ones} of them labelled {positive}"


NO_TOKENIZER = "the base model has no tokenizer.json to read the texts with"


def are_long(tokens: int) -> str:
    """Pairs with a text that the model does not read to its end."""
    return f"have a text of more than {tokens} tokens"


def have_unknown_tokens(shown: Sequence[tuple[str, int]], total: int) -> str:
    """Pairs with a text that has an unknown token.

    Args:
        shown: Pieces of the texts that the vocabulary lacks, each with the number of texts that have it.
        total: Number of all such pieces.
    """
    named = ", ".join(f"'{piece}' in {n}" for piece, n in shown)
    more = f" and {total - len(shown)} more" if total > len(shown) else ""
    return "have a text with an unknown token" + (f": {named}{more}" if named else "")


def few_pairs(slice_: str, n: int) -> str:
    """A slice of N pairs."""
    return f"{slice_} (n={n})"


def all_of_one_label(slice_: str, label: int) -> str:
    """A slice whose pairs have one label."""
    return f"{slice_} (all {label})"


def small_slices(shown: Sequence[str], total: int, most: int, columns: Sequence[str] = OWN_COLUMNS) -> str:
    """Slices with one label or too few pairs.

    Args:
        shown: All of them, each as `few_pairs` or `all_of_one_label`.
        total: Number of all slices.
        most: How many of them to name.
        columns: Whose values the slices are.
    """
    own = tuple(columns) == OWN_COLUMNS
    of_what = "categories and pair types" if own else f"values of {' and '.join(columns)}"
    named = ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
    return f"{len(shown)} of {total} {of_what}" + (f": {named}" if shown else "")


def missing_pairs(n: int, wanted: int) -> str:
    """How many pairs there are to choose on, of those that are wanted."""
    return f"{n} pairs; {wanted} or more are wanted"


def too_few_for_runs(needed: int) -> str:
    """Fewer pairs of a label than the runs test needs."""
    return f"{needed} pairs of each label are needed"


def runs(found: int, z: float) -> str:
    """Runs of one label in the order of the file, and the z of the runs test."""
    kind = "more" if z > 0 else "fewer"
    return f"{found} runs of one label, {abs(z):.1f} standard deviations {kind} than with shuffled labels"


def near(found: int, n: int, of_all: float, what: str, *, words: int, least: float) -> str:
    """How many of the examined pairs are near-duplicates.

    Args:
        found: At least so many.
        n: Examined pairs.
        of_all: The one divided by the other.
        what: `ARE_NEAR_REPEATS` or `are_near_copies`.
        words: So many words may tell near-duplicates apart.
        least: Jaccard index from which on a pair counts too.
    """
    counted = f"at least {found} of {n} examined pairs ({of_all:.1%})"
    none = f"0 of {n} examined pairs were found to"
    return f"{counted if found else none} {what}: at most {words} words differ, or Jaccard index {least:g} or more"


# --- words ----------------------------------------------------------------------------------------------


def no_frequent_word(needed: int) -> str:
    """No word occurs in as many pairs as the test needs."""
    return f"no word occurs in {needed} distinct pairs"


def words(correlated: int, tested: int, strong: int, held: float, strongest: str) -> str:
    """Words that correlate with the label.

    Args:
        correlated: Words whose share of label 1 is significant.
        tested: All words in enough pairs.
        strong: Strongly correlated ones among these.
        held: Share of pairs with a strong one, 0 to 1.
        strongest: See `strongest`.
    """
    return (
        f"{correlated} of {tested} words correlate with the label, {strong} of them strongly; {held:.1%} of the pairs"
        f" have a strong one; {strongest}"
    )


def word(side: int, quoted: str, of_label_1: float, n: float, z: float) -> str:
    """One word on one side: its share of label 1 in N pairs."""
    return f"text_{side} {quoted!r} {of_label_1:.0%} of {n:.0f} (z {z:+.1f})"


def strongest(shown: Sequence[str]) -> str:
    """The words with the largest z, each as `word`."""
    return "strongest, with its share of label 1: " + ", ".join(shown) if shown else "none is significant"


def without_words(observed: str) -> str:
    """What a check of words or tokens observed, without those that it quotes: they stand behind its first colon."""
    told, colon, _ = observed.partition(": ")
    return f"{told}: left out" if colon else observed


# --- what the pairs of a file do with another file ------------------------------------------------------


def are_copies(source: str, exact: int) -> str:
    """Pairs that the source has too, and how many of them are the same without normalisation."""
    return f"are in {source}, {exact} of them exactly"


def are_relabelled(source: str) -> str:
    """Pairs that the source has with the other label."""
    return f"are in {source} with the other label"


def share_a_text(source: str, both: int, exact: int) -> str:
    """Pairs with a text of the source, how many with both, and how many without normalisation."""
    return f"share a text with {source}, {both} of them both texts, {exact} of them exactly"


def share_a_component(source: str, crossing: int, total: int, largest: float) -> str:
    """Pairs that texts link to pairs of the source.

    Args:
        source: The other file.
        crossing: Components of the pair graph with pairs of both files.
        total: All components.
        largest: Share of all pairs in the largest one, 0 to 1.
    """
    return (
        f"are linked to {source} through shared texts; {crossing} of {total} components have pairs of both, the largest"
        f" has {largest:.0%} of all pairs"
    )


def share_a_group(found: int, source: str) -> str:
    """How many of the pairs are of a group of the source; what `share_a_component` says goes before it."""
    return f"; groups link pairs too, and {found} pairs are of a group of {source}"


def close(found: int, n: int, of_all: float, source: str, least: float) -> str:
    """How many of the examined pairs have nearly the embeddings of a pair of the source.

    Args:
        found: So many.
        n: Examined pairs.
        of_all: The one divided by the other.
        source: The other file.
        least: Cosine from which on two texts count as nearly the same.
    """
    examined = f"{found} of {n} examined pairs ({of_all:.1%})"
    return f"{examined} have a pair in {source} with base-model cosines of {least:g} or more on both sides"


def are_near_copies(source: str) -> str:
    """Pairs with a near-duplicate in the source."""
    return f"have a near-duplicate in {source}"
