from __future__ import annotations

import dataclasses
import html
import io
import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from huggingface_hub import ModelCard
from rich.console import Console
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from src import comparison
from src.audit.close_embeddings import are_close
from src.audit.finding_codes import FindingCode
from src.audit.shallow_baselines import best_baseline, shallow_baselines
from src.baseline_analysis import baseline_stage
from src.comparison import (
    check_rules,
    compare,
    comparison_stage,
    evaluation_stages,
    guard_differences,
    pair_cosines,
    read_evaluations,
)
from src.core.errors import ArtifactError, MissingStageError, UserInputError
from src.core.formatting import number
from src.data.guards import Guard
from src.embedding_stage import embedding_stage
from src.evaluation.estimates import auc_difference, auc_estimate
from src.evaluation.variance import Sample
from src.metrics import cosine_similarities
from src.models import (
    CLEAN,
    DEDUPLICATED,
    GENERAL_ENGLISH,
    TEXT_DISJOINT,
    ComparisonResult,
    Costs,
    DecisionRules,
    DecisionTestKind,
    GradeScale,
    Outcome,
    Split,
    StageState,
)
from src.post_training_eval import evaluation_stage
from src.report.markdown import summary_markdown
from src.report.terminal import show_comparison
from src.report_stage import comparison_report_stage
from src.storage.files import read_json, write_json
from src.training_stage import run_training
from src.verdict.judge import judge, judge_again
from src.wording.decision import outcome_of
from src.workflow.stage import read_record
from tests.support.data_files import records, write_jsonl
from tests.support.finished_run import ARTIFACTS, Listener, recipe, zero_adapter
from tests.support.guard_files import OLD, guard_file, with_guards
from tests.support.judged_run import ADAPTER, JUDGED, PROMPT, SAME, WIDE
from tests.support.refusals import refused
from tests.support.report_pages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.models import Evaluation
    from src.workflow.context import RunContext
    from tests.conftest import PairSetFactory


def remove_training(context: RunContext, *names: str) -> None:
    for name in names:
        shutil.rmtree(context.paths.model(name))
        context.paths.training_info(name).unlink()


def compared(context: RunContext, evaluations: dict[str, Evaluation]) -> ComparisonResult:
    """The comparison in memory, of the embeddings that lie in the root."""
    scores = {
        split: {name: cosines for name, cosines in pair_cosines(context, split).items() if name in evaluations}
        for split in (Split.TEST, Split.CHALLENGE)
    }
    return compare(context, evaluations=evaluations, trainings={}, scores=scores, fingerprint="f", started=0.0)


def test_every_model_is_there_the_baseline_first_with_what_it_was_trained_by(finished: RunContext) -> None:
    result = comparison_stage(finished).ensure()

    assert [model.name for model in result.models] == ["baseline", *ARTIFACTS]
    assert [model.training and model.training.config.name for model in result.models] == [
        None, "standard", "lora", "lora-tuned",
    ]  # fmt: skip
    assert result.models[0].differences == ()
    assert all(difference.model == model.name for model in result.models for difference in model.differences)


def test_a_paired_difference_is_the_difference_of_the_two_metrics(finished: RunContext) -> None:
    result = comparison_stage(finished).ensure()

    base = result.models[0].evaluation
    for model in result.models[1:]:
        found = {difference.metric: difference for difference in model.differences}
        for metric in ("auc_roc", "compatibility_margin", "spearman_correlation"):
            wanted = getattr(model.evaluation, metric) - getattr(base, metric)
            assert found[metric].value == pytest.approx(wanted, abs=1e-6)


def test_the_second_intervals_are_clustered_by_a_column_and_leave_the_first_as_they_are(finished: RunContext) -> None:
    result = comparison_stage(finished).read()
    pairs, cosines = finished.pair_sets[Split.TEST], pair_cosines(finished, Split.TEST)
    sample = Sample(pairs.labels == 1).clustered(pairs.subcategory)

    for model in result.models:
        found = model.clustered
        assert found is not None
        assert (found.column, found.n_clusters) == ("subcategory", len(set(pairs.subcategory)))
        assert [one.name for one in found.estimates] == [one.name for one in model.evaluation.estimates]
        assert [one.value for one in found.estimates] == [one.value for one in model.evaluation.estimates]
        assert [one.value for one in found.differences] == [one.value for one in model.differences]
        assert next(one for one in found.estimates if one.name == "auc_roc") == auc_estimate(
            cosines[model.name], sample
        )


