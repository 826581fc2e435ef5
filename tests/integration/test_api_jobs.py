"""Jobs: who may see them, what their reports tell, and how they are followed and cancelled."""

import json

import pytest
from fastapi.testclient import TestClient

from app.api.streams import MOST_STREAMS
from app.orders import INGEST
from tests.fakes.api_server import open_caller, requesting, serving
from tests.fakes.services import Company, files

DOCUMENTS = "/api/v1/documents"
JOBS = "/api/v1/jobs"
WRITE = ("ask", "write")
ALL = ("ask", "write", "admin")


@pytest.fixture
def headers(company: Company) -> dict[str, str]:
    return company.key("hanako", ("hr",), WRITE)


def test_jobs_of_others_are_not_there(client: TestClient, company: Company) -> None:
    job = client.post(DOCUMENTS, files=files(("a.txt", b"a"))).json()["job"]
    missing = "00000000-0000-4000-8000-000000000000"
    taro, admin = company.key("taro", (), WRITE), company.key("root", (), ALL)

    for method, tail in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
        answers = [
            client.request(method, f"/api/v1/jobs/{value}{tail}", headers=taro)
            for value in (job["id"], missing)
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        details = [answer.json()["detail"] for answer in answers]
        assert details[0].replace(job["id"], missing) == details[1]
    assert client.get("/api/v1/jobs", headers=taro).json() == {"jobs": []}
    assert client.get("/api/v1/jobs", headers=admin).json()["jobs"][0]["id"] == job["id"]
    assert client.get(job["url"]).json()["owner"] == "hanako"


def test_a_job_is_followed_to_its_end(client: TestClient, company: Company) -> None:
    job = client.post(DOCUMENTS, files=files(("a.txt", b"a"))).json()["job"]
    with client.stream("GET", job["events_url"]) as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line[:1] != ":") == "event: progress"
        company.catalog.jobs.claim()
        company.catalog.jobs.finish(job["id"], "succeeded", {"added": ["a.txt"]})
        rest = [line for line in lines if line]

    assert rest[-2] == "event: end"
    last = json.loads(rest[-1].removeprefix("data: "))
    assert (last["state"], last["report"]) == ("succeeded", {"added": ["a.txt"]})


def test_a_queued_job_is_cancelled_at_once(client: TestClient) -> None:
    job = client.post(DOCUMENTS, files=files(("a.txt", b"a"))).json()["job"]

    response = client.delete(job["url"])

    assert (response.status_code, response.json()["state"]) == (200, "cancelled")


def test_a_cancelled_upload_that_no_worker_saw_leaves_no_file(
    client: TestClient, company: Company
) -> None:
    sent = files(("a.txt", b"a"), ("b.txt", b"b"))
    job = client.post(DOCUMENTS, files=sent).json()["job"]

    client.delete(job["url"])

    assert list(company.services.uploads.iterdir()) == []


def test_an_upload_that_a_worker_reads_keeps_its_files_when_cancelled(
    client: TestClient, company: Company
) -> None:
    job = client.post(DOCUMENTS, files=files(("a.txt", b"a"))).json()["job"]
    company.catalog.jobs.claim()

    response = client.delete(job["url"])

    assert (response.status_code, response.json()["cancel_requested"]) == (202, True)
    assert len(list(company.services.uploads.rglob("*.txt"))) == 1


def test_a_user_called_admin_does_not_see_what_was_ingested(
    client: TestClient, company: Company
) -> None:
    job = company.catalog.jobs.enqueue(INGEST, {"source_id": "x"}, owner="admin")
    company.catalog.jobs.finish(job.id, "succeeded", {"added": ["人事/給与表.xlsx"]})
    namesake = company.key("admin", (), WRITE)

    assert client.get(JOBS, headers=namesake).json() == {"jobs": []}
    for method, tail in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
        answer = client.request(method, f"{JOBS}/{job.id}{tail}", headers=namesake)
        assert answer.status_code == 404
    admin = company.key("root", (), ALL)
    assert client.get(JOBS, headers=admin).json()["jobs"][0]["id"] == job.id


def test_ingestions_of_a_namesake_do_not_crowd_out_ones_own_uploads(
    client: TestClient, company: Company
) -> None:
    own = client.post(DOCUMENTS, files=files(("a.txt", b"a"))).json()["job"]
    for _ in range(3):
        company.catalog.jobs.enqueue(INGEST, {"source_id": "x"}, owner="hanako")

    assert [job["id"] for job in client.get(f"{JOBS}?limit=2").json()["jobs"]] == [own["id"]]


def test_a_widget_token_and_somebody_acted_as_have_no_jobs(
    client: TestClient, company: Company
) -> None:
    job = client.post(DOCUMENTS, files=files(("a.txt", b"a"))).json()["job"]
    token = client.post("/api/v1/tokens", json={"user": "hanako"}).json()["token"]
    acting = {**company.key("root", (), ALL), "Kura-Act-As": "hanako"}

    for headers in ({"Authorization": f"Bearer {token}"}, acting):
        assert client.get(JOBS, headers=headers).status_code == 403
        assert client.delete(job["url"], headers=headers).status_code == 403
    assert client.get(job["url"]).json()["state"] == "queued"


def test_a_report_does_not_tell_an_uploader_what_was_known_already(
    client: TestClient, company: Company
) -> None:
    job = client.post(DOCUMENTS, files=files(("guess.txt", b"a"))).json()["job"]
    company.catalog.jobs.claim()
    report = {
        "added": ["hanako/guess.txt"],
        "chunks": 1,
        "embedded": 0,
        "seconds": 0.01,
        "duplicates": [["hanako/guess.txt", "taro/秘密.txt"]],
        "counts": {"added": 1, "duplicates": 1},
    }
    company.catalog.jobs.finish(job["id"], "succeeded", report)

    kept = {"added": ["hanako/guess.txt"], "chunks": 1, "counts": {"added": 1}}
    assert client.get(job["url"]).json()["report"] == kept
    assert client.get(JOBS).json()["jobs"][0]["report"] == kept
    assert '"embedded"' not in client.get(job["events_url"]).text
    admin = company.key("root", (), ALL)
    assert client.get(job["url"], headers=admin).json()["report"] == report


def test_watching_many_waiting_jobs_does_not_keep_questions_waiting(company: Company) -> None:
    headers = company.key("hanako", ("hr",), WRITE)
    with serving(company) as address, open_caller(address, headers) as api:
        job = api.post(DOCUMENTS, files=files(("a.txt", b"a"))).json()["job"]
        watched = address + job["events_url"]
        with requesting(watched, headers, times=MOST_STREAMS + 10) as watchers:
            streams = [watcher.getresponse() for watcher in watchers]
            assert all(b"event: progress\n" in stream for stream in streams)

            answer = api.post("/api/v1/ask", json={"question": "有給休暇", "stream": True})

            assert answer.is_success  # while everybody watches: that ends only with the job
            company.catalog.jobs.cancel(job["id"])
            assert all(b"event: end\n" in stream for stream in streams)


def test_a_key_that_is_revoked_no_longer_follows_its_job(company: Company) -> None:
    headers = company.key("hanako", (), WRITE)
    with serving(company) as address, open_caller(address, headers) as api:
        events = api.post(DOCUMENTS, files=files(("a.txt", b"a"))).json()["job"]["events_url"]
        with api.stream("GET", events) as response:
            lines = response.iter_lines()
            assert next(line for line in lines if line[:1] != ":") == "event: progress"
            for key in company.catalog.keys.list():
                company.catalog.keys.revoke(key.id)
            rest = list(lines)

    assert "event: end" not in rest
