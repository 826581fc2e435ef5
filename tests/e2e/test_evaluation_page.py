"""The report of a measurement, opened in a real browser from a file."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.evaluating.gating import read_bars
from app.evaluating.keeping import begin
from app.evaluating.model import Outcome
from app.evaluating.running import report
from tests.e2e.conftest import Complaints

pytestmark = pytest.mark.browser


def make_outcome(number: int, **about: object) -> Outcome:
    given = {
        "id": f"q{number}",
        "set_name": "own",
        "question": f"{number} 番の質問は <b>何</b> ですか",
        "language": "ja",
        "kind": "answerable",
        "department": "人事" if number % 2 else "経理",
        "expect": "answer",
        "cross": False,
        "answer_kind": "extractive",
        "said": "十日です。<img src=https://example.com/x.png>",
        "said_in": "ja",
        "found": ("規則.txt",),
        "cited": ("規則.txt",),
        "wanted": ("規則.txt",),
        "right_citations": 1,
        "rank": 1,
        "verdicts": {"supported": 1},
        "milliseconds": 10 * number,
        **about,
    }
    return Outcome(**given)


@pytest.fixture
def opened(page: Page, tmp_path: Path, complaints: Complaints) -> Page:
    """The page of a run of six questions, compared with one before; it asked for nothing else."""
    assert not complaints.unexpected
    plan = {
        "started_at": "",
        "model": "",
        "state": "change 3; static:abc; everyone",
        "sets": [{"name": "own", "questions": 7}],
        "skipped": [{"id": "q9", "documents": ["旅費.txt"]}],
    }
    outcomes = [
        *(make_outcome(number) for number in range(1, 4)),
        make_outcome(4, rank=0, answer_kind="refusal", cited=(), right_citations=0),
        make_outcome(5, language="en", said_in="en"),
        make_outcome(6, expect="refuse", kind="unanswerable", wanted=(), rank=None),
    ]
    earlier = begin(tmp_path, plan)
    for outcome in (make_outcome(1, rank=0), make_outcome(2)):
        earlier.add(outcome)
    report(earlier, earlier.outcomes(), [], None)
    run = begin(tmp_path, plan)
    bars = read_bars(["recall=0.5", "recall=0.99"])
    report(run, outcomes, bars, earlier)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(run.page.as_uri())
    assert asked == [run.page.as_uri()]
    return page


def test_the_report_shows_plots_and_loads_nothing(opened: Page) -> None:
    # overall, latency, comparison, and one for each measure that is shown by group
    assert opened.locator("svg.plot").count() == 3 + 5
    for plot in opened.locator("svg.plot").all():
        assert plot.bounding_box()["height"] > 30
        assert plot.get_attribute("aria-label")
    overall = opened.locator("svg.plot").first
    assert overall.locator("circle").count() > 6
    assert overall.locator("line.whisker").count() == overall.locator("circle").count()
    expect(opened.locator("body")).to_contain_text("再現率@5 / recall@5")
    expect(opened.locator("body")).to_contain_text("旅費.txt")
    assert opened.locator("img").count() == 0  # an answer's words are never markup


def test_the_gates_and_what_got_better_are_told(opened: Page) -> None:
    gates = opened.locator("section", has_text="Gates").first
    assert gates.locator(".good").count() == 2  # no leak, and the lower bar
    assert gates.locator(".bad").count() == 1
    changed = opened.locator("section", has_text="Compared with").locator("tr", has_text="recall@5")
    expect(changed.locator(".good")).to_have_text("q1")


def test_the_questions_are_filtered_by_words_kind_and_what_went_wrong(opened: Page) -> None:
    rows = opened.locator("#questions tbody tr:visible")
    assert rows.count() == 6
    opened.get_by_label("言語 / language").select_option("en")
    assert rows.count() == 1
    opened.get_by_label("言語 / language").select_option("")
    opened.get_by_role("checkbox").check()
    assert rows.count() == 2
    expect(opened.locator("#shown")).to_have_text("2 / 6")
    opened.get_by_role("searchbox").fill("q4")
    assert rows.count() == 1
    rows.locator("summary").click()
    expect(rows).to_contain_text("規則.txt")


def test_print_leaves_the_filter_out_and_keeps_the_plots(opened: Page) -> None:
    opened.emulate_media(media="print")
    expect(opened.locator("#filter")).to_be_hidden()
    expect(opened.locator("svg.plot").first).to_be_visible()
