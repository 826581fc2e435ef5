"""Search over HTTP: what found a passage, its marks, suggested filters, facets, and why not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from fastapi.testclient import TestClient

from app.answering.answerer import Options
from app.equipping import list_labels
from app.main import create_app
from app.settings import load_settings
from app.tracing.inquiring import inquire
from app.tracing.model import Expectation, Inquiry
from retrieval.catalog import NewKey
from retrieval.guiding import Guide
from retrieval.lexical.glossary import Glossary
from retrieval.model import Metadata
from tests.fakes.services import open_company
from tests.integration.search_samples import PUBLIC, STAFF, Library, opened

V1 = "/api/v1"
LEAVE = "年次有給休暇は入社半年後に十日付与されます。"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with opened(tmp_path_factory.mktemp("library")) as library:
        tags = ("type:policy", "status:draft", "confidentiality:internal", "会議", "thread:1a2b")
        facts = Metadata("休暇規程", "人事", "ja", "text/plain", tags=tags)
        dated = Metadata(
            "旅費規程",
            "経理",
            "ja",
            "text/plain",
            modified_at=datetime(2024, 12, 31, 23, tzinfo=UTC),
        )
        library.publish("leave.txt", [LEAVE], PUBLIC, facts)
        library.publish("travel.txt", ["旅費は翌月に精算します。"], PUBLIC, dated)
        library.publish("pay.txt", ["役員の休暇と報酬。"], STAFF, Metadata("役員規程", "秘書室"))
        library.index()
        yield library


@pytest.fixture(scope="module")
def client(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    def trace(expected: Expectation) -> Inquiry:
        return inquire(expected, library.searcher, None, Options())

    home = tmp_path_factory.mktemp("company")
    company = open_company(
        home,
        catalog=library.catalog,
        searcher=library.searcher,
        inquire=trace,
        guide=Guide(library.catalog, Glossary(), partial(list_labels, load_settings())),
    )
    with TestClient(create_app(company.services)) as client:
        yield client
    company.catalog.close()


def key(library: Library, *scopes: str, groups: tuple[str, ...] = ()) -> dict[str, str]:
    new = NewKey("key", "taro", groups, scopes or ("ask",))
    return {"Authorization": f"Bearer {library.catalog.keys.create(new)[1]}"}


def test_a_hit_says_what_found_it_and_where_its_words_stand(
    client: TestClient, library: Library
) -> None:
    body = {"query": "有休は何日ですか"}
    found = client.post(f"{V1}/search", json=body, headers=key(library)).json()
    best = found["passages"][0]
    assert best["text"] == LEAVE
    assert "lexical" in best["found_by"]
    assert set(best["found_by"]) <= set(best["scores"])
    marks = {(LEAVE[m["start"] : m["end"]], m["kind"]) for m in best["highlights"]}
    assert ("年次有給休暇", "synonym") in marks


def test_suggested_filters_can_be_sent_back_and_leave_what_they_say(
    client: TestClient, library: Library
) -> None:
    body: dict[str, object] = {"query": "人事の休暇規程"}
    mine = key(library)
    found = client.post(f"{V1}/search?lang=ja", json=body, headers=mine).json()["suggestions"]
    assert {(each["kind"], each["value"]) for each in found} == {
        ("department", "人事"),
        ("document", "休暇規程"),
        ("tag", "type:policy"),
    }
    assert "部署: 人事" in {each["label"] for each in found}
    for each in found:
        again = client.post(
            f"{V1}/search", json={**body, "filters": each["filters"]}, headers=mine
        ).json()
        titles = {passage["document"]["title"] for passage in again["passages"]}
        assert len(titles) == each["count"] == 1
    silent = client.post(f"{V1}/search", json={**body, "suggest": False}, headers=mine).json()
    assert silent["suggestions"] == []


def test_facets_count_kinds_and_years_of_what_the_filters_leave(
    client: TestClient, library: Library
) -> None:
    mine = key(library)
    facets = client.get(f"{V1}/facets", headers=mine).json()
    assert facets["departments"] == {"人事": 1, "経理": 1}
    assert facets["types"] == {"type:policy": 1}
    assert facets["statuses"] == {"status:draft": 1}
    assert facets["confidentiality"] == {"confidentiality:internal": 1}
    assert facets["years"] == {"2024": 1}
    assert len(facets["tags"]) == 4  # but not the conversation, for there are too many of them
    narrowed = client.get(f"{V1}/facets?department=経理", headers=mine).json()
    assert narrowed["types"] == {}
    assert narrowed["departments"] == {"経理": 1}
    period = "modified_after=2024-01-01&modified_before=2024-12-31T23:59:59.999999"
    in_year = client.get(f"{V1}/facets?{period}", headers=mine).json()
    assert sum(in_year["departments"].values()) == facets["years"]["2024"]


@pytest.mark.parametrize(("language", "told"), [("ja", "部署には"), ("en", "Departments are")])
def test_a_filter_that_nothing_answers_to_is_told_in_the_callers_language(
    client: TestClient, library: Library, language: str, told: str
) -> None:
    body = {"query": "旅費 dept:営業部"}
    answer = client.post(f"{V1}/search?lang={language}", json=body, headers=key(library)).json()
    assert answer["passages"] == []
    (notice,) = answer["notices"]
    assert notice["code"] == "field-unknown"
    assert told in notice["message"]
    assert "秘書室" not in notice["message"]


@pytest.mark.parametrize("document", ["役員規程", "no-such-document", "旅費規程"])
def test_only_admins_learn_why_and_others_learn_nothing(
    client: TestClient, library: Library, document: str
) -> None:
    body = {"query": "役員の報酬", "document": document}
    for headers in (key(library), key(library, "ask", "write", groups=("hr",))):
        refused = client.post(f"{V1}/search/why", json=body, headers=headers)
        assert refused.status_code == 403
        told = {k: v for k, v in refused.json().items() if k != "trace"}
        assert told["code"] == "scope-missing"
        assert document not in str(told)
    assert client.post(f"{V1}/search/why", json=body).status_code == 401


def test_an_admin_learns_why_a_person_does_not_find_a_document(
    client: TestClient, library: Library
) -> None:
    admin = key(library, "ask", "admin")
    library.catalog.keys.create(NewKey("key", "hanako", ("hr",), ("ask",)))

    def why(who: list[str]) -> dict[str, object]:
        body = {"query": "役員の報酬", "document": "役員規程", "as": who}
        found: dict[str, object] = client.post(
            f"{V1}/search/why?lang=ja", json=body, headers=admin
        ).json()
        return found

    closed = why(["user:jiro"])
    assert closed["verdict"] == "forbidden"
    assert closed["places"] == {}
    assert "閲覧権限" in str(closed["steps"])
    open_ = why(["user:hanako"])
    assert open_["verdict"] == "shown"
    assert open_["principals"] == ["everyone", "group:hr", "user:hanako"]
    assert open_["shown"] == 1
    assert (
        client.post(
            f"{V1}/search/why",
            json={"query": "x", "document": "y", "as": ["nobody"]},
            headers=admin,
        ).status_code
        == 422
    )
