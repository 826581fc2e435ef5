"""The page at /: languages, the sample company's people, signing in, and the chat model's state."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import type_question
from tests.e2e.conftest import Complaints
from tests.fakes.widget_answers import reply
from tests.fakes.widget_server import Gate, WidgetServer
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.browser

PEOPLE = [
    {
        "id": "hanako",
        "name": "佐藤 花子（人事部）",
        "name_en": "Hanako Sato (HR)",
        "groups": ["hr"],
    },
    {"id": "james", "name": "ジェームズ・カーター", "name_en": "James Carter", "groups": ["sales"]},
]
SALARY = "課長（G4）の基本給の上限はいくらですか？"
REMEDY = "Ollama を入れて起動してください。"


@pytest.fixture(autouse=True)
def _sample_company(server: WidgetServer, complaints: Complaints) -> None:
    assert not complaints.unexpected
    server.script.session = {"user": "admin", "people": PEOPLE}
    server.script.answers[SALARY] = reply("536,000円です。")


def test_five_questions_are_there_to_click(page: Page, server: WidgetServer) -> None:
    page.goto(server.url)
    expect(page.locator(".suggestions button")).to_have_count(5)
    page.get_by_role("button", name=SALARY).click()
    expect(page.locator(".sentence")).to_have_text("536,000円です。")
    assert server.asked[0].act_as == "hanako", "the sample's documents are for its people"
    expect(page.get_by_role("button", name="回答をコピー")).to_be_visible()  # it is whole
    expect(page.locator(".rating")).to_have_count(0)  # nobody judges in somebody's name


def test_a_newcomer_is_told_whose_documents_these_are(page: Page, server: WidgetServer) -> None:
    page.goto(server.url)
    expect(page.locator("#about")).to_contain_text("サンプル文書")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#about")).to_contain_text("sample documents")
    server.script.session = {"user": "admin", "people": []}
    page.reload()
    expect(page.locator("#about")).to_be_hidden()


def test_another_person_begins_an_empty_conversation_with_their_own_rights(
    page: Page, server: WidgetServer
) -> None:
    gate = Gate()
    server.script.answers[SALARY] = [gate, *reply("536,000円です。")]
    page.goto(server.url)
    page.get_by_role("button", name=SALARY).click()
    expect(page.locator(".exchange")).to_have_count(1)
    page.get_by_label("質問する人").select_option("james")
    expect(page.locator(".exchange")).to_have_count(0)
    assert server.abandoned.wait(PATIENCE_S), "what is written for one reader stops"
    gate.set()
    page.get_by_role("button", name=SALARY).click()
    expect(page.locator(".sentence")).to_have_text("536,000円です。")
    page.reload()
    expect(page.get_by_label("質問する人")).to_have_value("james")
    page.get_by_label("質問する人").select_option("自分（管理者）")
    expect(page.locator(".suggestions")).to_have_count(0)
    type_question(page, SALARY)
    expect(page.locator(".sentence")).to_be_visible()
    assert [asked.act_as for asked in server.asked] == ["hanako", "james", None]
    assert [asked.history for asked in server.asked] == [[], [], []]


def test_without_the_sample_there_is_nobody_to_switch_to(page: Page, server: WidgetServer) -> None:
    server.script.session = {"user": "admin", "people": []}
    page.goto(server.url)
    expect(page.locator(".intro")).to_have_text(
        "あなたが読める文書だけを根拠に、出典付きで答えます。"
    )
    expect(page.get_by_label("質問する人")).to_be_hidden()
    expect(page.locator(".suggestions")).to_have_count(0)


def test_the_language_changes_everything_but_the_conversation(
    page: Page, server: WidgetServer
) -> None:
    page.goto(server.url)
    page.get_by_role("button", name=SALARY).click()
    expect(page.locator(".sentence")).to_be_visible()
    page.locator("textarea").fill("書きかけ")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    expect(page.get_by_label("Ask as").locator("option")).to_have_text(
        ["Hanako Sato (HR)", "James Carter", "Yourself (administrator)"]
    )
    expect(page.get_by_role("button", name="What is the highest base salary")).to_be_attached()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".sentence")).to_have_text("536,000円です。")
    expect(page.locator("textarea")).to_have_value("書きかけ")
    page.reload()
    expect(page.get_by_role("button", name="日本語")).to_be_visible()
    type_question(page, SALARY)
    expect(page.locator(".sentence")).to_be_visible()
    assert [asked.language for asked in server.asked] == ["ja", "en"]


def test_someone_not_signed_in_is_told_how_at_once(
    page: Page, server: WidgetServer, complaints: Complaints
) -> None:
    complaints.expected.append("status of 401")
    server.script.session = None
    page.goto(server.url)
    expect(page.locator("#banner")).to_contain_text("kura keys link")
    type_question(page, SALARY)
    expect(page.get_by_role("alert")).to_contain_text("サインインが必要です")
    expect(page.locator("textarea")).to_have_value(SALARY)


def test_the_banner_says_how_to_connect_a_model_and_goes_when_one_appears(
    page: Page, server: WidgetServer
) -> None:
    server.script.model = {"connected": False, "reason": "no-model", "remedy": REMEDY}
    page.clock.install()
    page.goto(server.url)
    banner = page.locator("#banner")
    expect(banner).to_contain_text("回答は文書からの引用です")
    expect(banner).to_contain_text(REMEDY)
    server.script.model = {"connected": True, "reason": "", "remedy": ""}
    page.clock.run_for(16_000)
    expect(banner).to_be_hidden()


@pytest.mark.parametrize("width", [320, 375])
def test_nothing_is_wider_than_a_telephone(page: Page, server: WidgetServer, width: int) -> None:
    word = "Donaudampfschifffahrtsgesellschaft" * 5
    server.script.answers[word] = reply(word)
    server.script.model = {"connected": False, "remedy": word}
    page.set_viewport_size({"width": width, "height": 667})
    page.goto(server.url)
    expect(page.locator(".suggestions button")).to_have_count(5)
    type_question(page, word)
    expect(page.locator(".sentence")).to_be_visible()
    too_wide = """e => e.scrollWidth - e.clientWidth"""
    assert page.locator("html").evaluate(too_wide) == 0
    assert page.locator(".log").evaluate(too_wide) == 0
    expect(page.locator(".go")).to_be_in_viewport(ratio=1)
