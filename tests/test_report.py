from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from src.errors import ArtifactError
from src.models import TrivialBaseline, Verdict, VerdictFinding, VerdictStatus
from src.report import baseline_page, comparison_page
from tests.factories import HOSTILE, TRAINED, make_comparison, make_evaluation, make_pairs, make_provenance


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
        """Id of each JSON block to what it holds."""
        return {a["id"]: json.loads(text) for a, text in self.scripts if a.get("type") == "application/json"}


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    return page


@pytest.fixture(scope="module")
def comparison() -> Page:
    return read(comparison_page(make_comparison(), make_pairs()))


@pytest.fixture(scope="module")
def baseline() -> Page:
    return read(baseline_page(make_evaluation(), make_pairs()))


@pytest.fixture(scope="module")
def hostile() -> Page:
    """A page whose every text field holds what must do nothing."""
    everything = " ".join(HOSTILE)
    pairs = make_pairs(
        40,
        text_1=[f"boy: {HOSTILE[i % 5]}" for i in range(40)],
        text_2=[f"girl: {HOSTILE[i % 5]}" for i in range(40)],
        category=[HOSTILE[i % 5] for i in range(40)],
        pair_type=[HOSTILE[i % 5] for i in range(40)],
    )
    finding = VerdictFinding(status=VerdictStatus.INVALID, name=everything, text=everything)
    result = make_comparison(
        ("baseline", *HOSTILE),
        pairs,
        verdict=Verdict(status=VerdictStatus.INVALID, statement=everything, findings=(finding,)),
        trivial_baselines=(TrivialBaseline(name=everything, auc_roc=None, n=40, reason=everything),),
        provenance=make_provenance(command=everything, platform=everything, packages={everything: everything}),
    )
    return read(comparison_page(result, pairs))


class TestSelfContained:
    def test_nothing_is_loaded_from_anywhere(self, baseline: Page, comparison: Page) -> None:
        for page in (baseline, comparison):
            loaded = [a[key] for _, a in page.tags for key in ("src", "href", "srcset", "data", "poster") if key in a]

            assert all(target.startswith("#") or target == "data:," for target in loaded)
            assert not page.attributes("iframe")

    def test_styles_load_nothing_either(self) -> None:
        style = re.search(r"<style>(.*?)</style>", baseline_page(make_evaluation(), make_pairs()), re.DOTALL)

        assert style is not None
        assert "url(" not in style[1]
        assert "@import" not in style[1]

    def test_only_the_scripts_of_the_page_may_run(self, comparison: Page) -> None:
        run = [text for attributes, text in comparison.scripts if "type" not in attributes]
        [policy] = [a["content"] for a in comparison.attributes("meta") if "http-equiv" in a]
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run]

        assert len(run) == 2
        assert "script-src " + " ".join(f"'sha256-{digest}'" for digest in hashes) + ";" in policy
        assert policy.startswith("default-src 'none';")
        assert "unsafe-eval" not in policy

    def test_no_tag_carries_a_script_of_its_own(self, comparison: Page) -> None:
        assert not [a for _, a in comparison.tags if any(name.startswith("on") for name in a)]

    def test_plotly_is_inside_once(self, comparison: Page) -> None:
        assert sum(len(text) > 1_000_000 for _, text in comparison.scripts) == 1

    def test_the_same_results_give_the_same_page(self) -> None:
        assert baseline_page(make_evaluation(), make_pairs()) == baseline_page(make_evaluation(), make_pairs())


