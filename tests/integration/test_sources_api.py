"""Sources over REST: their kinds, their facts, their schedule, and where they may lie."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.orders import INGEST
from tests.fakes.services import Company

SOURCES = "/api/v1/sources"
WEB = {"name": "site", "kind": "web", "location": "https://example.com/"}


def open_client(company: Company) -> TestClient:
    headers = company.key("root", (), ("ask", "write", "admin"))
    return TestClient(create_app(company.services), headers=headers)


@pytest.fixture
def client(company: Company) -> Iterator[TestClient]:
    with open_client(company) as opened:
        yield opened


def ask_both(client: TestClient, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns the refusal in Japanese and in English."""
    return [
        client.post(SOURCES, json=body, headers={"Accept-Language": language}).json()
        for language in ("ja", "en")
    ]


def test_a_source_of_another_kind_is_registered_with_all_its_facts(client: TestClient) -> None:
    body = {
        **WEB,
        "department": "広報",
        "owner": "hanako",
        "tags": ["公開"],
        "access": {"allow": ["everyone"]},
        "schedule": " 0  4 * * 1-5 ",
    }
    made = client.post(SOURCES, json=body)
    assert made.status_code == 201
    shown = client.get(f"{SOURCES}/{made.json()['id']}").json()
    assert shown == made.json()
    assert shown["kind"] == "web"
    assert (shown["owner"], shown["tags"], shown["schedule"]) == ("hanako", ["公開"], "0 4 * * 1-5")
    assert shown["next_run_at"] is not None
    assert shown["last_run"] is None


def test_registering_again_changes_what_is_said_and_resets_the_rest(client: TestClient) -> None:
    client.post(SOURCES, json={**WEB, "owner": "hanako", "schedule": "off"})
    changed = client.post(SOURCES, json={**WEB, "department": "広報"}).json()
    assert (changed["department"], changed["owner"], changed["schedule"]) == ("広報", "", "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schedule": "every night"}, ["schedule", "every night", "0 2 * * *", "off"]),
        ({"settings": {"no_such": 1}}, ["no_such"]),
        ({"location": "ftp://example.com/"}, ["location", "ftp"]),
    ],
)
def test_a_wrong_fact_is_refused_in_both_languages(
    client: TestClient, company: Company, changes: dict[str, Any], words: list[str]
) -> None:
    japanese, english = ask_both(client, {**WEB, **changes})
    assert (japanese["status"], japanese["code"]) == (422, "source-invalid")
    assert japanese["detail"] != english["detail"]
    for word in words:
        assert word in japanese["detail"]
        assert word in english["detail"]
    assert company.catalog.sources.find("site") is None


def test_a_kind_that_runs_code_is_not_registered_over_rest(client: TestClient) -> None:
    refused = client.post(SOURCES, json={"name": "x", "kind": "loader", "location": "a.b.C"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "body.kind"


def test_a_folder_has_no_settings(client: TestClient, tmp_path: Path) -> None:
    body = {"name": "x", "location": str(tmp_path), "settings": {"depth": 1}}
    japanese, english = ask_both(client, body)
    assert "settings.depth" in japanese["detail"]
    assert "settings.depth" in english["detail"]


def test_uploads_are_never_made_to_follow_a_folder(
    client: TestClient, company: Company, tmp_path: Path
) -> None:
    company.source("inbox", kind="upload")
    refused = client.post(SOURCES, json={"name": "inbox", "location": str(tmp_path)})
    assert refused.status_code == 422
    assert "inbox" in refused.json()["detail"]
    found = company.catalog.sources.find("inbox")
    assert found is not None
    assert found.kind == "upload"


def test_the_last_run_and_its_outcome_are_shown(client: TestClient, company: Company) -> None:
    made = client.post(SOURCES, json={**WEB, "schedule": "off"}).json()
    job = client.post(f"{SOURCES}/{made['id']}/ingest").json()["job"]
    assert client.get(SOURCES).json()["sources"][0]["last_run"] is None, "it has not ended"
    error = {"code": "source-unavailable", "ja": "一覧できません", "en": "cannot be listed"}
    company.catalog.jobs.finish(job["id"], "failed", {"error": error})
    (shown,) = client.get(SOURCES).json()["sources"]
    assert (shown["last_run"]["job_id"], shown["last_run"]["state"]) == (job["id"], "failed")
    assert shown["last_run"]["error"] == error
    assert shown["next_run_at"] is None


def test_only_folders_inside_the_roots_are_registered_and_ingested(
    company: Company, tmp_path: Path
) -> None:
    root = tmp_path / "shared"
    for name in ("shared/inside", "other"):
        (tmp_path / name).mkdir(parents=True)
    (root / "link").symlink_to(tmp_path / "other")
    before = company.source("before")
    company.services = replace(company.services, folder_roots=(root,))
    with open_client(company) as client:
        for place in (tmp_path / "other", root / "link", root / ".." / "other"):
            japanese, english = ask_both(client, {"name": "x", "location": str(place)})
            assert (english["status"], english["code"]) == (403, "folder-outside")
            for refusal in (japanese, english):
                assert str(place) in refusal["detail"]
                assert "KURA_FOLDER_ROOTS" in refusal["detail"]
                assert str(root) in refusal["detail"]
        inside = client.post(SOURCES, json={"name": "x", "location": str(root / "inside")})
        assert inside.status_code == 201
        assert client.post(f"{SOURCES}/{inside.json()['id']}/ingest").status_code == 202
        refused = client.post(f"{SOURCES}/{before.id}/ingest")
        assert refused.json()["code"] == "folder-outside"
        mailbox = {"name": "m", "kind": "mbox", "location": "/var/mail/root"}
        assert client.post(SOURCES, json=mailbox).status_code == 403
        assert client.post(SOURCES, json=WEB).status_code == 201
    queued = [job.payload["source_id"] for job in company.catalog.jobs.unfinished(INGEST)]
    assert queued == [inside.json()["id"]]
