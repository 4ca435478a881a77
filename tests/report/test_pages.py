from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import combinations
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import numpy as np
import pytest
from plotly.offline import get_plotlyjs

from src.core.errors import ArtifactError
from src.core.paths import SHIPPED_DATA
from src.data_loader import load_pairs
from src.evaluation.metric_registry import METRICS
from src.models import Costs, OverSeeds, RecipeDifference, RecipeSeeds, SeedsResult, ShallowBaseline, VerdictFinding
from src.report import pages
from src.report.badges import comparison_badges
from src.report.pages import baseline_page
from tests.support.factories import (
    HOSTILE,
    TRAINED,
    make_comparison,
    make_evaluation,
    make_judged,
    make_pairs,
    make_provenance,
    make_verdict,
)
from tests.support.report_pages import NAMES, made_baseline, made_comparison, unpacked, usual_comparison
from tests.tables.test_guards import on_guard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from src.models import PairSet


@dataclass
class Page(HTMLParser):
    """What a browser without JavaScript sees: tags with attributes, text, and the content of scripts."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    scripts: list[tuple[dict[str, str], str]] = field(default_factory=list)
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag
        if tag == "script":
            self.scripts.append((self.tags[-1][1], ""))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the base class calls it so
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            attributes, before = self.scripts[-1]
            self.scripts[-1] = (attributes, before + data)
        elif self._inside != "style":
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())

    def attributes(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def data(self) -> dict[str, object]:
        """Id of each JSON block, packed figures too, to what it holds."""
        found = {a["id"]: json.loads(text) for a, text in self.scripts if a.get("type") == "application/json"}
        [packed] = [text for a, text in self.scripts if a.get("id") == "figures"]
        return found | {f"{name}-figure": figure for name, figure in json.loads(unpacked(packed)).items()}


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    return page


@pytest.fixture(scope="module")
def comparison() -> Page:
    return read(usual_comparison())


@pytest.fixture(scope="module")
def baseline() -> Page:
    return read(made_baseline())


@pytest.fixture(scope="module")
def hostile() -> Page:
    """A page whose every text field holds what must do nothing."""
    everything = " ".join(HOSTILE)
    pairs = make_pairs(
        40,
        text_1=[f"boy: {HOSTILE[i % len(HOSTILE)]}" for i in range(40)],
        text_2=[f"girl: {HOSTILE[i % len(HOSTILE)]}" for i in range(40)],
        category=[HOSTILE[i % len(HOSTILE)] for i in range(40)],
        pair_type=[HOSTILE[i % len(HOSTILE)] for i in range(40)],
    )
    finding = VerdictFinding(code="MODEL-001", role="reason", name=everything, text=everything)
    result = make_comparison(
        ("baseline", *HOSTILE),
        pairs,
        verdict=make_verdict(HOSTILE[0], statement=everything, findings=(finding,)),
        trivial_baselines=(ShallowBaseline(name=everything, auc_roc=None, n=40, reason=everything),),
        provenance=make_provenance(command=everything, platform=everything, packages={everything: everything}),
    )
    return read(made_comparison(result, pairs))


def test_a_page_of_models_that_were_trained_elsewhere_has_no_training_and_says_what_is_known() -> None:
    made = make_comparison(("baseline", "vendor"))
    known = made.models[1].evaluation.model_copy(update={"judged": make_judged(), "selection": None})
    vendor = made.models[1].model_copy(update={"evaluation": known, "training": None})
    page = read(made_comparison(made.model_copy(update={"models": (made.models[0], vendor)})))

    assert "training" not in [section.get("id") for section in page.attributes("section")]
    assert "Recipes" not in page.words
    assert "Models that were trained elsewhere" in page.words
    assert "vendor all weights 384 “query: ” “query: ” not known: trained elsewhere eeee" in page.words
    assert "The kept step" not in page.words


class TestSelfContained:
    def test_nothing_is_loaded_from_anywhere(self, baseline: Page, comparison: Page) -> None:
        for page in (baseline, comparison):
            loaded = [a[key] for _, a in page.tags for key in ("src", "href", "srcset", "data", "poster") if key in a]

            assert all(target.startswith("#") or target == "data:," for target in loaded)
            assert not page.attributes("iframe")

    def test_styles_load_nothing_either(self) -> None:
        style = re.search(r"<style>(.*?)</style>", made_baseline(), re.DOTALL)

        assert style is not None
        assert "url(" not in style[1]
        assert "@import" not in style[1]

    def test_only_the_scripts_of_the_page_may_run(self, comparison: Page) -> None:
        [script] = [text for attributes, text in comparison.scripts if "type" not in attributes]
        [policy] = [a["content"] for a in comparison.attributes("meta") if "http-equiv" in a]
        hashes = [base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in (get_plotlyjs(), script)]

        assert "script-src " + " ".join(f"'sha256-{digest}'" for digest in hashes) + ";" in policy
        assert policy.startswith("default-src 'none';")
        assert "unsafe-eval" not in policy
        assert not re.search(r"script-src[^;]*(unsafe-inline|blob:|data:)", policy)

    def test_no_tag_carries_a_script_of_its_own(self, comparison: Page) -> None:
        assert not [a for _, a in comparison.tags if any(name.startswith("on") for name in a)]

    def test_plotly_is_inside_once_and_cannot_run_by_itself(self, comparison: Page) -> None:
        [(attributes, packed)] = [script for script in comparison.scripts if len(script[1]) > 1_000_000]

        assert attributes == {"type": "text/plain", "id": "plotly"}
        assert unpacked(packed) == get_plotlyjs()

    def test_the_same_results_give_the_same_page(self) -> None:
        assert made_baseline() == made_baseline()


class TestReading:
    def test_the_verdict_comes_first(self, comparison: Page) -> None:
        result = make_comparison()
        order = [
            "DO NOT SHIP",
            result.verdict.statement,
            result.verdict.line,
            "Weights changed",
            "Scores on 120 eval pairs",
        ]
        places = [comparison.words.index(text) for text in order]

        assert places == sorted(places)

    def test_the_parts_stand_in_the_order_of_a_busy_reader(self, comparison: Page) -> None:
        sections = [a["id"] for a in comparison.attributes("section")]

        assert sections == [
            "next", "examples", "scores", "threshold", "models", "across", "pairs", "training", "audit", "provenance",
        ]  # fmt: skip

    def test_across_models_stand_curves_effects_margins_false_positives_targets_and_slices(
        self, comparison: Page
    ) -> None:
        words = comparison.words[comparison.words.index("ROC curves of all models") :]
        titles = ["ROC curves of all models", "Effect size", "Margin by category and model", "AUC-ROC by slice"]

        assert [words.index(title) for title in titles] == sorted(words.index(title) for title in titles)
        assert "Targets set before the first training" in words[: words.index("The pairs behind the numbers")]
        assert "False positives by pair type" in words

    def test_the_audit_is_told_with_status_limit_reason_action_and_rows(self, comparison: Page) -> None:
        told = "eval: finding 2 warn 2 of 120 pairs warn above 5 % 120 why 2 action 2 eval_pairs.jsonl:1, 2"

        assert told in comparison.words

    def test_every_badge_has_a_word_beside_its_colour(self, comparison: Page) -> None:
        for badge in comparison_badges(make_comparison()):
            assert f"{badge.status} {badge.name} {badge.text}" in comparison.words

    def test_the_decision_has_its_tests_in_a_table_of_its_own(self, comparison: Page) -> None:
        assert "AUC-ROC on the challenge set(120 pairs) 0.400[0.300, 0.490] at least 0.500 fail" in comparison.words

    @pytest.mark.parametrize("made", [made_baseline, made_comparison])
    def test_the_maps_have_the_seed_of_the_run(self, made: Callable[..., str]) -> None:
        assert re.findall(r"UMAP [^.]*, min_dist 0\.1, seed (\d+)\)", made(seed=7)) == ["7"]

    def test_names_of_the_projects_own_read_as_words(self, comparison: Page) -> None:
        assert "bag of words" in comparison.words
        assert "bag_of_words" not in comparison.words

    def test_there_is_a_tab_a_model_that_works_as_a_link(self, comparison: Page) -> None:
        panels = [a["id"] for a in comparison.attributes("div") if a.get("class") == "panel"]
        links = {a["href"] for a in comparison.attributes("a")}

        assert panels == [f"model-{i}" for i in range(4)]
        assert {f"#{panel}" for panel in panels} <= links

    def test_the_maps_of_all_models_stand_in_one_section_with_the_list(self) -> None:
        for html, chart in ((usual_comparison(), "across-umap"), (made_baseline(), "baseline-umap-by-label")):
            section = html[html.index('<section id="pairs">') :]
            section = section[: section.index("</section>")]

            assert html.count(f'" id="{chart}">') == 1
            assert section.index(f'" id="{chart}">') < section.index('id="pairs-table"')

    def test_every_link_inside_the_page_leads_somewhere(self, baseline: Page, comparison: Page) -> None:
        for page in (baseline, comparison):
            ids = [a["id"] for _, a in page.tags if "id" in a]

            assert len(set(ids)) == len(ids)
            assert {a["href"][1:] for a in page.attributes("a") if "=" not in a["href"]} <= set(ids)

    def test_a_number_can_be_followed_to_its_pairs(self, baseline: Page, comparison: Page) -> None:
        for page in (baseline, comparison):
            keys = {key for a in page.attributes("a") for key, _ in parse_qsl(a["href"][1:])}
            values = {
                value for a in page.attributes("a") for key, value in parse_qsl(a["href"][1:]) if key == "category"
            }

            assert {"category", "pair_type", "outcome", "label"} <= keys
            assert values == set(make_pairs().category)

    def test_every_chart_has_its_figure_and_its_table(self, comparison: Page) -> None:
        charts = [a["data-figure"] for a in comparison.attributes("div") if "data-figure" in a]

        assert len(charts) == 4 * 8 + 12
        assert set(charts) | {"pair-data", "threshold-data"} == set(comparison.data)
        folded = [a for a in comparison.attributes("details") if a.get("class") in {"folded", "numbers"}]
        assert len(comparison.attributes("details")) == len(charts) + len(folded)

    def test_the_baseline_says_in_words_what_it_found(self, baseline: Page) -> None:
        evaluation = make_evaluation()

        assert f"a margin of {evaluation.compatibility_margin:+.3f} (95 % interval [" in baseline.words
        assert f"an AUC-ROC of {evaluation.auc_roc:.3f}" in baseline.words

    def test_every_number_on_the_page_has_few_digits(self, baseline: Page, comparison: Page) -> None:
        for page in (baseline, comparison):
            assert not re.findall(r"\d\.\d{5,}", page.words)

    def test_without_javascript_the_reader_is_told_where_the_numbers_are(self, comparison: Page) -> None:
        assert comparison.attributes("noscript")
        assert "Every number of the charts is in the table below" in comparison.words

    def test_numbers_are_traced(self, comparison: Page) -> None:
        assert make_pairs().sha256 in comparison.words
        assert "b" * 64 in comparison.words

    def test_five_models_need_no_new_code(self) -> None:
        names = ("baseline", *TRAINED, "lora-wide")
        page = read(made_comparison(make_comparison(names)))

        assert [a["id"] for a in page.attributes("div") if a.get("class") == "panel"] == [
            f"model-{i}" for i in range(5)
        ]
        assert "Training of lora-wide" in page.words


class TestMissing:
    def test_what_is_none_is_n_a_with_a_reason_and_never_zero(self) -> None:
        evaluation = make_evaluation(
            compatible_mean_cosine=None, incompatible_mean_cosine=None, compatibility_margin=None, cohens_d=None,
            t_statistic=None, p_value=None, auc_roc=None, best_threshold=None, best_f1=None,
            accuracy_at_best_threshold=None, precision_at_best_threshold=None, recall_at_best_threshold=None,
            cluster_purity=None, n_clusters=None, noise_ratio=None, spearman_correlation=None, average_precision=None,
            spearman_ceiling=None, operating_point=None, optimistic_point=None, estimates=(), roc=None, projection=None,
            by_category=(), by_pair_type=(), slices=(), challenge_data=None, roc_band=None,
        )  # fmt: skip
        page = read(made_baseline(evaluation))

        assert "a margin of n/a and an AUC-ROC of n/a" in page.words
        assert "there is no challenge set" in [a.get("title") for a in page.attributes("td")]
        assert "none: no challenge set was given" in page.words

    def test_a_group_without_numbers_carries_its_reason(self, comparison: Page) -> None:
        titles = [
            a["title"] for a in comparison.attributes("td") if "missing" in a.get("class", "").split() and "title" in a
        ]

        assert "fewer than 5 pairs" in titles
        assert "one category only" in titles

    def test_pairs_of_another_file_are_refused(self) -> None:
        with pytest.raises(ArtifactError, match="another eval file"):
            made_comparison(pairs=make_pairs(seed=1), result=make_comparison())

    def test_scores_of_other_pairs_are_refused(self) -> None:
        pairs = make_pairs()

        with pytest.raises(ValueError, match="two of"):
            baseline_page(make_evaluation(), pairs, np.zeros(1000), names=NAMES, seed=42)


class TestHostileText:
    def test_it_adds_no_element(self, hostile: Page) -> None:
        [script] = [text for attributes, text in hostile.scripts if "type" not in attributes]

        assert "alert(1)" not in script
        assert not hostile.attributes("img")
        assert {a["class"] for a in hostile.attributes("b") if "class" in a} == set()

    def test_it_is_shown_as_it_is(self, hostile: Page) -> None:
        for text in HOSTILE:
            assert text in hostile.words

    def test_no_json_block_holds_a_tag(self, hostile: Page) -> None:
        blocks = [text for attributes, text in hostile.scripts if attributes.get("type") == "application/json"]

        assert blocks
        assert not any("<" in text for text in blocks)


class TestRedacted:
    def test_no_text_of_a_pair_is_anywhere_on_it(self) -> None:
        pairs = make_pairs()

        for html in (made_baseline(redact=True), usual_comparison(redact=True)):
            assert not any(text[6:] in html for text in (*pairs.text_1, *pairs.text_2))
            assert "The texts were left out; a row is named by its number in eval_pairs.jsonl." in html

    def test_its_numbers_are_the_same(self) -> None:
        tables = [
            re.findall(r"<table.*?</table>", usual_comparison(redact=redact), re.DOTALL) for redact in (True, False)
        ]

        assert tables[0] == tables[1]

    def test_there_is_no_search_in_texts_that_are_not_there(self) -> None:
        assert "pairs-search" not in [a.get("id") for a in read(usual_comparison(redact=True)).attributes("input")]
        assert "pairs-search" in [a.get("id") for a in read(usual_comparison()).attributes("input")]


@pytest.mark.parametrize(("base_rate", "shown"), [(0.05, "5"), (0.07, "7"), (0.001, "0.1"), (None, None)])
def test_the_base_rate_of_a_run_stands_in_its_field_and_in_the_caption(
    monkeypatch: pytest.MonkeyPatch, base_rate: float | None, shown: str | None
) -> None:
    # none of the charts is about it, and they take most of the time
    monkeypatch.setattr(pages, "comparison_charts", lambda *_: ())
    monkeypatch.setattr(pages, "baseline_charts", lambda *_: ())
    made = make_comparison(("baseline", "finetuned"))
    by_cost = made.threshold_by_cost.model_copy(update={"costs": Costs(base_rate=base_rate)})

    page = read(made_comparison(made.model_copy(update={"threshold_by_cost": by_cost})))

    [field] = [attributes for attributes in page.attributes("input") if attributes.get("id") == "cost-rate"]
    assert field.get("value") == shown
    assert (f"false negative 1, {shown} % positive pairs" in page.words) == (shown is not None)


def test_a_pair_is_stored_once_for_all_maps(comparison: Page) -> None:
    texts = comparison.data["pair-data"]["text_1"]
    figures = [figure for name, figure in comparison.data.items() if not name.endswith("-data")]
    traces = [trace for figure in figures for trace in figure["data"] if "map" in trace.get("meta", {})]
    places = [place for trace in traces for place in trace["customdata"]]

    assert len(texts) == 120
    assert set(places) == set(range(120))
    assert len(places) == 120 * (4 * 3 + 4)
    assert not any("x" in trace or "hovertext" in trace for trace in traces)


class TestSize:
    """A page has at most 5,000,000 bytes, whatever the number of pairs and the length of their texts."""

    @pytest.mark.parametrize("n", [10, 295, *(pytest.param(n, marks=pytest.mark.slow) for n in (3_000, 100_000))])
    def test_it_stays_within_its_budget(self, n: int) -> None:
        pairs = long_pairs(n)
        result = make_comparison(pairs=pairs)

        for html in (made_comparison(result, pairs), made_baseline(result.models[0].evaluation, pairs)):
            assert len(html.encode()) <= 5_000_000

    def test_with_five_seeds_a_page_of_the_data_that_ships_has_at_most_three_million(self) -> None:
        pairs = load_pairs(SHIPPED_DATA / "eval_pairs.jsonl")
        html = made_comparison(make_comparison(pairs=pairs, seeds=five_seeds(TRAINED)), pairs)

        assert len(pairs) == 295
        assert "Over the seeds" in html
        assert len(html.encode()) <= 3_000_000

    def test_a_category_for_every_few_pairs_does_not_break_it(self) -> None:
        pairs = long_pairs(4_000, category=[f"category number {i // 10} \U0001f600" for i in range(4_000)])
        html = made_comparison(make_comparison(("baseline", "lora"), pairs), pairs)

        assert len(html.encode()) <= 4_500_000
        assert "The 40 largest of 400." in html

    def test_of_many_pairs_a_sample_is_drawn_and_the_numbers_are_of_all(self) -> None:
        pairs = long_pairs(20_000)
        result = make_comparison(pairs=pairs)
        page = read(made_comparison(result, pairs))
        point = result.models[1].evaluation.operating_point

        assert "These are 2,000 of the 20,000 eval pairs, a sample" in page.words
        assert len(page.data["pair-data"]["rows"]) == 2_000
        assert f"standard 0.500 {point.true_positives:,} {point.false_positives:,}" in page.words


def five_seeds(models: Sequence[str]) -> SeedsResult:
    """Every metric of some recipes over five seeds, and each two recipes beside each other."""
    seeds, values = (42, 43, 44, 45, 46), (0.71, 0.72, 0.73, 0.74, 0.75)
    shared = {"values": values, "mean": 0.73, "deviation": 0.0158, "low": 0.7012, "high": 0.7588}
    found = tuple(OverSeeds(metric=metric.name, **shared) for metric in METRICS)
    recipes = tuple(
        RecipeSeeds(
            model=name,
            seeds=seeds,
            estimates=found,
            differences=found,
            challenge=found[0],
            challenge_difference=found[0],
        )
        for name in models
    )
    between = tuple(
        RecipeDifference(model=one, against=other, seeds=seeds, difference=found[0])
        for one, other in combinations(models, 2)
    )
    return SeedsResult(recipes=recipes, between=between)


def long_pairs(n: int, **columns: list[str]) -> PairSet:
    """N pairs whose texts are longer than a page shows, in a script of three bytes a letter."""
    texts = {
        f"text_{side}": [f"{who}: number {i} \u4e2d\u6587" * 60 for i in range(n)]
        for side, who in ((1, "boy"), (2, "girl"))
    }
    return make_pairs(n, **texts, **columns)


def test_guards_have_a_table_and_their_files_stand_in_the_provenance(monkeypatch: pytest.MonkeyPatch) -> None:
    # none of the charts is about guards, and they take most of the time
    monkeypatch.setattr(pages, "comparison_charts", lambda *_: ())
    monkeypatch.setattr(pages, "baseline_charts", lambda *_: ())
    made = make_comparison(("baseline", "finetuned"))
    file = made.eval_data.model_copy(update={"name": "old.csv"})
    models = (made.models[0], made.models[1].model_copy(update={"guards": (on_guard("finetuned", auc_roc=0.7),)}))

    found = read(made_comparison(made.model_copy(update={"models": models, "guard_data": (file,)}))).words

    assert "Forgetting, compared with the base model" in found
    assert "guard old.csv" in found