def test_every_slice_that_reports_show_is_counted_and_those_of_the_challenge_set_are_compared_too(
    finished: RunContext,
) -> None:
    baseline, *trained = comparison_stage(finished).read().models
    challenge = finished.pair_sets[Split.CHALLENGE]

    assert baseline.exploratory is None
    for model in trained:
        found, shown = model.exploratory, model.evaluation
        assert found is not None
        assert found.looked_at == len(shown.by_category) + len(shown.by_pair_type) + len(shown.challenge_groups)
        known = {one.slice: one.difference for one in model.slice_differences if one.difference.against == "baseline"}
        for one in found.slices:
            if not one.slice.startswith("challenge: "):
                assert one.difference == known[one.slice]
            else:
                assert one.n == challenge.subcategory.count(one.slice.removeprefix("challenge: subcategory="))


def test_another_column_of_clusters_makes_the_comparison_again(finished: RunContext) -> None:
    result = comparison_stage(dataclasses.replace(finished, cluster_by="category")).ensure()

    found = result.models[1].clustered
    assert found is not None
    assert found.column == "category"
    assert found.reason
    assert all(one.low is None and one.reason for one in found.estimates)


def test_the_scores_are_the_cosines_of_the_cached_embeddings(finished: RunContext) -> None:
    labels = finished.pair_sets["eval"].labels

    for model in comparison_stage(finished).ensure().models:
        pairs = np.asarray(embedding_stage(finished, model.name, "").read()["eval"], dtype=np.float64)
        assert model.evaluation.auc_roc == pytest.approx(
            roc_auc_score(labels, (pairs[:, 0] * pairs[:, 1]).sum(axis=1)), abs=1e-6
        )


def test_every_model_is_compared_with_the_best_shallow_baseline_by_its_cached_cosines(finished: RunContext) -> None:
    sets = finished.pair_sets
    sets["eval"].labels[:6] ^= 1  # else text 1 alone would tell every label
    finished.paths.comparison_result.unlink()
    best = best_baseline(shallow_baselines(sets["train"], sets["eval"], sets["challenge"]))
    assert best is not None
    assert best.scores is not None
    cosines = {name: cosine_similarities(embedding_stage(finished, name, "").read()["eval"]) for name in ARTIFACTS}
    beats = {
        name: auc_difference(cosines[name], best.scores, Sample.of(sets["eval"]), name, best.result.name)
        for name in ARTIFACTS
    }

    result = comparison_stage(finished).ensure()

    assert 0.5 < (best.result.auc_roc or 0) < 1
    assert [model.against_trivial for model in result.models] == [None, *beats.values()]
    assert result.verdict == judge(result.models, result.audit, DecisionRules())
    by_slice = [found for found in result.models[1].slice_differences if found.difference.against == best.result.name]
    assert [found.slice for found in by_slice] == [CLEAN, TEXT_DISJOINT, DEDUPLICATED]
    assert by_slice[-1].difference == beats["finetuned"]


def test_every_finding_of_the_result_has_a_code(finished: RunContext) -> None:
    comparison_stage(finished).ensure()

    result = json.loads(finished.paths.comparison_result.read_text())
    found = [*result["verdict"]["findings"], *result["audit"]]
    assert result["verdict"]["findings"]
    assert {finding["code"] for finding in found} <= set(FindingCode)


def test_the_audit_has_the_pairs_that_the_base_model_places_beside_train(finished: RunContext) -> None:
    result = comparison_stage(finished).ensure()
    embeddings = embedding_stage(finished, "baseline", "").read()
    expected = int(are_close(embeddings["eval"], embeddings["train"]).sum())

    [found] = [finding for finding in result.audit if finding.code == FindingCode.CLOSE_COPIES]
    assert found.observed.startswith(f"{expected} of 24 examined pairs")


