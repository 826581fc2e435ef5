"""Saying what an answer was worth, in a real browser, with keys alone."""

import pytest
from playwright.sync_api import Locator, Page, expect
from starlette.responses import JSONResponse

from tests.e2e.asking import type_question
from tests.e2e.conftest import Complaints
from tests.fakes.widget_answers import answer, cite, found, reply, say, sentence, write_document
from tests.fakes.widget_server import WidgetServer

pytestmark = pytest.mark.browser

QUESTION = "休みは何日？"
RULES = write_document("就業規則", ("paragraph", "入社日に12日を与える。"))
OTHER = write_document("慶弔規程", ("paragraph", "慶弔休暇は5日とする。"))
FIRST = cite(1, RULES, "入社日に12日を与える。")
SECOND = cite(2, OTHER, "慶弔休暇は5日とする。")
SAID = say("入社日に12日です。", 1)


@pytest.fixture(autouse=True)
def _at_the_page(page: Page, server: WidgetServer, complaints: Complaints) -> None:
    assert not complaints.unexpected
    server.script.answers[QUESTION] = [
        found(FIRST, SECOND),
        sentence(SAID, FIRST),
        answer([SAID], [FIRST]),
    ]
    page.goto(server.url)


def ask(page: Page, question: str = QUESTION) -> Locator:
    exchange = type_question(page, question)
    expect(exchange.locator(".rating")).to_be_visible()
    return exchange


def test_one_key_says_that_an_answer_was_helpful(page: Page, server: WidgetServer) -> None:
    exchange = ask(page)
    up = exchange.get_by_role("button", name="役に立った", exact=True)
    up.focus()
    up.press("Enter")
    expect(exchange.locator(".rating [role=status]")).to_contain_text("ありがとうございます")
    expect(up).to_have_attribute("aria-pressed", "true")
    assert server.rated == [
        {
            "question": QUESTION,
            "history": [],
            "answer_id": "a1",
            "answer_kind": "generated",
            "chunks": ["chunk-1"],
            "helpful": True,
        }
    ]


def test_the_form_asks_why_and_which_found_document_is_right(
    page: Page, server: WidgetServer
) -> None:
    exchange = ask(page)
    exchange.get_by_role("button", name="役に立たなかった").press("Enter")
    expect(exchange.get_by_label("理由")).to_be_focused()
    exchange.get_by_label("理由").select_option("outdated")
    exchange.get_by_label("正しい文書").select_option(label="慶弔規程")
    exchange.get_by_label("コメント").fill("2024年版です。")
    exchange.get_by_role("button", name="送る").press("Enter")
    expect(exchange.locator(".why")).to_have_count(0)
    expect(exchange.get_by_role("button", name="役に立たなかった")).to_be_focused()
    [rated] = server.rated
    assert rated["helpful"] is False
    assert (rated["reason"], rated["comment"]) == ("outdated", "2024年版です。")
    assert rated["correct_document"] == OTHER["document_id"]


@pytest.mark.parametrize(("kind", "reason"), [("refusal", "not-answered"), ("generated", "wrong")])
def test_the_form_begins_with_the_likeliest_reason(
    page: Page, server: WidgetServer, kind: str, reason: str
) -> None:
    server.script.answers[QUESTION] = [answer([say("見つかりませんでした。")], kind=kind)]
    exchange = ask(page)
    exchange.get_by_role("button", name="役に立たなかった").click()
    expect(exchange.locator("select[name=reason]")).to_have_value(reason)


def test_escape_leaves_the_form_and_sends_nothing(page: Page, server: WidgetServer) -> None:
    exchange = ask(page)
    down = exchange.get_by_role("button", name="役に立たなかった")
    down.press("Enter")
    page.keyboard.press("Escape")
    expect(exchange.locator(".why")).to_have_count(0)
    expect(down).to_be_focused()
    expect(down).to_have_attribute("aria-pressed", "false")
    assert not server.rated


def test_a_follow_up_is_rated_with_what_it_follows(page: Page, server: WidgetServer) -> None:
    server.script.answers["では半休は？"] = reply("取れます。")
    ask(page)
    expect(page.locator(".go")).to_have_text("送信")
    exchange = ask(page, "では半休は？")
    exchange.get_by_role("button", name="役に立った", exact=True).click()
    expect(exchange.get_by_text("ありがとうございます")).to_be_visible()
    assert [turn["question"] for turn in server.rated[0]["history"]] == [QUESTION]


def test_what_is_not_kept_is_told_in_the_servers_words(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    complaints.expected.append("429")
    problem = {"status": 429, "title": "多すぎます", "detail": "1 時間に 60 件までです。"}
    server.script.rating_problem = JSONResponse(problem, 429)
    exchange = ask(page)
    up = exchange.get_by_role("button", name="役に立った", exact=True)
    up.click()
    expect(exchange.locator(".rating [role=status]")).to_have_text("1 時間に 60 件までです。")
    expect(up).to_have_attribute("aria-pressed", "false")
    expect(up).to_be_enabled()


def test_an_english_reader_is_asked_in_english(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    exchange = ask(page)
    exchange.get_by_role("button", name="Not helpful").click()
    expect(exchange.get_by_label("The right document")).to_be_visible()
    expect(exchange.get_by_role("button", name="Send")).to_be_visible()
