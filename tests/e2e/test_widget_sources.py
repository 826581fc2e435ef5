"""Checking an answer in a real browser: sources opened at the place, and nothing becomes markup."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import type_question
from tests.e2e.conftest import Complaints
from tests.fakes.widget_answers import (
    answer,
    cite,
    found,
    notice,
    say,
    sentence,
    write_document,
)
from tests.fakes.widget_server import WidgetServer

pytestmark = pytest.mark.browser

QUESTION = "休みは何日？"
QUOTE = "𠮷田のほか全員に12日の年次有給休暇を与える。"
RULES = write_document(
    "就業規則_2024年版",
    ("heading", "𠮷野工場 就業規則 👨‍👩‍👧"),
    *[("paragraph", f"第{number}条 𩸽とその他の決まりを述べる。" * 6) for number in range(40)],
    ("paragraph", f"前の文です𠮷。{QUOTE}後の文です。"),
    ("table", "区分\t日当（円）\n一般社員\t2,200\n課長・部長\t2,800"),
    *[("paragraph", "付則を述べる。" * 30) for _ in range(20)],
    pages=True,
)
HOSTILE = (
    "<img src=/stolen onerror=\"fetch('/stolen')\"><script>fetch('/stolen')</script>"
    "![x](/stolen) [link](javascript:alert(1)) <b>太字</b> <style>*{display:none}</style>"
)


@pytest.fixture(autouse=True)
def _at_the_page(page: Page, server: WidgetServer, complaints: Complaints) -> None:
    assert not complaints.unexpected
    citations = [cite(1, RULES, QUOTE), cite(2, RULES, "課長・部長\t2,800")]
    sentences = [say("12日です。", 1), say("日当は2,800円です。", 2)]
    server.script.documents[RULES["document_id"]] = RULES
    server.script.answers[QUESTION] = [
        found(*citations),
        sentence(sentences[0], citations[0]),
        answer(sentences, citations),
    ]
    page.goto(server.url)


def ask(page: Page) -> None:
    """Asks and waits for the end of the answer."""
    type_question(page, QUESTION)
    expect(page.locator(".go")).to_have_text("送信")
    expect(page.locator(".status.settled")).to_have_count(1)


def test_a_citation_opens_its_document_at_the_marked_place(page: Page) -> None:
    ask(page)
    page.get_by_role("button", name="出典 1「就業規則_2024年版」を開く").click()
    dialog = page.get_by_role("dialog", name="就業規則_2024年版")
    expect(dialog).to_be_visible()
    # Characters beyond 16 bits before and in the mark shift nothing.
    expect(dialog.locator("mark")).to_have_text(QUOTE)
    expect(dialog.locator("mark")).to_be_in_viewport()
    expect(dialog.get_by_text("42 ページ")).to_be_in_viewport()
    expect(page.locator(".document")).to_be_focused()


def test_a_cited_table_row_is_marked_in_a_table(page: Page) -> None:
    ask(page)
    page.locator(".source").nth(1).press("Enter")
    table = page.get_by_role("table")
    expect(table.locator("th")).to_have_text(["区分", "日当（円）"])
    expect(table.locator("mark")).to_have_text(["課長・部長", "2,800"])
    expect(table.locator("mark").first).to_be_in_viewport()


def test_escape_closes_the_source_and_gives_the_focus_back(page: Page) -> None:
    ask(page)
    chip = page.locator(".chip").first
    chip.press("Enter")
    expect(page.locator("mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(chip).to_be_focused()


def test_pressing_beside_the_dialog_closes_it_but_a_selection_that_ends_there_does_not(
    page: Page,
) -> None:
    ask(page)
    page.locator(".chip").first.click()
    mark = page.locator("mark")
    expect(mark).to_be_visible()
    mark.hover()
    page.mouse.down()
    page.mouse.move(5, 400)
    page.mouse.up()
    expect(mark).to_be_visible()
    page.mouse.click(5, 400)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_document_that_is_gone_is_told(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    complaints.expected.append("status of 404")
    ask(page)
    server.script.documents.clear()
    page.locator(".chip").first.click()
    expect(page.get_by_role("alert")).to_contain_text("この文書は開けません")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=utf-8''%E8%A6%8F%E7%A8%8B.txt", "規程.txt"),
        ('attachment; filename="rules 2024.txt"', "rules 2024.txt"),
    ],
)
def test_the_original_file_is_downloaded_under_its_own_name(
    page: Page, server: WidgetServer, disposition: str, name: str
) -> None:
    server.script.disposition = disposition
    ask(page)
    page.locator(".chip").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="元のファイル").click()
    assert download.value.suggested_filename == name


def test_the_live_page_of_a_document_from_the_web_is_offered_and_never_loaded(
    page: Page, server: WidgetServer
) -> None:
    live = page.get_by_role("link", name="元のページを開く")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ("javascript:alert(1)", "data:text/html,x", "", "https://intra.example/a?b=1"):
        server.script.documents[RULES["document_id"]] = RULES | {"web_url": address}
        page.reload()
        ask(page)
        page.locator(".chip").first.click()
        expect(page.locator("mark")).to_have_count(1)
        expect(live).to_have_count(1 if address.startswith("https:") else 0)
    expect(live).to_have_attribute("href", "https://intra.example/a?b=1")
    expect(live).to_have_attribute("rel", "noopener noreferrer")
    expect(live).to_have_attribute("target", "_blank")
    assert not [address for address in asked if "intra.example" in address]


def test_a_link_of_the_rest_interface_opens_the_document_at_its_place(
    page: Page, server: WidgetServer
) -> None:
    citation = cite(1, RULES, QUOTE)
    place = f"document={citation['document_id']}&start={citation['start']}&end={citation['end']}"
    page.goto(f"{server.url}/#{place}")
    page.reload()
    expect(page.get_by_role("dialog", name="就業規則_2024年版")).to_be_visible()
    expect(page.locator("mark")).to_have_text(QUOTE)
    expect(page.locator("mark")).to_be_in_viewport()


def test_nothing_from_documents_or_answers_becomes_markup_or_a_request(
    page: Page, server: WidgetServer
) -> None:
    evil = write_document(HOSTILE, ("paragraph", HOSTILE), ("table", f"a\t{HOSTILE}"))
    server.script.documents[evil["document_id"]] = evil
    citation = cite(1, evil, HOSTILE) | {"heading": [HOSTILE], "sheet": HOSTILE}
    near = {"document_id": "x", "title": HOSTILE, "owner": HOSTILE, "department": HOSTILE}
    server.script.answers[QUESTION] = [
        found(citation),
        sentence(say(HOSTILE, 1), citation),
        answer(
            [say(HOSTILE, 1)],
            [citation],
            model=HOSTILE,
            nearest=[near],
            notices=[{"code": "x", "message": HOSTILE}],
        ),
    ]
    ask(page)
    expect(page.locator(".notice")).to_have_text(HOSTILE)
    expect(page.locator(".sentence")).to_contain_text(HOSTILE)
    page.locator(".chip").click()
    expect(page.locator("mark").first).to_have_text(HOSTILE)
    page.wait_for_load_state("networkidle")
    assert page.locator(".kura :is(img, script, a, b, style)").count() == 0
    assert not [path for path in server.paths if "stolen" in path]


def test_an_answer_is_copied_with_its_sources(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page)
    page.get_by_role("button", name="回答をコピー").click()
    expect(page.get_by_role("button", name="コピーしました")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        "12日です。[1]\n日当は2,800円です。[2]\n\n"
        "[1] 就業規則_2024年版 · 42 ページ · 第4章 休暇\n"
        "[2] 就業規則_2024年版 · 43 ページ · 第4章 休暇"
    )


def test_a_refusal_names_the_nearest_documents_and_whom_to_ask(
    page: Page, server: WidgetServer
) -> None:
    near = {
        "document_id": RULES["document_id"],
        "title": RULES["title"],
        "owner": "人事部 佐藤 花子",
        "department": "人事",
    }
    server.script.answers[QUESTION] = [
        answer([say("見つかりませんでした。")], kind="refusal", nearest=[near], model="")
    ]
    ask(page)
    expect(page.get_by_role("heading", name="近い文書")).to_be_visible()
    expect(page.locator(".source")).to_have_text(["就業規則_2024年版人事 · 人事部 佐藤 花子"])
    expect(page.get_by_role("button", name="回答をコピー")).to_have_count(0)
    page.locator(".source").click()
    expect(page.get_by_role("dialog").get_by_text("就業規則 👨‍👩‍👧")).to_be_in_viewport()
    expect(page.locator("mark")).to_have_count(0)


def test_a_refusal_shows_what_comes_nearest_and_calls_none_of_it_an_answer(
    page: Page, server: WidgetServer
) -> None:
    doubt = {"code": "near-passages", "message": "答えそのものではない可能性があります。"}
    said = [say("見つかりませんでした。", starts_line=True), say(QUOTE, 1, starts_line=True)]
    citation = cite(1, RULES, QUOTE)
    server.script.answers[QUESTION] = [
        notice(**doubt),
        sentence(said[0]),
        sentence(said[1], citation),
        answer(said, [citation], kind="refusal", model="", notices=[doubt]),
    ]
    ask(page)
    expect(page.locator(".notice, .body p")).to_have_text(
        [doubt["message"], "見つかりませんでした。", f"{QUOTE}1"]
    )
    expect(page.locator(".status")).to_have_text("")
    expect(page.get_by_role("heading", name="出典")).to_be_visible()
    expect(page.get_by_role("button", name="回答をコピー")).to_have_count(0)


def test_an_answer_of_quotations_says_that_no_model_wrote_it(
    page: Page, server: WidgetServer
) -> None:
    notice = {"code": "no-model", "message": "言語モデルが使えないため、引用でお答えします。"}
    citation = cite(1, RULES, QUOTE)
    server.script.answers[QUESTION] = [
        answer([say(QUOTE, 1)], [citation], kind="extractive", model="", notices=[notice])
    ]
    ask(page)
    expect(page.locator(".notice")).to_have_text([notice["message"]])
    expect(page.locator(".status")).to_have_text(
        "文書からの引用 · 見つかった 8 か所のうち 3 か所を読みました"
    )
