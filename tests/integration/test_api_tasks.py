"""Tasks over HTTP: whole and streamed, refused with a status, and under the caller's access."""

from io import BytesIO
from pathlib import Path

import docx
import pytest
from fastapi.testclient import TestClient

from app.api.tasking import WORD
from app.main import create_app
from tests.fakes.api_server import open_caller, serving
from tests.fakes.services import Company
from tests.integration.console import Console
from tests.integration.test_api_asking import parse
from tests.patience import PATIENCE_S

FORM = """
title = "報告"
[[fields]]
name = "leave"
label = "休暇"
question = "有給休暇は何日ですか"
"""


@pytest.fixture
def company(company: Company) -> Company:
    (company.home / "forms").mkdir()
    (company.home / "forms" / "report.toml").write_text(FORM, encoding="utf-8")
    (company.home / "forms" / "broken.toml").write_text("title = ", encoding="utf-8")
    return company


@pytest.fixture
def headers(company: Company) -> dict[str, str]:
    return company.key() | {"Accept-Language": "ja"}


def test_a_summary_comes_whole_and_as_events(client: TestClient, company: Company) -> None:
    document = company.publish("規則", "有給休暇は入社日に12日を与える。\n欠勤は事前に届け出る。")
    whole = client.post("/api/v1/tasks/summary", json={"document": document}).json()
    assert whole["kind"] == "extractive"
    assert whole["coverage"] == {"total": 1, "read": 1, "quoted": 1}
    citation = whole["citations"][0]
    assert client.get(citation["text_url"]).json()["text"] == citation["quote"]

    sent = client.post("/api/v1/tasks/summary", json={"document": document, "stream": True})
    events = parse(sent.text)
    names = [name for name, _ in events]
    assert names[-1] == "result"
    assert {"section", "sentence", "notice"} <= set(names)
    assert events[-1][1]["sections"] == whole["sections"]


def test_a_comparison_names_both_places(client: TestClient, company: Company) -> None:
    old = company.publish("規則 2023年版", "本規則の有給休暇は10日とする。\n規則 20年版")
    new = company.publish("規則 2024年版", "本規則の有給休暇は12日とする。\n規則 20年版")
    body = {"before": old, "after": new}
    found = client.post("/api/v1/tasks/comparison", json=body).json()
    [change] = found["changes"]
    assert change["figures"] == [{"kind": "number", "before": "10日", "after": "12日"}]
    numbers = change["before_citation"], change["after_citation"]
    cited = [found["citations"][number - 1]["document_id"] for number in numbers]
    assert cited == [old, new]
    editions = client.get(f"/api/v1/documents/{new}/editions").json()
    assert editions == [{"id": old, "title": "規則 2023年版", "date": "2023-01-01", "older": True}]
    assert not client.get(f"/api/v1/documents/{old}/editions").json()[0]["older"]
    same = client.post("/api/v1/tasks/comparison", json={"before": old, "after": old})
    assert (same.status_code, same.json()["code"]) == (422, "same-document")


def test_a_draft_is_filled_in_from_what_the_caller_may_read(
    client: TestClient, company: Company
) -> None:
    company.publish("規則", "有給休暇は10日です。")
    company.publish("秘密", "有給休暇は99日です。", allow="group:board")
    found = client.post("/api/v1/tasks/draft", json={"form": "report"}).json()
    assert found["fields"][0]["value"] == "有給休暇は10日です。"
    assert "99日" not in str(found)
    events = parse(client.post("/api/v1/tasks/draft", json={"form": "report", "stream": True}).text)
    assert [name for name, _ in events if name in {"field", "result"}] == ["field", "result"]
    missing = client.post("/api/v1/tasks/draft", json={"form": "nothing"})
    assert missing.status_code == 404
    assert "report" in missing.json()["detail"]