def test_a_result_without_codes_is_refused(finished: RunContext) -> None:
    path = finished.paths.comparison_result
    result = json.loads(path.read_text())
    del result["audit"][0]["code"]
    path.write_text(json.dumps(result))

    with pytest.raises(ArtifactError, match=r"audit\.0\.code: Field required\)"):
        read_json(path, ComparisonResult)


def test_it_writes_the_result_and_draws_nothing(finished: RunContext) -> None:
    outputs = [output.path for output in read_record(finished.paths, "compare").provenance.outputs]

    assert outputs == ["eval/comparison_result.json"]


def test_the_decision_is_the_same_in_result_summary_report_model_card_and_terminal(finished: RunContext) -> None:
    result = comparison_stage(finished).ensure()
    verdict, paths = result.verdict, finished.paths
    outcome = verdict.decision.outcome

    stream = io.StringIO()
    show_comparison(Console(file=stream, width=80, highlight=False), result)
    texts = {
        "terminal": " ".join(stream.getvalue().split()),
        "json": paths.comparison_result.read_text(),
        "summary": html.unescape(paths.summary.read_text()),
        "page": text_of(paths.comparison_report.read_text()),
        "card": html.unescape(paths.model_card.read_text()),
    }
    for text in texts.values():
        assert verdict.line in text
        assert verdict.statement in text
    assert f"{outcome}: {verdict.statement}" in texts["terminal"]
    assert f"**{outcome}.** {verdict.statement}" in texts["summary"]
    assert f"**{outcome}.** {verdict.statement}" in texts["card"]
    for test in verdict.decision.tests:
        shown = [name for name in ("terminal", "summary", "page", "card") if outcome_of(test) in texts[name]]
        assert shown == (["terminal", "summary", "page", "card"] if test.state == "open" else [])


def test_the_model_card_is_the_candidates_own_with_the_decision_below(finished: RunContext) -> None:
    own = ModelCard((finished.paths.model("standard") / "README.md").read_text()).text.strip()

    assert ModelCard(finished.paths.model_card.read_text()).text.strip().startswith(own)


def test_on_a_slice_of_all_pairs_the_difference_is_the_headline(finished: RunContext) -> None:
    for model in comparison_stage(finished).ensure().models[1:]:
        headline = next(found for found in model.differences if found.metric == "auc_roc")
        whole = next(found for found in model.slice_differences if found.slice == TEXT_DISJOINT)

        assert whole.n == model.evaluation.eval_data.n
        assert whole.difference == headline
        assert whole.auc_roc == model.evaluation.auc_roc


def test_the_difference_on_the_challenge_set_is_that_of_its_cosines(finished: RunContext) -> None:
    sample = Sample.of(finished.pair_sets[Split.CHALLENGE])
    ours, base = (pair_cosines(finished, Split.CHALLENGE)[name] for name in ("finetuned", "baseline"))
    trained = comparison_stage(finished).ensure().models[1]

    found = next(one for one in trained.slice_differences if one.slice == "challenge")
    assert found.difference == auc_difference(ours, base, sample, "finetuned", "baseline")
    assert trained.evaluation.challenge is not None
    assert found.auc_roc == pytest.approx(trained.evaluation.challenge.auc_roc)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"candidate": "loro"}, r"^--candidate loro: no such model; there is standard, lora, lora-tuned$"),
        ({"must_hold": ("category=x",)}, r"^--must-hold category=x: no such slice; there is category=interests, "),
    ],
)
def test_rules_about_what_is_not_there_are_refused_before_anything_is_measured(
    finished: RunContext, monkeypatch: pytest.MonkeyPatch, rules: dict[str, object], message: str
) -> None:
    monkeypatch.delattr(comparison, "compare")

    with pytest.raises(UserInputError, match=message):
        comparison_stage(dataclasses.replace(finished, rules=DecisionRules.model_validate(rules))).ensure()


