"""Kept conversations in a real browser: opened, gone on with, renamed, exported, deleted."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Complaints
from tests.fakes.widget_answers import answer, cite, found, reply, say, sentence, write_document
from tests.fakes.widget_server import Break, Event, Gate, HostPage, WidgetServer

pytestmark = pytest.mark.browser

QUESTION = "休みは何日？"
NEXT = "では派遣社員は？"
RULES = write_document("就業規則", ("paragraph", "入社日に12日を与える。"))
CITED = cite(1, RULES, "入社日に12日を与える。")
KEPT = answer([say("12日です。", 1)], [CITED], conversation="c1")
HIDDEN = {"code": "history-out-of-reach", "message": "1 文を表示していません。"}


def keep(identity: str, title: str, *answers: Event) -> dict[str, Any]:
    exchanges = [
        {"question": title, "asked_at": "2026-04-01T00:00:00Z", "answer": each.data}
        for each in answers
    ]
    return {
        "id": identity,
        "title": title,
        "turns": len(exchanges),
        "created_at": "2026-04-01T00:00:00Z",
        "updated_at": "2026-04-02T00:00:00Z",
        "exchanges": exchanges,
    }


@pytest.fixture(autouse=True)
def _at_the_page(page: Page, server: WidgetServer, complaints: Complaints) -> None:
    assert not complaints.unexpected
    for question in (QUESTION, NEXT):
        whole = answer([say("12日です。", 1)], [CITED], conversation="c1")
        server.script.answers[question] = [
            found(CITED),
            sentence(say("12日です。", 1), CITED),
            whole,
        ]
    server.script.documents[RULES["document_id"]] = RULES
    server.script.conversations = [keep("c1", QUESTION, KEPT), keep("c2", "旅費は？", KEPT)]
    page.goto(server.url)
    expect(page.locator("textarea").first).to_be_focused()


def ask(page: Page, question: str = QUESTION) -> Locator:
    field = page.get_by_label("社内文書について質問してください")
    field.fill(question)
    field.press("Enter")
    exchange = page.locator(".exchange").last
    expect(page.locator(".go")).to_have_text("送信")
    return exchange


def open_list(page: Page) -> Locator:
    page.get_by_role("button", name="会話の履歴").click()
    panel = page.get_by_role("dialog", name="会話の履歴")
    expect(panel.locator("li")).not_to_have_count(0)
    return panel


def test_follow_ups_go_on_with_the_kept_conversation(page: Page, server: WidgetServer) -> None:
    ask(page)
    ask(page, NEXT)
    page.get_by_role("button", name="新しい会話").click()
    ask(page)

    assert [asked.conversation for asked in server.asked] == ["new", "c1", "new"]
    assert [asked.history for asked in server.asked] == [[], [], []]


def test_what_the_server_has_not_kept_is_still_sent_along(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    complaints.expected.append("ERR_INCOMPLETE_CHUNKED_ENCODING")
    server.script.answers[QUESTION] = reply("12日です。")  # kept in no conversation
    ask(page)
    ask(page, NEXT)
    told = [{"question": QUESTION, "answer": "12日です。"}]
    assert (server.asked[1].conversation, server.asked[1].history) == ("new", told)

    gate = Gate()
    server.script.answers[NEXT] = [found(), sentence(say("半分だけ。")), gate, Break()]
    field = page.get_by_label("社内文書について質問してください")
    field.fill(NEXT)
    field.press("Enter")
    expect(page.get_by_text("半分だけ。")).to_be_visible()
    gate.set()
    expect(page.get_by_role("alert")).to_be_visible()
    ask(page)
    assert server.asked[3].conversation == "c1"
    assert server.asked[3].history[-1] == {"question": NEXT, "answer": "半分だけ。"}


def test_a_conversation_that_is_gone_is_gone_on_with_as_a_new_one(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    complaints.expected.append("status of 404")
    ask(page)
    kept = server.script.answers.pop(NEXT)
    exchange = ask(page, NEXT)
    expect(exchange.get_by_role("alert")).to_be_visible()
    server.script.answers[NEXT] = kept
    page.get_by_label("社内文書について質問してください").press("Enter")
    expect(page.locator(".exchange").last.locator(".sentence")).to_be_visible()

    assert [asked.conversation for asked in server.asked] == ["new", "c1", "new"]
    assert server.asked[2].history[0]["question"] == QUESTION


def test_a_conversation_is_opened_read_and_gone_on_with_by_keyboard(
    page: Page, server: WidgetServer
) -> None:
    server.script.conversations[1]["exchanges"].append(
        {
            "question": "上限は？",
            "asked_at": "2026-04-02T00:00:00Z",
            "answer": answer([], notices=[HIDDEN], conversation="c2").data,
        }
    )
    page.get_by_role("button", name="会話の履歴").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="会話の履歴")
    expect(panel.locator(".talk").first).to_be_focused()
    expect(panel.get_by_role("status")).to_contain_text("90 日間")
    for _ in range(5):  # past the first conversation's own buttons
        page.keyboard.press("Tab")
    expect(panel.locator(".talk").nth(1)).to_be_focused()
    page.keyboard.press("Enter")

    expect(panel).to_be_hidden()
    expect(page.locator(".question")).to_have_text([re.compile("旅費は"), re.compile("上限は")])
    expect(page.locator(".sentence")).to_have_text([re.compile("12日です。")])
    expect(page.locator(".notice")).to_have_text(HIDDEN["message"])
    page.locator(".chip").click()
    expect(page.locator("mark")).to_have_text("入社日に12日を与える。")
    page.keyboard.press("Escape")
    ask(page, NEXT)
    assert (server.asked[0].conversation, server.asked[0].history) == ("c2", [])
    expect(open_list(page).locator("[aria-current]")).to_have_count(1)


def test_a_conversation_is_renamed_and_an_input_methods_keys_are_left_alone(
    page: Page, server: WidgetServer
) -> None:
    panel = open_list(page)
    panel.get_by_role("button", name=f"名前を変える「{QUESTION}」").click()
    field = panel.get_by_role("textbox")
    expect(field).to_be_focused()
    devtools = page.context.new_cdp_session(page)
    for composed in ("や", "休み"):
        devtools.send(
            "Input.imeSetComposition",
            {"text": composed, "selectionStart": len(composed), "selectionEnd": len(composed)},
        )
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    devtools.send("Input.insertText", {"text": "休み"})
    expect(field).to_have_value("休み")
    assert server.script.conversations[0]["title"] == QUESTION
    field.press("Enter")

    expect(panel.locator(".talk").first).to_contain_text("休み")
    expect(panel.locator(".talk").first).to_be_focused()
    assert server.script.conversations[0]["title"] == "休み"
    panel.get_by_role("button", name="名前を変える「休み」").click()
    panel.get_by_role("textbox").press("Escape")
    expect(panel.locator(".talk").first).to_be_focused()
    expect(panel).to_be_visible()


@pytest.mark.parametrize("form", ["markdown", "json"])
def test_a_conversation_is_exported_as_a_file(page: Page, form: str) -> None:
    panel = open_list(page)
    with page.expect_download() as download:
        label = "Markdown" if form == "markdown" else "JSON"
        panel.get_by_role("button", name=f"{label} で書き出す「{QUESTION}」").click()
    assert download.value.suggested_filename == f"conversation.{form}"
    assert download.value.path().read_text() == f"c1 as {form}"


def test_deleting_asks_first_and_the_open_conversation_goes_from_the_page(
    page: Page, server: WidgetServer
) -> None:
    ask(page)
    panel = open_list(page)
    panel.get_by_role("button", name=f"削除「{QUESTION}」").click()
    expect(panel.get_by_role("button", name="やめる")).to_be_focused()
    page.keyboard.press("Enter")
    assert len(server.script.conversations) == 2
    panel.get_by_role("button", name=f"削除「{QUESTION}」").click()
    panel.get_by_role("button", name="削除する").click()

    expect(panel.locator(".talk")).to_have_count(1)
    expect(panel.locator(".talk")).to_be_focused()
    expect(panel.get_by_role("status")).to_have_text("削除しました。")
    assert [each["id"] for each in server.script.conversations] == ["c2"]
    expect(page.locator(".exchange")).to_have_count(0)


def test_all_conversations_are_deleted_after_asking(page: Page, server: WidgetServer) -> None:
    ask(page)
    panel = open_list(page)
    panel.get_by_role("button", name="全て削除").click()
    expect(panel.get_by_text("全ての会話を削除しますか？")).to_be_visible()
    panel.get_by_role("button", name="削除する").click()

    expect(panel.locator(".talk")).to_have_count(0)
    expect(page.locator(".exchange")).to_have_count(0)
    assert server.script.conversations == []


def test_a_long_list_comes_in_pages(page: Page, server: WidgetServer) -> None:
    server.script.conversations = [keep(f"c{n}", f"質問 {n}", KEPT) for n in range(35)]
    panel = open_list(page)
    expect(panel.locator(".talk")).to_have_count(30)
    panel.get_by_role("button", name="さらに表示").click()
    expect(panel.locator(".talk")).to_have_count(35)
    expect(panel.locator(".talk").nth(30)).to_be_focused()
    expect(panel.get_by_role("button", name="さらに表示")).to_be_hidden()


def test_in_english_and_when_nothing_is_kept(page: Page, server: WidgetServer) -> None:
    server.script.conversations, server.script.kept_days = [], 0
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Your conversations").click()
    panel = page.get_by_role("dialog", name="Your conversations")
    expect(panel.get_by_role("status")).to_have_text("Conversations are not kept on this server.")
    expect(panel.get_by_role("button", name="Close")).to_be_focused()


def test_who_acts_as_somebody_has_no_history(page: Page, server: WidgetServer) -> None:
    person = {"id": "hanako", "name": "佐藤", "name_en": "Sato", "groups": []}
    server.script.session = {"user": "admin", "people": [person]}
    page.reload()
    expect(page.get_by_label("質問する人")).to_have_value("hanako")
    expect(page.get_by_role("button", name="会話の履歴")).to_be_hidden()
    ask(page)
    page.get_by_label("質問する人").select_option("自分（管理者）")
    expect(page.get_by_role("button", name="会話の履歴")).to_be_visible()
    ask(page)
    assert [asked.conversation for asked in server.asked] == [None, "new"]


@pytest.mark.parametrize("wanted", [False, True])
def test_an_embedded_widget_keeps_history_only_when_it_is_asked_to(
    page: Page, server: WidgetServer, wanted: bool
) -> None:
    attribute = "history" if wanted else ""
    html = (
        f'<!doctype html><html lang="ja"><link rel="icon" href="data:,">'
        f'<script type="module" src="{server.url}/kura-chat.js"></script>'
        f'<kura-chat token-url="/token" {attribute}></kura-chat>'
    )
    server.script.token = "embed"
    with HostPage(html, ["embed"]) as host:
        page.goto(host.url)
        expect(page.get_by_role("button", name="会話の履歴")).to_have_count(int(wanted))
        ask(page)
        assert "/static/chat/history.js" not in server.paths, "it is loaded when it is opened"
        if wanted:
            open_list(page).get_by_role("button", name="削除「旅費は？」").click()
            page.get_by_role("button", name="削除する").click()
            expect(page.locator(".talk")).to_have_count(1)

    assert server.asked[0].conversation == ("new" if wanted else None)


def test_the_list_fits_a_telephone(page: Page, server: WidgetServer) -> None:
    server.script.conversations = [keep("c1", "Donaudampfschifffahrt" * 9, KEPT)]
    page.set_viewport_size({"width": 320, "height": 600})
    panel = open_list(page)
    assert panel.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    assert panel.locator(".talks").evaluate("e => e.scrollWidth - e.clientWidth") == 0
    expect(panel.get_by_role("button", name="閉じる")).to_be_in_viewport(ratio=1)