def test_a_word_form_comes_back_as_a_word_document(client: TestClient, company: Company) -> None:
    company.publish("規則", "有給休暇は10日です。")
    ask_for_word = {"Accept": WORD}
    body = {"form": "report"}
    refused = client.post("/api/v1/tasks/draft", json=body, headers=ask_for_word)
    assert (refused.status_code, refused.json()["code"]) == (422, "form-has-no-file")
    form = company.home / "forms" / "report.toml"
    template = docx.Document()
    template.add_paragraph("記入欄: {{leave}}")
    template.save(str(company.home / "forms" / "届.docx"))
    form.write_text(f'template = "届.docx"\n{FORM}', encoding="utf-8")
    assert [each["word"] for each in client.get("/api/v1/forms").json()["forms"]] == [True]
    sent = client.post("/api/v1/tasks/draft", json=body, headers=ask_for_word)
    assert sent.headers["content-type"] == WORD
    assert sent.headers["content-disposition"].endswith("%E5%B1%8A.docx")
    filled = docx.Document(BytesIO(sent.content))
    assert filled.paragraphs[0].text == "記入欄: 有給休暇は10日です。 [1]"
    assert client.post("/api/v1/tasks/draft", json=body).json()["fields"]


def test_forms_are_listed_and_only_admins_hear_of_broken_ones(
    client: TestClient, company: Company
) -> None:
    listed = client.get("/api/v1/forms").json()
    assert [form["id"] for form in listed["forms"]] == ["report"]
    assert listed["wrong"] == []
    admin = company.key("admin", scopes=("ask", "admin"))
    assert "broken.toml" in client.get("/api/v1/forms", headers=admin).json()["wrong"][0]


@pytest.mark.parametrize("form", ["summary", "comparison", "editions", "draft"])
def test_an_unreadable_document_answers_like_an_unknown_one(
    client: TestClient, company: Company, form: str
) -> None:
    mine = company.publish("規則", "有給休暇は10日です。")
    hidden = company.publish("秘密", "有給休暇は99日です。", allow="group:board")
    told = []
    for document in (hidden, "00000000-0000-0000-0000-000000000000"):
        if form == "editions":
            answer = client.get(f"/api/v1/documents/{document}/editions")
        else:
            body = {
                "summary": {"document": document},
                "comparison": {"before": mine, "after": document},
                "draft": {"form": "report", "documents": [document]},
            }[form]
            answer = client.post(f"/api/v1/tasks/{form}", json=body)
        problem = answer.json()
        told.append((answer.status_code, problem["detail"].replace(document, "X")))
    assert told[0] == told[1]
    assert told[0][0] == 404


def test_editions_and_summaries_leave_out_what_may_not_be_read(
    client: TestClient, company: Company
) -> None:
    mine = company.publish("規則 2024年版", "有給休暇は10日です。")
    company.publish("規則 2023年版", "規則 20年版 有給休暇は9日です。", allow="group:board")
    assert client.get(f"/api/v1/documents/{mine}/editions").json() == []


def test_tasks_need_somebody_signed_in(company: Company) -> None:
    with TestClient(create_app(company.services)) as client:
        assert client.post("/api/v1/tasks/summary", json={"document": "x"}).status_code == 401
        assert client.get("/api/v1/forms").status_code == 401


def test_who_closes_the_connection_ends_the_task(company: Company) -> None:
    company.publish("規則", "有給休暇は10日です。")
    company.answerer.endless = True
    company.answerer.pause_s = 0.01
    body = {"form": "report", "stream": True}
    with (
        serving(company) as address,
        open_caller(address, company.key()) as caller,
        caller.stream("POST", "/api/v1/tasks/draft", json=body) as stream,
    ):
        assert next(line for line in stream.iter_lines() if line.startswith("event:"))
        stream.close()
        assert company.answerer.closed.wait(PATIENCE_S)


def test_the_command_line_does_the_tasks(tmp_path: Path) -> None:
    console = Console(tmp_path / "home")
    folder = tmp_path / "documents"
    folder.mkdir()
    for year, days in ((2023, 10), (2024, 12)):
        text = f"# 規則 {year}年版\n\n年次有給休暇は{days}日とする。\n\n欠勤は事前に届け出る。\n"
        (folder / f"rules-{year}.md").write_text(text, encoding="utf-8")
    console.json("ingest", str(folder), "--allow", "everyone")
    told = console.run("compare", "rules-2023.md", "rules-2024.md").stdout
    assert "10日 → 12日" in told
    assert "[-10-]{+12+}" in told
    summary = console.json("summarise", "rules-2024.md")
    assert "年次有給休暇は12日とする。" in str(summary["sections"])