def test_other_rules_make_the_comparison_again(finished: RunContext) -> None:
    other = dataclasses.replace(finished, rules=DecisionRules(candidate="lora", min_gain=0.1))
    assert comparison_stage(other).status().reason == "changed since: decision"

    decision = comparison_stage(other).ensure().verdict.decision

    assert (decision.candidate, decision.min_gain) == ("lora", 0.1)


def test_other_costs_make_the_comparison_again_and_no_evaluation(finished: RunContext) -> None:
    other = dataclasses.replace(finished, costs=Costs(false_positive=5))
    assert comparison_stage(other).status().reason == "changed since: costs"
    assert {stage.status().state for stage in evaluation_stages(other).values()} == {StageState.FRESH}

    found = comparison_stage(other).ensure().threshold_by_cost

    assert found is not None
    assert found.costs.false_positive == 5
    assert [model.model for model in found.models] == ["baseline", "finetuned", "lora", "lora-tuned"]
    n, ones = finished.data_files["eval"].n, finished.data_files["eval"].n_compatible
    assert (found.accept_all, found.reject_all) == (pytest.approx(5 * (n - ones) / n), pytest.approx(ones / n))


def test_a_comparison_that_stands_is_not_made_again(finished: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(comparison, "compare")
    listener = Listener()

    comparison_stage(dataclasses.replace(finished, reporter=listener)).ensure()

    assert listener.said[-1] == "compare: up to date, nothing to do"


def test_a_fourth_training_appears_everywhere_without_new_code(
    finished: RunContext, fresh: Callable[[], RunContext]
) -> None:
    run_training(finished, recipe("fourth", seed=7))
    with refused(MissingStageError, match=r"evaluate-fourth has not been run; run `evaluate --name fourth`"):
        comparison_stage(fresh()).ensure()
    evaluation_stage(fresh(), "fourth").ensure()

    result = comparison_stage(fresh()).ensure()

    assert [model.name for model in result.models] == ["baseline", "finetuned", "lora", "fourth", "lora-tuned"]
    assert {hypothesis.model for hypothesis in result.hypotheses} == {"finetuned", "lora", "fourth", "lora-tuned"}
    comparison_report_stage(fresh()).ensure()
    assert "fourth" in finished.paths.summary.read_text()
    assert "fourth" in finished.paths.comparison_report.read_text()


def test_a_training_that_was_removed_is_gone_from_the_comparison(
    finished: RunContext, fresh: Callable[[], RunContext]
) -> None:
    remove_training(finished, "lora")

    result = comparison_stage(fresh()).ensure()

    assert [model.name for model in result.models] == ["baseline", "finetuned", "lora-tuned"]


def test_a_model_whose_info_file_is_lost_is_told_and_not_left_out(
    finished: RunContext, fresh: Callable[[], RunContext]
) -> None:
    finished.paths.training_info("lora").unlink()

    with refused(ArtifactError, match=r"training/lora_training_info\.json is gone; run `.*` again"):
        comparison_stage(fresh()).ensure()


def test_an_adapter_that_changes_nothing_makes_the_comparison_invalid_if_it_is_the_candidate(
    finished: RunContext, fresh: Callable[[], RunContext]
) -> None:
    zero_adapter(finished, "lora")
    change = evaluation_stage(fresh(), "lora").ensure().change
    assert change is not None
    assert change.max_abs_difference == 0
    text = (
        "lora: its embeddings equal the base model's: the training changed nothing, its weights were not applied, or "
        "validation chose step 0"
    )

    result = comparison_stage(fresh()).ensure()
    control, candidate = result.verdict, judge_again(result, DecisionRules(candidate="lora"))

    assert control.decision.outcome is not Outcome.INVALID
    assert ("note", text) in [(finding.role, finding.text) for finding in control.findings]
    assert candidate.decision.outcome is Outcome.INVALID
    assert candidate.statement == f"The numbers of this comparison must not be used: {text}."


@pytest.mark.parametrize("split", ["train", "eval", "challenge"])
def test_a_candidate_that_was_evaluated_with_different_data_makes_the_comparison_invalid(
    finished: RunContext, split: str
) -> None:
    evaluations = read_evaluations(finished)
    other = getattr(evaluations["finetuned"], f"{split}_data").model_copy(update={"sha256": "0" * 64})
    evaluations["finetuned"] = evaluations["finetuned"].model_copy(update={f"{split}_data": other})

    verdict = compared(finished, evaluations).verdict

    assert verdict.decision.outcome is Outcome.INVALID
    assert verdict.findings[0].text == f"standard: evaluated with other files than the base model: {split}"


def test_models_without_an_operating_threshold_have_no_difference_of_f1(finished: RunContext) -> None:
    evaluations = read_evaluations(finished)
    without = {name: e.model_copy(update={"operating_point": None}) for name, e in evaluations.items()}

    known, unknown = (
        {d.metric: d.value for d in compared(finished, some).models[1].differences} for some in (evaluations, without)
    )

    assert known["f1"] is not None
    assert unknown == known | {"f1": None}


def test_a_pair_with_two_labels_within_a_file_is_told_by_the_verdict(finished: RunContext) -> None:
    pairs = finished.pair_sets["eval"]
    pairs.text_1[1], pairs.text_2[1] = pairs.text_1[0], pairs.text_2[0]

    verdict = compared(finished, read_evaluations(finished)).verdict

    assert "eval: one pair, two labels" in {finding.name for finding in verdict.findings}


def test_an_eval_file_whose_labels_are_all_flipped_asks_whether_they_are_inverted(
    finished: RunContext, fresh: Callable[[], RunContext]
) -> None:
    remove_training(finished, "lora", "lora-tuned")
    file = finished.pair_sets["eval"].path
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    write_jsonl(file, [row | {"label": 1 - row["label"]} for row in rows])

    baseline_stage(fresh()).ensure()
    run_training(fresh(), recipe("standard"))
    evaluation_stage(fresh(), "standard").ensure()
    verdict = comparison_stage(fresh()).ensure().verdict

    told = [finding for finding in verdict.findings if finding.name == "labels inverted"]
    assert [finding.text for finding in told] == ["standard: AUC 0.00 on eval, 1.00 on train: labels inverted?"]
    # the pair types name the labels that the pairs had before
    assert (verdict.decision.outcome, verdict.decision.faults) == (Outcome.INVALID, ("LABEL-002",))


@pytest.mark.parametrize("split", ["train", "eval", "challenge"])
def test_evaluations_of_other_data_are_refused(
    finished: RunContext, fresh: Callable[[], RunContext], split: str
) -> None:
    write_jsonl(finished.pair_sets[split].path, records(12, "new"))

    with refused(MissingStageError, match=f"is stale, changed since: {split}; run `"):
        comparison_stage(fresh()).ensure()


def test_an_edited_evaluation_is_refused(finished: RunContext) -> None:
    write_json(
        finished.paths.metrics("lora"),
        read_evaluations(finished)["lora"].model_copy(update={"auc_roc": 0.123456789012}),
    )

    with refused(ArtifactError, match=r"lora_metrics\.json .*; run `evaluate --name lora` again"):
        comparison_stage(finished).ensure()


def test_comparing_before_anything_was_trained_names_the_training(context: RunContext) -> None:
    with refused(MissingStageError, match=r"; nothing was trained yet; run `train --mode standard` first$"):
        comparison_stage(context).ensure()


# --- models that were trained elsewhere, and another reference ------------------------------------------


def test_models_of_others_are_compared_where_nothing_was_trained(judged: RunContext) -> None:
    result = comparison_stage(judged).require()

    assert [model.name for model in result.models] == ["baseline", *JUDGED]
    assert [model.evaluation.judged and model.evaluation.judged.name for model in result.models] == [None, *JUDGED]
    assert result.verdict.decision.candidate == WIDE


def test_a_judged_model_that_is_the_base_model_is_invalid(judged: RunContext) -> None:
    verdict = comparison_stage(dataclasses.replace(judged, rules=DecisionRules(candidate=SAME))).ensure().verdict

    assert verdict.decision.outcome is Outcome.INVALID
    assert FindingCode.WEIGHTS_UNCHANGED in verdict.decision.faults
    assert "its embeddings equal the base model's: it is the base model, or an adapter that does nothing" in (
        verdict.statement
    )


def test_against_another_model_its_numbers_and_its_name_stand_in_place_of_the_base_models(judged: RunContext) -> None:
    rules = DecisionRules(candidate=WIDE, against=ADAPTER)
    result = comparison_stage(dataclasses.replace(judged, rules=rules)).ensure()

    by_name = {model.name: model for model in result.models}
    decision, adapter = result.verdict.decision, by_name[ADAPTER]
    assert decision.reference == ADAPTER
    assert {test.against for test in decision.tests if test.kind in {"gain", "challenge change"}} == {ADAPTER}
    assert adapter.differences == adapter.slice_differences == ()
    for name in ("baseline", SAME, WIDE):
        found = next(one for one in by_name[name].differences if one.metric == "auc_roc")
        ours, theirs = by_name[name].evaluation.auc_roc, adapter.evaluation.auc_roc
        assert found.against == ADAPTER
        assert ours is not None
        assert theirs is not None
        assert found.value == pytest.approx(ours - theirs, abs=1e-9)
    text = summary_markdown(result)
    assert "Differences to adapter, paired" in text
    assert "Model minus adapter." in text
    assert "AUC-ROC, minus adapter" in text
    assert "base model, paired" not in text


def test_the_line_has_the_references_score_as_baseline_and_deciding_again_keeps_the_reference(
    judged: RunContext,
) -> None:
    rules = DecisionRules(candidate=WIDE, against=ADAPTER)
    result = comparison_stage(dataclasses.replace(judged, rules=rules)).ensure()

    decision = result.verdict.decision
    to_reference = [one for one in result.models[-1].slice_differences if one.difference.against == ADAPTER]
    assert decision.baseline in [one.other_auc_roc for one in to_reference]
    assert f"baseline={number(decision.baseline)}" in result.verdict.line
    assert judge_again(result, DecisionRules(candidate=WIDE)) == result.verdict
    assert judge_again(result, DecisionRules(candidate=SAME)).decision.reference == ADAPTER


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"against": "nobody"}, r"^--against nobody: no such model; there is baseline, adapter, same, wide$"),
        ({"candidate": WIDE, "against": WIDE}, r"^--candidate wide: --against names it too; name two models$"),
        ({"against": WIDE}, r"^which model may be shipped is not clear: there is adapter, same; name one"),
    ],
)
def test_a_reference_that_is_not_there_or_leaves_no_one_candidate_is_refused(
    judged: RunContext, rules: dict[str, str], told: str
) -> None:
    with pytest.raises(UserInputError, match=told):
        comparison_stage(dataclasses.replace(judged, rules=DecisionRules(**rules))).ensure()


