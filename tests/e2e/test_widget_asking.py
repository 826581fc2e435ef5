"""Asking in a real browser: keys, input methods, streams, and how they end."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import type_question
from tests.e2e.conftest import Complaints
from tests.fakes.widget_answers import answer, cite, found, reply, say, sentence, write_document
from tests.fakes.widget_server import Break, Event, Gate, WidgetServer
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.browser

QUESTION = "休みは何日？"
RULES = write_document(
    "就業規則", ("paragraph", "入社日に12日を与える。"), ("paragraph", "最大22日とする。")
)
FIRST = cite(1, RULES, "入社日に12日を与える。")
SECOND = cite(2, RULES, "最大22日とする。")
TWO_SENTENCES = [say("入社日に12日です。", 1), say("最大は22日です。", 2)]


@pytest.fixture(autouse=True)
def _at_the_page(page: Page, server: WidgetServer, complaints: Complaints) -> None:
    assert not complaints.unexpected
    server.script.answers[QUESTION] = reply("12日です。")
    page.goto(server.url)
    expect(page.locator("textarea")).to_be_focused()


def test_enter_asks_and_the_field_is_free_again(page: Page, server: WidgetServer) -> None:
    exchange = type_question(page, QUESTION)
    expect(exchange.locator(".sentence")).to_have_text("12日です。")
    expect(exchange.locator(".status")).to_have_text(
        "生成: qwen3:4b · 見つかった 8 か所のうち 3 か所を読みました"
    )
    expect(page.locator("textarea")).to_have_value("")
    assert [asked.question for asked in server.asked] == [QUESTION]
    assert server.asked[0].language == "ja"


def test_the_next_question_carries_the_conversation_until_it_is_cleared(
    page: Page, server: WidgetServer
) -> None:
    for _ in range(2):
        expect(type_question(page, QUESTION).locator(".sentence")).to_be_visible()
        expect(page.locator(".go")).to_have_text("送信")
    assert server.asked[1].history == [{"question": QUESTION, "answer": "12日です。"}]
    page.get_by_role("button", name="新しい会話").click()
    expect(page.locator(".exchange")).to_have_count(0)
    expect(page.locator("textarea")).to_be_focused()
    expect(type_question(page, QUESTION).locator(".sentence")).to_be_visible()
    assert server.asked[2].history == []


def test_shift_enter_begins_a_line_and_asks_nothing(page: Page, server: WidgetServer) -> None:
    field = page.locator("textarea")
    field.fill("一行目")
    field.press("Shift+Enter")
    field.press_sequentially("二")
    expect(field).to_have_value("一行目\n二")
    assert not server.asked
    assert page.locator(".exchange").count() == 0


def test_an_enter_that_ends_a_conversion_never_asks(page: Page, server: WidgetServer) -> None:
    server.script.answers["休み"] = reply("12日です。")
    page.evaluate(
        """() => { window.keys = [];
        addEventListener("keydown", (e) => keys.push([e.key, e.isComposing, e.keyCode]), true); }"""
    )
    devtools = page.context.new_cdp_session(page)
    for composed in ("や", "やす", "休み"):
        devtools.send(
            "Input.imeSetComposition",
            {"text": composed, "selectionStart": len(composed), "selectionEnd": len(composed)},
        )
    expect(page.locator("textarea")).to_have_value("休み")
    press_enter(page, key_code=13)  # what Firefox and Chromium on some systems send
    press_enter(page, key_code=229)
    heard = page.evaluate("keys")
    assert heard == [["Enter", True, 13], ["Enter", True, 229]], "the browser was converting"
    devtools.send("Input.insertText", {"text": "休み"})
    press_enter(page, key_code=229)  # Safari: after the conversion has ended
    assert page.evaluate("keys.at(-1)") == ["Enter", False, 229]
    expect(page.locator("textarea")).to_have_value("休み")
    assert not server.asked
    assert page.locator(".exchange").count() == 0

    page.locator("textarea").press("Enter")
    expect(page.locator(".sentence")).to_have_text("12日です。")
    assert [asked.question for asked in server.asked] == ["休み"]


def press_enter(page: Page, key_code: int) -> None:
    """Sends the key as the browser itself would: composing is the browser's own state."""
    devtools = page.context.new_cdp_session(page)
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": key_code}
    devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    devtools.detach()


def test_sentences_appear_one_by_one_and_the_whole_answer_changes_nothing(
    page: Page, server: WidgetServer
) -> None:
    gates = [Gate(), Gate(), Gate()]
    server.script.answers[QUESTION] = [
        gates[0],
        found(FIRST, SECOND),
        sentence(TWO_SENTENCES[0], FIRST),
        gates[1],
        sentence(TWO_SENTENCES[1], SECOND),
        gates[2],
        answer(TWO_SENTENCES, [FIRST, SECOND]),
    ]
    exchange = type_question(page, QUESTION)
    expect(exchange.locator(".status")).to_have_text("文書を探しています…")
    gates[0].set()
    expect(exchange.locator(".sentence")).to_have_text(["入社日に12日です。1"])
    expect(exchange.locator(".status")).to_have_text("2 件の箇所を読んでいます…")
    gates[1].set()
    expect(exchange.locator(".sentence")).to_have_count(2)
    exchange.locator(".chip").first.focus()
    gates[2].set()
    expect(exchange.locator(".source")).to_have_count(2)
    # Neither the focus nor a screen reader's place is lost when the stream ends.
    expect(exchange.locator(".chip").first).to_be_focused()


