"""Stable codes of all findings, those of the audit and those of the verdict.

Programs match a finding by its code, never by its words. A code keeps its meaning: a new finding gets a new code, and
the code of a finding that is gone is not used again.
"""

from __future__ import annotations

from enum import StrEnum


class FindingCode(StrEnum):
    """Every kind of finding; the letters name its family."""

    # overlap between two files
    COPIED_PAIRS = "LEAK-001"
    RELABELLED_PAIRS = "LEAK-002"
    SHARED_TEXTS = "LEAK-003"
    SHARED_COMPONENTS = "LEAK-004"
    NEAR_COPIES = "LEAK-005"
    CLOSE_COPIES = "LEAK-006"
    # repeats within a file
    REPEATED_PAIRS = "DUP-001"
    SWAPPED_PAIRS = "DUP-002"
    NORMALISED_REPEATS = "DUP-003"
    NEAR_DUPLICATES = "DUP-004"
    # labels within a file
    CONTRADICTED_LABELS = "LABEL-001"
    MISNAMED_LABELS = "LABEL-002"
    RANDOM_LABELS = "LABEL-003"
    # shortcuts: labels that a shallow baseline, or a word, predicts
    LABELS_PREDICTED = "SHORT-001"
    LABEL_CORRELATED_WORDS = "SHORT-002"
    TEXT_1_ONLY = "SHORT-003"
    TEXT_2_ONLY = "SHORT-004"
    BAG_OF_WORDS = "SHORT-005"
    LEXICAL_OVERLAP = "SHORT-006"
    NEGATION_AGREEMENT = "SHORT-007"
    LENGTH = "SHORT-008"
    CATEGORY_ONLY = "SHORT-009"
    TEXT_FREQUENCY = "SHORT-010"
    CHARACTER_NGRAMS = "SHORT-011"
    # texts, order of the rows and slices of a file
    IDENTICAL_SIDES = "TEXT-001"
    LONG_TEXTS = "TEXT-002"
    UNKNOWN_TOKENS = "TEXT-003"
    LABEL_ORDER = "ORDER-001"
    SMALL_SLICES = "SLICE-001"
    # the validation file
    FEW_VALIDATION_PAIRS = "VALID-001"
    # slices that the user named
    SLICE_LOST = "SLICE-002"
    SLICE_LOSS_POSSIBLE = "SLICE-003"
    # pairs of another kind: guards that the user named, and the one that ships
    GUARD_LOST = "GUARD-001"
    GUARD_LOSS_POSSIBLE = "GUARD-002"
    ENGLISH_LOST = "GUARD-003"
    ENGLISH_LOSS_POSSIBLE = "GUARD-004"
    # what one model's numbers say against themselves
    DIFFERENT_DATA = "MODEL-001"
    WEIGHTS_UNCHANGED = "MODEL-002"
    AUC_UNDEFINED = "MODEL-003"
    LABELS_INVERTED = "MODEL-004"
    SPACE_COLLAPSED = "MODEL-005"
    DIRECTIONS_LOST = "MODEL-006"
    NOT_FINITE = "MODEL-007"
    # what the training brought
    WORSE_THAN_BASE = "GAIN-001"
    SHALLOW_BASELINE_NOT_BEATEN = "GAIN-002"
    SHALLOW_BASELINE_NOT_COMPARABLE = "GAIN-003"
    NO_SHALLOW_BASELINE = "GAIN-004"
    GAIN_TOO_SMALL = "GAIN-005"
    GAIN_NOT_SHOWN = "GAIN-006"
    NEW_TEXTS_NOT_MEASURED = "GAIN-007"
    # the challenge set
    CHALLENGE_NOT_ABOVE_CHANCE = "CHAL-001"
    CHALLENGE_BELOW_CHANCE = "CHAL-002"
    CHALLENGE_LOST = "CHAL-003"
    CHALLENGE_LOSS_POSSIBLE = "CHAL-004"
    NO_CHALLENGE = "CHAL-005"