def test_a_summary_says_what_is_known_of_a_judged_model_and_that_its_training_is_not(judged: RunContext) -> None:
    text = summary_markdown(comparison_stage(judged).read())

    assert "how the checkpoint was chosen is not known: trained elsewhere" in text
    assert f"| wide | all weights | 16 | “{PROMPT}” | “{PROMPT}” | not known: trained elsewhere |" in text
    assert "its own train pairs" not in text
    assert "The kept step of each training" not in text


@pytest.mark.parametrize(("artifact", "command"), [("baseline", "baseline"), ("finetuned", "evaluate --name standard")])
def test_lost_embeddings_are_asked_for_and_brought_back_by_the_command_that_made_them(
    finished: RunContext, fresh: Callable[[], RunContext], artifact: str, command: str
) -> None:
    file = finished.paths.embeddings(artifact, "eval")
    content = file.read_bytes()
    file.unlink()

    with refused(ArtifactError, match=rf"{artifact}_eval\.npy is gone; run `{command}` again"):
        comparison_stage(fresh()).ensure()

    if artifact == "baseline":
        baseline_stage(fresh()).ensure()
    else:
        evaluation_stage(fresh(), "standard").ensure()
    assert file.read_bytes() == content
    comparison_stage(fresh()).ensure()


def test_the_audit_of_the_data_and_what_needs_no_model_are_in_the_result(finished: RunContext) -> None:
    result = comparison_stage(finished).ensure()

    names = [finding.name for finding in result.audit]
    assert "train: repeated pairs" in names
    assert "eval: pairs copied from train" in names
    assert "eval: label predicted from bag of words" in names
    assert len(set(names)) == len(names)


