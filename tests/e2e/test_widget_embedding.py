"""The widget inside a page of another site: one script tag, a token, and nobody else's looks."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import type_question
from tests.e2e.conftest import Complaints
from tests.fakes.widget_answers import answer, cite, found, say, write_document
from tests.fakes.widget_server import HostPage, WidgetServer

pytestmark = pytest.mark.browser

QUESTION = "How many days off?"
RULES = write_document("PTO Policy", ("paragraph", "Less than 2 years: 15 days per year."))
HOSTILE_LOOKS = """
    html { font-size: 62.5%; }
    * { color: red; font-size: 40px; letter-spacing: 1em; text-align: right; line-height: 4;
        text-transform: uppercase; white-space: pre; visibility: visible; }
    p, button, textarea, section, dialog { display: none !important; }
"""


def embed(server: WidgetServer, looks: str = "", attributes: str = "") -> str:
    """Returns an intranet page with the widget."""
    return f"""<!doctype html><html lang="en"><title>Intranet</title>
        <link rel="icon" href="data:,"><style>{looks}</style>
        <h1>Intranet</h1>
        <kura-chat token-url="/token" {attributes}></kura-chat>
        <div id="end">End of page</div>
        <script type="module" src="{server.url}/kura-chat.js"></script>"""


@pytest.fixture(autouse=True)
def _needs_a_token(server: WidgetServer, complaints: Complaints) -> None:
    assert not complaints.unexpected
    citation = cite(1, RULES, "15 days per year")
    server.script.token = "kura_good"
    server.script.documents[RULES["document_id"]] = RULES
    server.script.answers[QUESTION] = [
        found(citation),
        answer([say("You get 15 days.", 1), say("Ask HR for more.")], [citation], language="en"),
    ]


def test_one_script_tag_and_a_token_are_enough(page: Page, server: WidgetServer) -> None:
    with HostPage(embed(server), ["kura_good"]) as host:
        page.goto(host.url)
        expect(page.get_by_role("button", name="Send")).to_be_visible()
        assert page.evaluate("document.activeElement.tagName") == "BODY", "it takes no focus"
        type_question(page, QUESTION)
        expect(page.locator(".sentence")).to_have_text(["You get 15 days.1", "Ask HR for more."])
        expect(page.locator(".body")).to_have_text("You get 15 days.1 Ask HR for more.")
        page.locator(".chip").click()
        expect(page.locator("mark")).to_have_text("15 days per year")
        assert host.token_requests == 1
    assert server.asked[0].authorization == "Bearer kura_good"


def test_an_expired_token_is_renewed_without_a_word(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    complaints.expected.append("status of 401")
    with HostPage(embed(server), ["kura_expired", "kura_good"]) as host:
        page.goto(host.url)
        type_question(page, QUESTION)
        expect(page.locator(".sentence")).to_have_count(2)
        assert host.token_requests == 2


def test_a_reader_whose_site_gives_no_good_token_is_told_to_reload(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    complaints.expected.append("status of 401")
    with HostPage(embed(server), ["kura_expired"]) as host:
        page.goto(host.url)
        type_question(page, QUESTION)
        expect(page.get_by_role("alert")).to_have_text(
            "Your sign-in has expired. Please reload this page."
        )


def test_the_looks_of_the_page_and_of_the_widget_stay_apart(
    page: Page, server: WidgetServer
) -> None:
    looks_of = """e => { const s = getComputedStyle(e); return [s.color, s.fontSize, s.lineHeight,
        s.letterSpacing, s.textAlign, s.textTransform, s.whiteSpace, s.display]; }"""
    seen = []
    for looks in ("", HOSTILE_LOOKS):
        with HostPage(embed(server, looks), ["kura_good"]) as host:
            page.goto(host.url)
            type_question(page, QUESTION)
            expect(page.locator(".sentence").first).to_be_visible()
            page.locator(".chip").click()
            expect(page.locator("mark")).to_be_visible()
            parts = [
                ".intro",
                ".sentence",
                ".question",
                "textarea",
                ".go",
                ".chip",
                "mark",
                "dialog",
            ]
            seen.append([page.locator(part).first.evaluate(looks_of) for part in parts])
            end = page.locator("#end").evaluate(looks_of)
    assert seen[0] == seen[1]
    assert end[0] == "rgb(255, 0, 0)", "the page's own looks are as it wrote them"


def test_a_page_can_hide_it_and_move_it_without_losing_the_conversation(
    page: Page, server: WidgetServer
) -> None:
    with HostPage(embed(server), ["kura_good"]) as host:
        page.goto(host.url)
        type_question(page, QUESTION)
        expect(page.locator(".sentence")).to_have_count(2)
        page.evaluate("document.body.append(document.querySelector('kura-chat'))")
        expect(page.locator(".sentence")).to_have_count(2)
        page.evaluate("document.querySelector('kura-chat').hidden = true")
        expect(page.locator(".sentence").first).to_be_hidden()


def test_asking_moves_the_widget_but_never_the_page_around_it(
    page: Page, server: WidgetServer
) -> None:
    looks = "h1 { height: 300px } #end { height: 3000px }"
    with HostPage(embed(server, looks), ["kura_good"]) as host:
        page.goto(host.url)
        page.evaluate("scrollTo(0, 120)")
        page.locator("textarea").focus()
        before = page.evaluate("scrollY")
        type_question(page, QUESTION)
        expect(page.locator(".sentence")).to_have_count(2)
        page.locator(".chip").click()
        expect(page.locator("mark")).to_be_visible()
        assert page.evaluate("scrollY") == before
