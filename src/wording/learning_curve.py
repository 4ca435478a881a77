"""What a learning curve says, and why something cannot be told from it."""

from __future__ import annotations

MODEL = (
    "Model: a - b n^-c on the scale of the intervals, c from 0 (a line in log n) to 1; each c that the points do not "
    "reject counts. 95 % intervals over seeds, train pairs of the same source and measured pairs."
)
EVER_FASTER = (
    "each doubling brought more than the one before, so that nothing is known of where the curve flattens; "
    "train on more pairs"
)
FLAT = "more pairs were not shown to help: the interval of the slope holds 0"
FALLING = "more pairs made it worse on these pairs"
AT_THE_END = "a point is at the end of the range of the metric"
CHOSEN_ON_TEST = (
    "The checkpoint of each training was chosen on the test pairs, so the numbers on test are optimistic; those on the "
    "challenge set are not."
)
ONE_SEED = "With one seed the interval of a point is about its trained file alone; --seeds 42,43,44 trains more."
SAME_RECIPE = "Each training has the same epochs, so that fewer pairs are also fewer steps."


def too_few_points(sizes: int, trainings: int) -> str:
    """Fewer points than a line and its uncertainty need."""
    return (
        f"{sizes} different numbers of pairs and {trainings} trainings are too few for a line and its uncertainty; "
        "3 numbers and 4 trainings are needed"
    )


def beyond(most: int, times: int) -> str:
    """A target further away than the curve can speak of."""
    return f"not within {most:,} pairs, {times} times those that there are; beyond that the curve says nothing"