# --- guards ---------------------------------------------------------------------------------------------


def graded_guard(pair_set: PairSetFactory, n: int = 90) -> Guard:
    pairs = pair_set([f"left {i}" for i in range(n)], [f"right {i}" for i in range(n)])
    grades = np.arange(n) % 6.0
    pairs = dataclasses.replace(
        pairs, grades=grades, labels=(grades >= 2.5).astype(np.int8), scale=GradeScale(low=0, high=5)
    )
    return Guard("old.csv", pairs, np.arange(10, n), shipped=False)


def test_a_guard_is_compared_by_spearman_of_its_grades_or_by_the_auc(pair_set: PairSetFactory) -> None:
    guard, rng = graded_guard(pair_set), np.random.default_rng(0)
    grades, labels = guard.pairs.grades, guard.pairs.labels
    assert grades is not None
    base, ours = (grades[guard.kept] + rng.normal(0, noise, 80) for noise in (1.0, 3.0))
    scores = {"old.csv": {"baseline": base, "mine": ours}}

    (graded,) = guard_differences([guard], "mine", scores, "baseline")
    as_labels = dataclasses.replace(guard, pairs=dataclasses.replace(guard.pairs, grades=None, scale=None))
    (binary,) = guard_differences([as_labels], "mine", scores, "baseline")

    wanted = [spearmanr(found, grades[guard.kept]).statistic for found in (ours, base)]
    assert [graded.spearman, graded.other_spearman] == pytest.approx(wanted)
    assert graded.difference.value == pytest.approx(wanted[0] - wanted[1])
    assert [binary.auc_roc, binary.other_auc_roc] == pytest.approx(
        [roc_auc_score(labels[guard.kept], found) for found in (ours, base)]
    )
    assert (graded.n, graded.slice, graded.difference.outcome) == (80, "old.csv", "worse")


