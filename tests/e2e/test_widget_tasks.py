"""Summarising and comparing an open source in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import type_question
from tests.e2e.conftest import Complaints
from tests.fakes.widget_answers import answer, cite, found, say, write_document
from tests.fakes.widget_server import WidgetServer

pytestmark = pytest.mark.browser

QUESTION = "休みは何日？"
NEW = write_document(
    "就業規則_2024年版",
    *[("paragraph", f"第{number}条の決まりを述べる。" * 8) for number in range(30)],
    ("paragraph", "年次有給休暇は12日とする。"),
    ("paragraph", "<img src=/stolen onerror=alert(1)>は禁止する。"),
)
OLD = write_document("就業規則_2023年版", ("paragraph", "年次有給休暇は10日とする。"))
HOSTILE = "<img src=/stolen onerror=alert(1)>は禁止する。"
SUMMARY: dict[str, Any] = {
    "kind": "extractive",
    "sections": [
        {
            "document_id": NEW["document_id"],
            "heading": ["第4章 休暇"],
            "sentences": [say("年次有給休暇は12日とする。", 1), say(HOSTILE, 2)],
        }
    ],
    "citations": [cite(1, NEW, "年次有給休暇は12日とする。"), cite(2, NEW, HOSTILE)],
    "notices": [{"code": "no-model", "message": "言語モデルがありません。"}],
    "model": "",
}
COMPARISON = {
    "language": "ja",
    "before": {"id": OLD["document_id"], "title": OLD["title"]},
    "overview": {"ja": "変更 1 件です。", "en": "1 changed."},
    "sentences": [],
    "changes": [
        {
            "kind": "changed",
            "row": "",
            "before": "年次有給休暇は10日とする。",
            "after": "年次有給休暇は12日とする。",
            "before_citation": 1,
            "after_citation": 2,
            "words": [
                {"fate": "same", "text": "年次有給休暇は"},
                {"fate": "removed", "text": "10"},
                {"fate": "added", "text": "12"},
                {"fate": "same", "text": "日とする。"},
            ],
            "cells": [],
        }
    ],
    "citations": [
        cite(1, OLD, "年次有給休暇は10日とする。"),
        cite(2, NEW, "年次有給休暇は12日とする。"),
    ],
    "notices": [],
}


@pytest.fixture(autouse=True)
def _at_the_source(page: Page, server: WidgetServer, complaints: Complaints) -> None:
    assert not complaints.unexpected
    place = cite(1, NEW, "第0条の決まりを述べる。")
    sentences = [say("規則があります。", 1)]
    server.script.documents |= {NEW["document_id"]: NEW, OLD["document_id"]: OLD}
    server.script.answers[QUESTION] = [found(place), answer(sentences, [place])]
    server.script.editions = [{"id": OLD["document_id"], "title": OLD["title"], "older": True}]
    server.script.tasks = {"summary": SUMMARY, "comparison": COMPARISON}
    page.goto(server.url)
    type_question(page, QUESTION)
    page.locator(".chip").first.click()
    expect(page.locator("mark")).to_be_visible()


def test_an_open_source_is_summarised_and_its_places_are_shown_beside_it(page: Page) -> None:
    page.get_by_role("button", name="要約").click()
    result = page.locator(".task")
    expect(result).to_contain_text("要約（文書の文のまま）")
    expect(result).to_contain_text("第4章 休暇")
    expect(result).to_contain_text("言語モデルがありません。")
    result.locator(".chip").first.click()
    expect(page.locator("mark")).to_have_text("年次有給休暇は12日とする。")
    expect(page.locator("mark")).to_be_in_viewport()
    expect(result).to_contain_text("第4章 休暇")


def test_a_sentence_of_a_summary_that_is_not_quite_supported_says_so(
    page: Page, server: WidgetServer
) -> None:
    said = [
        say("休暇は12日と定めている。", 1) | {"verdict": "weak"},
        say("休暇は99日とする。", 1) | {"verdict": "unsupported"},
    ]
    section = SUMMARY["sections"][0] | {"sentences": said}
    server.script.tasks = {"summary": SUMMARY | {"sections": [section]}}
    page.get_by_role("button", name="要約").click()
    expect(page.locator(".task")).to_contain_text("休暇は12日と定めている。 ≈")
    expect(page.locator(".task")).to_contain_text("休暇は99日とする。（資料で確認できません）")


def test_nothing_of_a_result_becomes_markup(page: Page) -> None:
    page.get_by_role("button", name="要約").click()
    expect(page.locator(".task")).to_contain_text(HOSTILE)
    expect(page.locator(".task img")).to_have_count(0)


def test_another_edition_is_compared_and_either_place_can_be_shown(page: Page) -> None:
    page.get_by_role("button", name="「就業規則_2023年版」と比べる").click()
    result = page.locator(".task")
    expect(result).to_contain_text("変更 1 件です。")
    expect(result.locator("del")).to_have_text("10")
    expect(result.locator("ins")).to_have_text("12")
    result.locator(".chip").first.click()
    expect(page.get_by_role("heading", name="就業規則_2023年版", exact=True)).to_be_visible()
    expect(page.locator("mark")).to_have_text("年次有給休暇は10日とする。")
    expect(result.locator(".chip")).to_have_count(2)


def test_closing_the_source_takes_the_result_away(page: Page) -> None:
    page.get_by_role("button", name="要約").click()
    expect(page.locator(".task")).to_contain_text("第4章 休暇")
    page.keyboard.press("Escape")
    page.locator(".chip").first.click()
    expect(page.locator("mark")).to_be_visible()
    expect(page.locator(".task")).to_be_hidden()


def test_a_task_that_fails_says_why(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    complaints.expected.append("status of 404")
    server.script.tasks = {}
    page.get_by_role("button", name="要約").click()
    expect(page.locator(".task").get_by_role("alert")).to_be_visible()
