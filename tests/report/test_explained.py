from __future__ import annotations

import re

import pytest

from src.evaluation.metric_registry import METRICS, metrics_of
from src.models import DATING_WORDS, Words
from src.report.explained import Explained, term_id
from src.report.terms import TERMS
from tests.support.report_pages import made_baseline, made_comparison

BUTTON = re.compile(r'<button type="button" class="explain" popovertarget="([\w-]+)"')
ON_PAGE = {metric.name for metric in METRICS}


@pytest.fixture
def page() -> Explained:
    return Explained(DATING_WORDS, 42, METRICS)


def buttons(html: str) -> list[str]:
    return BUTTON.findall(html)


def without_tags(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def test_a_word_has_a_button_where_it_is_used_first_and_nowhere_else(page: Explained) -> None:
    assert buttons(page.first_uses("AUC-ROC on the challenge set")) == ["term-auc-roc", "term-challenge-set"]
    assert page.first_uses("AUC on the challenge set") == "AUC on the challenge set"


def test_the_button_stands_behind_the_word_and_the_text_stays_as_it_is(page: Explained) -> None:
    text = "No shallow baseline, and no guard."
    shown = page.first_uses(text)

    assert without_tags(shown) == text
    assert shown.startswith('No shallow <span class="first-use">baseline<button')


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The oracle threshold", ["term-oracle-threshold"]),
        ("The threshold", ["term-operating-threshold"]),
        ("FP rate at 95 % recall", ["term-fp-rate-at-95-recall"]),
        ("p", ["term-p"]),
        ("P", ["term-p"]),
        ("margins of a pamphlet", []),
        ("", []),
    ],
)
def test_the_longest_word_wins_and_parts_of_words_do_not_count(page: Explained, text: str, found: list[str]) -> None:
    assert buttons(page.first_uses(text)) == found


def test_a_text_of_the_data_adds_no_element(page: Explained) -> None:
    assert without_tags(page.first_uses("<b>margin</b> & <i>")) == "&lt;b&gt;margin&lt;/b&gt; &amp; &lt;i&gt;"


def test_a_chart_has_its_button_every_time(page: Explained) -> None:
    assert buttons(page.of_chart("roc")) == buttons(page.of_chart("roc")) == ["term-roc-curve"]


def test_metrics_are_explained_even_where_no_heading_names_them() -> None:
    of_grades = metrics_of(graded=True, labelled=False)
    names = [term.name for term in Explained(DATING_WORDS, 42, of_grades).terms()]

    assert {metric.label for metric in of_grades} <= set(names)
    assert "AUC-ROC" not in names
    assert names == sorted(names, key=str.casefold)


def test_explanations_speak_the_words_of_the_data() -> None:
    page = Explained(Words(positive="duplicate", negative="different"), 7, METRICS)
    margin = next(term for term in page.terms() if term.name == "Margin")

    assert "mean cosine of duplicate pairs" in page.text(margin)
    assert any("different pairs" in line for line in page.details(margin))
    assert "Interval: Student's t with Welch's variance." in page.details(margin)


@pytest.fixture(scope="module", params=[made_baseline, made_comparison], ids=["baseline", "comparison"])
def html(request: pytest.FixtureRequest) -> str:
    made: str = request.param()
    return made


def test_every_button_of_a_page_opens_an_explanation_and_every_explanation_stands_there_once(html: str) -> None:
    targets = set(re.findall(r'popovertarget="([\w-]+)"', html))
    explanations = re.findall(r'<div popover class="term" id="([\w-]+)"', html)

    assert targets
    assert sorted(explanations) == sorted(targets)


def test_every_metric_of_a_page_and_every_chart_has_a_button(html: str) -> None:
    charts = re.findall(r"<figcaption><h4>.*?</h4>(.*?)<p>", html)

    assert {term_id(term) for term in TERMS if set(term.metrics) & ON_PAGE} <= set(buttons(html))
    assert charts
    assert all(len(buttons(chart)) == 1 for chart in charts)
