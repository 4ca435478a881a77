"""What a model card says that its numbers do not tell."""

from __future__ import annotations

NO_CHALLENGE = "There was no challenge set: what the model does on pairs of another kind is not known."
LIMITS = (
    "The scores hold for pairs from the same source as the test pairs.",
    "Each interval covers the choice of the pairs, not that of the seed.",
    "One training with one seed was judged. Another seed gives another model; how far its scores lie is not known.",
    "Whether the model got worse at anything else than these pairs was not measured.",
)
