from __future__ import annotations

import re
from collections import Counter

import pytest

from src.charts.chart import Chart
from src.evaluation.metric_registry import METRICS, OF_GRADES
from src.models import DATING_WORDS
from src.report.terms import TERMS, Term
from src.visualizations import baseline_charts

END_OF_A_SENTENCE = re.compile(r"[.?!](?= |$)")


def charts_of(kind: type[Chart]) -> set[str]:
    """Names of all charts that there are."""
    assert baseline_charts  # importing it imports every chart
    names = {kind.name} if "name" in vars(kind) else set()
    return names.union(*(charts_of(one) for one in kind.__subclasses__() if one.__module__.startswith("src.")))


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_an_explanation_has_two_sentences_and_says_what_is_good(term: Term) -> None:
    sentence = f"Good here means {term.good}."

    assert len(END_OF_A_SENTENCE.findall(term.text)) == 2
    assert term.text.endswith(".")
    assert len(END_OF_A_SENTENCE.findall(sentence)) == 1
    assert "{" not in DATING_WORDS.fill(term.text + sentence)


def test_no_term_is_explained_twice() -> None:
    names = [term.name for term in TERMS]
    uses = [word.lower() for term in TERMS for word in term.words]

    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert [word for word, times in Counter(uses).items() if times > 1] == []


def test_every_metric_is_explained_once() -> None:
    explained = Counter(name for term in TERMS for name in term.metrics)

    assert explained == dict.fromkeys((metric.name for metric in (*METRICS, *OF_GRADES)), 1)


def test_every_metric_is_explained_under_the_name_that_tables_give_it() -> None:
    labels = {metric.name: metric.label for metric in (*METRICS, *OF_GRADES)}

    assert {name: term.name for term in TERMS for name in term.metrics} == labels


def test_every_chart_is_explained_once() -> None:
    explained = Counter(name for term in TERMS for name in term.charts)

    assert {name: explained[name] for name in charts_of(Chart)} == dict.fromkeys(charts_of(Chart), 1)
    assert set(explained.values()) == {1}
