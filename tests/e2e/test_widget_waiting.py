"""What a reader sees while waiting for the model, and when text leaves the company."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import type_question
from tests.e2e.conftest import Complaints
from tests.fakes.widget_answers import answer, found, notice, queued, say, sentence
from tests.fakes.widget_server import Gate, WidgetServer
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.browser

QUESTION = "休みは何日？"
SENT = "この回答を書くため、質問と文書の抜粋を社外の api.example.com に送ります。"


def test_the_place_in_line_is_told_and_gives_way_to_the_answer(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    first, second, third = Gate(), Gate(), Gate()
    server.script.answers[QUESTION] = [
        *(found(), queued(3), first, queued(1), second, queued(0), third),
        *(sentence(say("12日です。")), answer([say("12日です。")])),
    ]
    page.goto(server.url)
    status = type_question(page, QUESTION).locator(".status")
    expect(status).to_have_text("言語モデルの順番を待っています（3 番目）…")
    first.set()
    expect(status).to_have_text("言語モデルの順番を待っています（1 番目）…")
    second.set()
    expect(status).to_have_text("0 件の箇所を読んでいます…")
    third.set()
    expect(status).to_contain_text("生成: qwen3:4b")
    assert not complaints.unexpected


def test_an_english_reader_is_told_the_place_in_english(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    gate = Gate()
    server.script.answers[QUESTION] = [found(), queued(2), gate, answer([say("12日です。")])]
    page.goto(server.url)
    page.get_by_role("button", name="English").click()
    status = type_question(page, QUESTION).locator(".status")
    expect(status).to_have_text("Waiting for the chat model (number 2)…")
    gate.set()
    expect(status).to_contain_text("Written by")
    assert not complaints.unexpected


def test_a_reader_who_waits_can_stop(page: Page, server: WidgetServer) -> None:
    server.script.answers[QUESTION] = [found(), queued(2), Gate()]
    page.goto(server.url)
    exchange = type_question(page, QUESTION)
    expect(exchange.locator(".status")).to_contain_text("2 番目")
    page.get_by_role("button", name="停止").click()
    expect(exchange.locator(".status")).to_have_text("停止しました。")
    assert server.abandoned.wait(PATIENCE_S)


def test_an_answer_of_a_cloud_model_names_it_and_says_that_text_leaves(
    page: Page, server: WidgetServer
) -> None:
    server.script.answers[QUESTION] = [
        *(found(), notice("sent-outside", SENT), sentence(say("12日です。"))),
        answer(
            [say("12日です。")],
            model="api.example.com: gpt",
            notices=[{"code": "sent-outside", "message": SENT}],
        ),
    ]
    page.goto(server.url)
    exchange = type_question(page, QUESTION)
    expect(exchange.locator(".notice")).to_have_text(SENT)
    expect(exchange.locator(".status")).to_contain_text("生成: api.example.com: gpt")