class TestReading:
    def test_the_verdict_comes_first(self, comparison: Page) -> None:
        result = make_comparison()
        order = ["WARN", result.verdict.statement, result.verdict.findings[0].text, "Scores on the eval pairs"]
        places = [comparison.words.index(text) for text in order]

        assert places == sorted(places)

    def test_the_parts_stand_in_the_order_of_a_busy_reader(self, comparison: Page) -> None:
        sections = [a["id"] for a in comparison.attributes("section")]

        assert sections == ["scores", "models", "across", "training", "hypotheses", "provenance"]

    def test_there_is_a_tab_a_model_that_works_as_a_link(self, comparison: Page) -> None:
        panels = [a["id"] for a in comparison.attributes("div") if a.get("class") == "panel"]
        links = {a["href"] for a in comparison.attributes("a")}

        assert panels == [f"model-{i}" for i in range(4)]
        assert {f"#{panel}" for panel in panels} <= links

    def test_every_link_inside_the_page_leads_somewhere(self, baseline: Page, comparison: Page) -> None:
        for page in (baseline, comparison):
            ids = [a["id"] for _, a in page.tags if "id" in a]

            assert len(set(ids)) == len(ids)
            assert {a["href"][1:] for a in page.attributes("a")} <= set(ids)

    def test_every_chart_has_its_figure_and_its_table(self, comparison: Page) -> None:
        charts = [a["data-figure"] for a in comparison.attributes("div") if "data-figure" in a]

        assert len(charts) == 4 * 8 + 8
        assert set(charts) | {"strings"} == set(comparison.data)
        assert len(comparison.attributes("details")) == len(charts)

    def test_the_baseline_says_in_words_what_it_found(self, baseline: Page) -> None:
        evaluation = make_evaluation()

        assert f"a margin of {evaluation.compatibility_margin:+.3f} (95 % interval [" in baseline.words
        assert f"an AUC-ROC of {evaluation.auc_roc:.3f}" in baseline.words

    def test_every_number_on_the_page_has_few_digits(self, baseline: Page, comparison: Page) -> None:
        for page in (baseline, comparison):
            assert not re.findall(r"\d\.\d{5,}", page.words)

    def test_without_javascript_the_reader_is_told_where_the_numbers_are(self, comparison: Page) -> None:
        assert comparison.attributes("noscript")
        assert "Every number they show is in the table below" in comparison.words

    def test_numbers_are_defined_and_traced(self, comparison: Page) -> None:
        assert "How each number is defined" in comparison.words
        assert make_pairs().sha256 in comparison.words
        assert "b" * 64 in comparison.words

    def test_five_models_need_no_new_code(self) -> None:
        names = ("baseline", *TRAINED, "lora-wide")
        page = read(comparison_page(make_comparison(names), make_pairs()))

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
            by_category=(), by_pair_type=(), slices=(), challenge_data=None,
        )  # fmt: skip
        page = read(baseline_page(evaluation, make_pairs()))

        assert "a margin of n/a and an AUC-ROC of n/a" in page.words
        assert "there is no challenge set" in [a.get("title") for a in page.attributes("td")]
        assert "none: no challenge set was given" in page.words

    def test_a_group_without_numbers_carries_its_reason(self, comparison: Page) -> None:
        titles = [a["title"] for a in comparison.attributes("td") if a.get("class") == "missing" and "title" in a]

        assert "fewer than 5 pairs" in titles
        assert "one category only" in titles

    def test_pairs_of_another_file_are_refused(self) -> None:
        with pytest.raises(ArtifactError, match="another eval file"):
            comparison_page(make_comparison(), make_pairs(seed=1))


class TestHostileText:
    def test_it_adds_no_element(self, hostile: Page) -> None:
        run = [text for attributes, text in hostile.scripts if "type" not in attributes]

        assert len(run) == 2
        assert not any("alert(1)" in text for text in run)
        assert not hostile.attributes("img")
        assert {a["class"] for a in hostile.attributes("b") if "class" in a} == set()

    def test_it_is_shown_as_it_is(self, hostile: Page) -> None:
        for text in HOSTILE:
            assert text in hostile.words

    def test_no_json_block_holds_a_tag(self, hostile: Page) -> None:
        blocks = [text for attributes, text in hostile.scripts if attributes.get("type") == "application/json"]

        assert blocks
        assert not any("<" in text for text in blocks)

    def test_hover_texts_are_escaped_for_plotly(self, hostile: Page) -> None:
        texts = hostile.data["strings"]

        assert any("&lt;/script&gt;&lt;script&gt;alert(1)" in text for text in texts)
        assert not any("<script" in text or "<b>" in text for text in texts)


def test_a_hover_text_is_stored_once_for_all_maps(comparison: Page) -> None:
    texts = comparison.data["strings"]
    figures = [figure for name, figure in comparison.data.items() if name != "strings"]
    places = [place for figure in figures for trace in figure["data"] for place in trace.get("hovertext") or []]

    assert len(set(texts)) == len(texts)
    assert set(places) == set(range(len(texts)))
    assert len(places) > 3 * len(texts)
