from __future__ import annotations

import numpy as np

from src.metrics import threshold_metrics
from src.report.pair_list import pair_section
from src.tables.shown_pairs import ShownPairs, shown_pairs
from tests.support.factories import make_comparison, make_cosines, make_evaluation, make_pairs


def test_the_trained_model_with_the_best_auc_is_looked_at_first() -> None:
    evaluations = [model.evaluation for model in make_comparison().models]
    section = pair_section(evaluations, shown_pairs(evaluations, make_pairs()), redact=False)
    best = max(evaluations[1:], key=lambda one: one.auc_roc)

    assert section.pairs.chosen == best.model
    assert [choice.name for choice in section.pairs.models] == ["standard", "lora", "lora-tuned"]
    assert [choice.value for choice in section.pairs.outcomes] == [
        "all", "wrong", "fixed", "broken", "still-wrong", "still-right", "moved-right", "moved-wrong",
    ]  # fmt: skip


def test_where_a_threshold_accepts_every_pair_the_list_tells_movement_in_place_of_fixed_and_broken() -> None:
    pairs = make_pairs()
    everything = threshold_metrics(make_cosines(pairs), pairs.labels, -1.0)
    evaluations = [make_evaluation(operating_point=everything), make_evaluation("lora")]
    listed = pair_section(evaluations, shown_pairs(evaluations, pairs), redact=False).pairs

    assert [choice.value for choice in listed.outcomes] == ["all", "wrong", "moved-right", "moved-wrong"]
    assert "calls every pair the same" in listed.note
    assert "up is right for compatible pairs" in listed.note


def test_the_baseline_alone_is_right_or_wrong_and_has_no_change() -> None:
    evaluation = make_evaluation()
    listed = pair_section([evaluation], shown_pairs([evaluation], make_pairs()), redact=False).pairs

    assert listed.models == ()
    assert [choice.value for choice in listed.outcomes] == ["all", "wrong", "right"]
    assert [choice.value for choice in listed.sorts] == ["high", "low", "row"]


def test_it_can_be_filtered_by_every_name_that_is_drawn() -> None:
    pairs = make_pairs()
    listed = pair_section([make_evaluation()], shown_pairs([make_evaluation()], pairs), redact=False).pairs

    assert set(listed.categories) == set(pairs.category)
    assert set(listed.pair_types) == set(pairs.pair_type)


def test_a_sample_cut_texts_and_left_out_texts_are_stated() -> None:
    pairs = make_pairs(20, text_1=["boy: " + "long " * 100] * 20)
    some = ShownPairs(pairs, np.arange(5), ())
    shown = pair_section([make_evaluation()], some, redact=False).pairs.note
    redacted = pair_section([make_evaluation()], some, redact=True).pairs.note
    plain = pair_section([make_evaluation()], shown_pairs([make_evaluation()], make_pairs()), redact=False).pairs.note

    assert "These are 5 of the 20 eval pairs, a sample" in shown
    assert "Texts are cut at 300 characters." in shown
    assert "The texts were left out; a row is named by its number in eval_pairs.jsonl." in redacted
    assert "cut" not in plain
    assert "sample" not in plain
    assert plain == "A pair is right or wrong at each model's own threshold, or at the one that is set."
