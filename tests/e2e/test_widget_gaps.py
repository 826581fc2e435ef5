"""Reporting, in a real browser, that the documents do not say something."""

import pytest
from playwright.sync_api import Locator, Page, expect
from starlette.responses import JSONResponse

from tests.e2e.asking import type_question
from tests.e2e.conftest import Complaints
from tests.fakes.widget_answers import answer, notice, refuse, reply, say, sentence
from tests.fakes.widget_server import WidgetServer

pytestmark = pytest.mark.browser

QUESTION = "犬は連れて行けますか"
OFFER = "資料がないことを知らせる"
NEAR = {
    "document_id": "d1",
    "title": "施設管理規程",
    "owner": "総務部 佐藤",
    "department": "総務",
    "url": "",
}


@pytest.fixture(autouse=True)
def _at_the_page(page: Page, server: WidgetServer, complaints: Complaints) -> None:
    assert not complaints.unexpected
    server.script.answers[QUESTION] = refuse(NEAR)
    page.goto(server.url)


def ask(page: Page, question: str = QUESTION) -> Locator:
    exchange = type_question(page, question)
    expect(exchange.locator(".rating, .failure")).to_be_visible()
    return exchange


def test_one_click_reports_what_the_answer_says_to_report(page: Page, server: WidgetServer) -> None:
    exchange = ask(page)
    offer = exchange.get_by_role("button", name=OFFER)
    offer.click()
    expect(exchange.locator(".gap [role=status]")).to_contain_text("管理者に伝えました")
    expect(offer).to_have_attribute("aria-pressed", "true")
    [reported] = server.rated
    assert (reported["reason"], reported["nearest"]) == ("missing", ["d1"])
    assert (reported["question"], reported["answer_id"]) == (QUESTION, "a1")


def test_an_answer_that_leaves_no_gap_offers_nothing(page: Page, server: WidgetServer) -> None:
    server.script.answers["休みは何日？"] = reply("10日です。")
    exchange = ask(page, "休みは何日？")
    expect(exchange.get_by_role("button", name=OFFER)).to_have_count(0)


def test_that_it_may_not_be_the_answer_is_said_before_it(page: Page, server: WidgetServer) -> None:
    doubt = {"code": "near-passages", "message": "答えそのものではない可能性があります。"}
    other = {"code": "no-model", "message": "文書からの引用でお答えします。"}
    said = say("定食は480円です。")
    server.script.answers[QUESTION] = [
        notice(**doubt),
        sentence(said),
        answer([said], notices=[doubt, other]),
    ]
    exchange = ask(page)
    shown = exchange.locator(".notice, .body")
    expect(shown).to_have_text([doubt["message"], "定食は480円です。", other["message"]])


def test_a_report_that_is_not_kept_says_why_and_can_be_sent_again(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    complaints.expected.append("429")
    problem = {"status": 429, "title": "多すぎます", "detail": "1 時間に 60 件までです。"}
    server.script.rating_problem = JSONResponse(problem, 429)
    exchange = ask(page)
    offer = exchange.get_by_role("button", name=OFFER)
    offer.click()
    expect(exchange.locator(".gap [role=status]")).to_have_text("1 時間に 60 件までです。")
    server.script.rating_problem = None
    offer.click()
    expect(exchange.locator(".gap [role=status]")).to_contain_text("ありがとうございます")
    assert len(server.rated) == 1


def test_an_english_reader_is_offered_it_in_english(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    offer = ask(page).get_by_role("button", name="Report that this is missing")
    offer.press("Enter")
    expect(page.locator(".gap [role=status]")).to_contain_text("Your administrators will see")
