"""Who may call: keys, sessions, acting as somebody, and what browsers are protected from."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from retrieval.catalog import NewKey
from tests.fakes.services import PEOPLE, Company

ME = "/api/v1/session"
WRITE = ("ask", "write")
ALL = ("ask", "write", "admin")
OURS = {"Origin": "http://testserver"}


@pytest.fixture
def client(company: Company) -> Iterator[TestClient]:
    with TestClient(create_app(company.services), follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def link(company: Company) -> str:
    new = NewKey(kind="signin", user="hanako", groups=("hr",), scopes=ALL, lifetime_s=600)
    return f"/signin?token={company.catalog.keys.create(new)[1]}"


def test_nothing_answers_without_a_key_but_health(client: TestClient) -> None:
    response = client.get(ME)

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.json()["code"] == "not-signed-in"
    assert client.get("/api/v1/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json() == {
        "status": "ready",
        "catalog": True,
        "worker": False,
        "model_resting_s": 0,
    }


@pytest.mark.parametrize("header", ["Bearer kura_wrong", "Bearer ", "Basic aGFuYWtv", "kura_x"])
def test_a_wrong_secret_is_no_entry_even_beside_a_good_cookie(
    client: TestClient, link: str, header: str
) -> None:
    client.get(link)

    assert client.get(ME).status_code == 200
    assert client.get(ME, headers={"Authorization": header}).status_code == 401


def test_a_revoked_key_is_worthless_at_once(client: TestClient, company: Company) -> None:
    headers = company.key()
    assert client.get(ME, headers=headers).status_code == 200

    company.catalog.keys.revoke(company.catalog.keys.list()[0].id)

    assert client.get(ME, headers=headers).status_code == 401


def test_a_scope_that_the_key_lacks_is_named(client: TestClient, company: Company) -> None:
    response = client.get("/api/v1/sources", headers=company.key(scopes=WRITE))

    assert response.status_code == 403
    assert response.json()["code"] == "scope-missing"
    assert "admin" in response.json()["detail"]


def test_a_link_signs_in_once_with_a_cookie_that_scripts_cannot_read(
    client: TestClient, link: str
) -> None:
    first = client.get(link)

    cookie = first.headers["set-cookie"]
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert all(part in cookie for part in ("kura_session=", "HttpOnly", "SameSite=strict"))
    assert client.get(ME).json()["user"] == "hanako"

    again = client.get(link, follow_redirects=False)
    assert (again.status_code, again.headers["location"]) == (303, "/")
    assert "set-cookie" not in again.headers, "who is signed in stays so"

    client.cookies.clear()
    second = client.get(link, headers={"Accept-Language": "ja"})
    assert second.status_code == 410
    assert "kura keys link" in second.text
    assert second.text.index("このリンクは使えません") < second.text.index("cannot be used")


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"Sec-Fetch-Mode": "no-cors"}],
)
def test_a_fetch_in_advance_does_not_use_the_link_up(
    client: TestClient, link: str, headers: dict[str, str]
) -> None:
    assert client.get(link, headers=headers).status_code == 410
    assert client.head(link).status_code == 405

    assert client.get(link, headers={"Sec-Fetch-Mode": "navigate"}).status_code == 303


def test_signing_out_ends_the_session_on_the_server(client: TestClient, link: str) -> None:
    client.get(link)
    cookie = client.cookies["kura_session"]

    assert client.post(f"{ME}/end", headers=OURS).status_code == 204

    client.cookies.set("kura_session", cookie)
    assert client.get(ME).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_cookie_does_not_write_from_another_site(
    client: TestClient, link: str, headers: dict[str, str]
) -> None:
    client.get(link)

    response = client.post("/api/v1/search", json={"query": "有給"}, headers=headers)

    assert response.status_code == 403
    assert response.json()["code"] == "cross-site"


@pytest.mark.parametrize("headers", [OURS, {"Sec-Fetch-Site": "same-origin"}])
def test_a_cookie_writes_from_our_own_page(
    client: TestClient, link: str, headers: dict[str, str]
) -> None:
    client.get(link)

    response = client.post("/api/v1/search", json={"query": "有給"}, headers=headers)

    assert response.status_code == 200


def test_an_admin_acts_as_a_declared_person_who_may_only_ask(
    client: TestClient, company: Company
) -> None:
    company.publish("人事.txt", "評価", allow="group:hr")
    company.publish("役員.txt", "報酬", allow="group:board")
    admin = company.key("root", ("board",), ALL)
    acting = {**admin, "Kura-Act-As": "hanako"}

    session = client.get(ME, headers=acting).json()

    assert (session["user"], session["groups"], session["scopes"]) == ("hanako", ["hr"], ["ask"])
    assert session["acting_as"] == "hanako"
    assert [person["id"] for person in session["people"]] == [person.id for person in PEOPLE]
    titles = [
        d["title"] for d in client.get("/api/v1/documents", headers=acting).json()["documents"]
    ]
    assert titles == ["人事.txt"]
    assert client.get("/api/v1/sources", headers=acting).status_code == 403


def test_only_admins_act_and_only_as_declared_people(client: TestClient, company: Company) -> None:
    writer = {**company.key(scopes=WRITE), "Kura-Act-As": "taro"}
    stranger = {**company.key(scopes=ALL), "Kura-Act-As": "president"}

    assert client.get(ME, headers=writer).json()["code"] == "acting-refused"
    assert client.get(ME, headers=stranger).json()["code"] == "acting-refused"
    assert client.get(ME, headers=company.key(scopes=WRITE)).json()["people"] == []


def test_a_widget_token_only_asks_and_cannot_make_another(
    client: TestClient, company: Company
) -> None:
    key = company.key("hanako", ("hr", "ga"), WRITE)
    made = client.post(
        "/api/v1/tokens", headers=key, json={"user": "hanako", "groups": ["hr"], "lifetime_s": 60}
    )
    token = {"Authorization": f"Bearer {made.json()['token']}"}

    session = client.get(ME, headers=token).json()
    again = client.post("/api/v1/tokens", headers=token, json={"user": "hanako"})

    assert made.status_code == 201
    assert (session["groups"], session["scopes"]) == (["hr"], ["ask"])
    assert again.json()["code"] == "token-cannot-issue"


@pytest.mark.parametrize(
    "body", [{"user": "president"}, {"user": "hanako", "groups": ["hr", "board"]}]
)
def test_a_token_gives_nothing_the_caller_does_not_have(
    client: TestClient, company: Company, body: dict[str, object]
) -> None:
    key = company.key("hanako", ("hr",), WRITE)

    assert client.post("/api/v1/tokens", headers=key, json=body).json()["code"] == "groups-refused"
    admin = company.key("root", (), ALL)
    assert client.post("/api/v1/tokens", headers=admin, json=body).status_code == 201


def test_a_token_lives_an_hour_at_most(client: TestClient, company: Company) -> None:
    body = {"user": "hanako", "lifetime_s": 3601}

    response = client.post("/api/v1/tokens", headers=company.key(), json=body)

    assert response.status_code == 422


def test_an_admin_makes_lists_and_revokes_keys(client: TestClient, company: Company) -> None:
    admin = company.key("root", (), ALL)
    body = {"user": "taro", "groups": ["ga"], "scopes": ["ask"], "label": "太郎のPC"}

    made = client.post("/api/v1/keys", headers=admin, json=body).json()
    bearer = {"Authorization": f"Bearer {made['secret']}"}

    assert client.get(ME, headers=bearer).json()["user"] == "taro"
    listing = client.get("/api/v1/keys", headers=admin)
    assert made["key"]["id"] in {key["id"] for key in listing.json()["keys"]}
    assert "kura_" not in listing.text
    address = f"/api/v1/keys/{made['key']['id']}"
    assert client.delete(address, headers=admin).status_code == 204
    assert client.get(ME, headers=bearer).status_code == 401
    assert client.delete(address, headers=admin).status_code == 404


@pytest.mark.parametrize("user", ["a b", "a/b", "group:hr", "", "a,b"])
def test_a_user_name_is_one_that_principals_can_hold(
    client: TestClient, company: Company, user: str
) -> None:
    admin = company.key("root", (), ALL)

    response = client.post("/api/v1/keys", headers=admin, json={"user": user, "scopes": ["ask"]})

    assert response.status_code == 422