def test_the_whole_answer_wins_over_what_was_streamed(page: Page, server: WidgetServer) -> None:
    server.script.answers[QUESTION] = [
        sentence(say("取り消された文です。")),
        answer([say("正しい文です。", 1)], [FIRST]),
    ]
    exchange = type_question(page, QUESTION)
    expect(exchange.locator(".sentence")).to_have_text(["正しい文です。1"])


def test_stop_ends_the_work_on_the_server_and_says_so(page: Page, server: WidgetServer) -> None:
    server.script.answers[QUESTION] = [found(FIRST), sentence(TWO_SENTENCES[0], FIRST), Gate()]
    exchange = type_question(page, QUESTION)
    expect(exchange.locator(".sentence")).to_be_visible()
    page.get_by_role("button", name="停止").click()
    expect(exchange.locator(".status")).to_have_text("停止しました。回答は途中までです。")
    assert server.abandoned.wait(PATIENCE_S), "the server must see that the reader left"
    expect(page.get_by_role("button", name="送信")).to_be_visible()
    expect(exchange.locator(".sentence")).to_have_text(["入社日に12日です。1"])


def test_a_double_click_on_send_does_not_stop_the_answer(page: Page, server: WidgetServer) -> None:
    gate = Gate()
    server.script.answers[QUESTION] = [gate, *reply("12日です。")]
    page.locator("textarea").fill(QUESTION)
    page.locator(".go").dblclick()
    expect(page.locator(".go")).to_have_text("停止")
    gate.set()
    expect(page.locator(".sentence")).to_have_text("12日です。")
    assert len(server.asked) == 1


@pytest.mark.parametrize("ending", [[], [Break()]], ids=["ends early", "breaks"])
def test_a_stream_that_is_cut_keeps_its_sentences_and_says_so(
    page: Page, server: WidgetServer, complaints: Complaints, ending: list[Break]
) -> None:
    complaints.expected.append("ERR_INCOMPLETE_CHUNKED_ENCODING")
    gate = Gate()
    server.script.answers[QUESTION] = [sentence(TWO_SENTENCES[0], FIRST), gate, *ending]
    exchange = type_question(page, QUESTION)
    expect(exchange.locator(".sentence")).to_be_visible()
    gate.set()
    expect(exchange.locator(".failure")).to_contain_text("接続が途中で切れました")
    expect(exchange.locator(".sentence")).to_have_text(["入社日に12日です。1"])
    expect(page.locator(".go")).to_have_text("送信")


def test_a_problem_on_the_way_is_told_in_the_servers_words(
    page: Page, server: WidgetServer
) -> None:
    server.script.answers[QUESTION] = [found(), Event("error", {"detail": "索引を開けません。"})]
    expect(type_question(page, QUESTION).get_by_role("alert")).to_have_text("索引を開けません。")


def test_an_unreachable_server_is_told_and_the_question_is_not_lost(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    complaints.expected.append("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET")
    server.close()
    expect(type_question(page, QUESTION).get_by_role("alert")).to_contain_text(
        "サーバーに接続できません"
    )
    expect(page.locator("textarea")).to_have_value(QUESTION)


def test_a_reader_who_scrolled_up_is_left_there_and_one_at_the_end_follows(
    page: Page, server: WidgetServer
) -> None:
    gate, end = Gate(), Gate()
    lines = [say(f"{number}番目の文です。" * 8, starts_line=True) for number in range(60)]
    server.script.answers[QUESTION] = [
        *map(sentence, lines[:40]),
        gate,
        *map(sentence, lines[40:]),
        end,
        answer(lines),
    ]
    log = page.locator(".log")
    type_question(page, QUESTION)
    expect(page.locator(".sentence")).to_have_count(40)
    assert log.evaluate("e => e.scrollHeight - e.scrollTop - e.clientHeight") < 2
    log.evaluate("e => { e.scrollTop = 100; }")
    gate.set()
    expect(page.locator(".sentence")).to_have_count(60)
    assert log.evaluate("e => e.scrollTop") == 100
    end.set()
    expect(page.get_by_role("button", name="回答をコピー")).to_have_count(1)
    assert log.evaluate("e => e.scrollTop") == 100


@pytest.mark.parametrize(
    ("verdict", "mark"), [("unsupported", "（資料で確認できません）"), ("weak", " ≈")]
)
def test_a_sentence_that_is_not_quite_supported_says_so(
    page: Page, server: WidgetServer, verdict: str, mark: str
) -> None:
    doubtful = say("最大は30日です。", 1) | {"verdict": verdict}
    said = [TWO_SENTENCES[0], doubtful]
    server.script.answers[QUESTION] = [
        found(FIRST),
        sentence(said[0], FIRST),
        sentence(said[1]),
        answer(said, [FIRST]),
    ]
    sentences = type_question(page, QUESTION).locator(".sentence")
    expect(sentences.last).to_contain_text(f"最大は30日です。{mark}")
    expect(sentences.first).not_to_contain_text(mark.strip())