def test_a_guard_that_one_of_both_was_not_measured_on_has_no_numbers(pair_set: PairSetFactory) -> None:
    (found,) = guard_differences([graded_guard(pair_set)], "mine", {"old.csv": {"baseline": np.zeros(80)}}, "baseline")

    assert (found.n, found.spearman, found.difference.outcome) == (80, None, "not estimable")
    assert list(guard_differences([graded_guard(pair_set)], "mine", {}, "baseline")) == []


def test_guards_are_tests_of_the_decision(judged: RunContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("src.data.guards.are_english", lambda _: True)
    monkeypatch.setattr("src.core.paths.SHIPPED_DATA", tmp_path)
    guard_file(tmp_path / "guard_pairs.jsonl", 40, 3)
    guarded = with_guards(judged, guard_file(tmp_path / OLD, 40, 2))

    result = comparison_stage(guarded, [SAME, WIDE]).ensure()

    tests = [(test.kind, test.slice, test.metric, test.n) for test in result.verdict.decision.tests[-2:]]
    assert tests == [
        (DecisionTestKind.GUARD, OLD, "auc_roc", 40),
        (DecisionTestKind.GENERAL_ENGLISH, GENERAL_ENGLISH, "spearman", 40),
    ]
    same = {found.slice: found for found in result.models[1].guards}
    assert (same[OLD].difference.value, same[GENERAL_ENGLISH].shipped) == (0.0, True)
    assert [file.name for file in result.guard_data] == [OLD, "guard_pairs.jsonl"]


@pytest.mark.parametrize("name", [OLD, "category=x"])
def test_a_guard_may_be_named_among_the_slices_that_must_hold(context: RunContext, tmp_path: Path, name: str) -> None:
    guarded = with_guards(context, guard_file(tmp_path / OLD, 40, 2))
    ruled = dataclasses.replace(guarded, rules=DecisionRules(candidate=SAME, must_hold=(name,)))

    if name == OLD:
        check_rules(ruled, [SAME])
    else:
        with pytest.raises(UserInputError, match="--must-hold category=x: no such slice"):
            check_rules(ruled, [SAME])
