"""What a conversation never shows: others' questions, and words its owner may read no longer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.answering.answerer import Answerer, Options
from app.answering.foretelling import Foretelling
from app.answering.model import (
    Answer,
    AnswerKind,
    Citation,
    Event,
    Finished,
    Notice,
    NoticeRaised,
    Sentence,
    Verdict,
)
from app.answering.ports import PassageSearch
from app.answering.quoting import whole
from app.conversing.history import Asked, History, Reader
from app.identity import name_principals
from app.main import create_app
from retrieval.model import Access, Passage, Scope, SearchResult
from tests.fakes.services import Company
from tests.integration.catalog_samples import version

LEAVE = "有給休暇は何日ですか"
TALKS = "/api/v1/conversations"


@pytest.fixture
def company(company: Company) -> Company:
    company.publish("就業規則.txt", "有給休暇は十日です。")
    return company


def begin(client: TestClient, question: str = LEAVE, **headers: dict[str, str]) -> str:
    body = {"question": question, "conversation": "new"}
    answer = client.post("/api/v1/ask", json=body, **headers).json()
    return answer["conversation"]


def reach(client: TestClient, conversation: str, headers: dict[str, str]) -> list[tuple[int, str]]:
    """All that one can try on a conversation: status and body of each attempt."""
    path = f"{TALKS}/{conversation}"
    answers = [
        client.get(path, headers=headers),
        client.get(f"{path}/export", headers=headers),
        client.get(f"{path}/export?format=markdown", headers=headers),
        client.patch(path, json={"title": "mine"}, headers=headers),
        client.delete(path, headers=headers),
        client.post(
            "/api/v1/ask", json={"question": LEAVE, "conversation": conversation}, headers=headers
        ),
    ]
    return [
        (each.status_code, each.text.replace(conversation, "ID").partition('"trace"')[0])
        for each in answers
    ]


@pytest.mark.parametrize("scopes", [("ask",), ("ask", "write", "admin")])
def test_anothers_conversation_is_exactly_like_one_that_does_not_exist(
    client: TestClient, company: Company, scopes: tuple[str, ...]
) -> None:
    conversation = begin(client)
    other = company.key("taro", scopes=scopes)

    tried = reach(client, conversation, other)

    assert {status for status, _ in tried} == {404}
    assert tried == reach(client, "0" * 36, other)
    assert client.get(TALKS, headers=other).json()["conversations"] == []
    assert client.delete(TALKS, headers=other).json() == {"removed": 0}
    assert client.get(f"{TALKS}/{conversation}").json()["title"] == LEAVE, "nothing has changed"


def test_who_acts_as_somebody_neither_reads_nor_writes_their_history(
    client: TestClient, company: Company
) -> None:
    conversation = begin(client)
    acting = {**company.key("root", scopes=("ask", "admin")), "Kura-Act-As": "hanako"}

    assert {status for status, _ in reach(client, conversation, acting)} == {404}
    listed = client.get(TALKS, headers=acting).json()
    assert (listed["conversations"], listed["kept_days"]) == ([], 0)
    assert begin(client, headers=acting) is None
    assert client.delete(TALKS, headers=acting).json() == {"removed": 0}

    assert [each["id"] for each in client.get(TALKS).json()["conversations"]] == [conversation]


def test_a_widget_token_has_the_history_of_the_person_it_names(
    client: TestClient, company: Company
) -> None:
    admin = company.key("portal", scopes=("ask", "admin"))

    def token(user: str) -> dict[str, str]:
        made = client.post("/api/v1/tokens", json={"user": user}, headers=admin).json()
        return {"Authorization": f"Bearer {made['token']}"}

    conversation = begin(client, headers=token("taro"))

    assert client.get(f"{TALKS}/{conversation}", headers=token("taro")).is_success
    for other in (token("hanako"), admin):
        assert client.get(f"{TALKS}/{conversation}", headers=other).status_code == 404


@pytest.mark.parametrize("loss", ["narrowed", "denied", "deleted", "source removed"])
def test_words_of_a_document_out_of_reach_are_shown_nowhere(
    client: TestClient, company: Company, loss: str
) -> None:
    document = company.publish("昇給案.txt", "有給休暇の買取は三千円です。")
    conversation = begin(client)
    assert "三千円" in client.get(f"{TALKS}/{conversation}").text
    documents = company.catalog.documents
    if loss == "narrowed":
        documents.update(document, access=Access(allow=frozenset({"group:board"})))
    elif loss == "denied":
        everyone, hanako = frozenset({"everyone"}), frozenset({"user:hanako"})
        documents.update(document, access=Access(allow=everyone, deny=hanako))
    elif loss == "deleted":
        documents.remove([document], "test")
    else:
        company.catalog.sources.remove(company.source().id)

    shown = client.get(f"{TALKS}/{conversation}")
    exports = [
        client.get(f"{TALKS}/{conversation}/export?format={form}") for form in ("json", "markdown")
    ]

    for response in (shown, *exports):
        assert response.is_success
        for secret in ("三千円", "買取", "昇給案", document):
            assert secret not in response.text
    answer = shown.json()["exchanges"][0]["answer"]
    codes = [notice["code"] for notice in answer["notices"]]
    assert codes == ["history-out-of-reach"]
    if loss != "source removed":
        assert [each["text"] for each in answer["sentences"]] == ["有給休暇は十日です。"]


def test_what_is_given_back_is_shown_again(client: TestClient, company: Company) -> None:
    document = company.publish("昇給案.txt", "有給休暇の買取は三千円です。")
    conversation = begin(client)
    whole = client.get(f"{TALKS}/{conversation}").json()
    board, everyone = (Access(allow=frozenset({name})) for name in ("group:board", "everyone"))
    company.catalog.documents.update(document, access=board)
    assert "三千円" not in client.get(f"{TALKS}/{conversation}").text
    company.catalog.documents.update(document, access=everyone)

    assert client.get(f"{TALKS}/{conversation}").json() == whole


def test_quotations_titles_and_headings_are_not_stored(
    client: TestClient, company: Company
) -> None:
    company.publish("昇給案.txt", "有給休暇の買取は三千円です。")
    begin(client)

    with closing(sqlite3.connect(company.catalog.database.path)) as connection:
        stored = str(
            connection.execute("SELECT title, answer FROM conversations, turns").fetchall()
        )

    assert LEAVE in stored
    for words in ("三千円", "十日", "昇給案", "就業規則"):
        assert words not in stored


@pytest.mark.parametrize(("refuse_below", "kind"), [(0.0, "extractive"), (0.9, "refusal")])
def test_a_quoted_row_of_a_table_is_not_stored_and_comes_back_with_its_headers(
    company: Company, refuse_below: float, kind: str
) -> None:
    table = version(company.source(), "給与.xlsx", ["職位\t上限額\n課長\t536000\n部長\t690000"])
    company.catalog.documents.publish(table)
    options = Options(foretelling=Foretelling(0.0, {}, 0.9, refuse_below, 0.0))
    answerer = Answerer(ByMeaning(company.answerer.searcher), None, options)
    services = replace(company.services, answerer=answerer)
    with TestClient(create_app(services), headers=company.key()) as client:
        body = {"question": "課長の上限額は？", "conversation": "new"}
        answer = client.post("/api/v1/ask", json=body).json()
        shown = client.get(f"{TALKS}/{answer['conversation']}").json()

    assert answer["kind"] == kind
    assert "職位: 課長 / 上限額: 536000" in [each["text"] for each in answer["sentences"]]
    assert shown["exchanges"][0]["answer"] == answer
    with closing(sqlite3.connect(company.catalog.database.path)) as connection:
        assert "536000" not in str(connection.execute("SELECT answer FROM turns").fetchall())


@pytest.mark.parametrize(("refuse_below", "kind"), [(0.0, "extractive"), (0.9, "refusal")])
def test_a_doubtful_quotation_stays_marked_while_it_is_shown(
    company: Company, refuse_below: float, kind: str
) -> None:
    beside = company.publish("昇給案.txt", "有給休暇の買取は三千円です。")
    options = Options(foretelling=Foretelling(0.0, {}, 0.9, refuse_below, 0.0))
    answerer = Answerer(ByMeaning(company.answerer.searcher), None, options)
    services = replace(company.services, answerer=answerer)
    with TestClient(create_app(services), headers=company.key()) as client:
        talk = f"{TALKS}/{begin(client)}"
        quoted = client.get(talk).json()["exchanges"][0]["answer"]
        [cited] = {each["document_id"] for each in quoted["citations"]}
        other = Access(allow=frozenset({"group:board"}))
        company.catalog.documents.update(beside, access=other)
        left = client.get(talk).json()["exchanges"][0]["answer"]
        company.catalog.documents.update(cited, access=other)
        gone = client.get(talk).json()["exchanges"][0]["answer"]

    assert (cited != beside, left["kind"]) == (True, kind)
    assert "十日" in left["text"]
    assert "near-passages" in [each["code"] for each in left["notices"]]
    assert left["gap"] is not None
    assert "十日" not in str(gone)
    assert [each["code"] for each in gone["notices"]] == ["history-out-of-reach"]


def test_what_was_filed_when_nothing_was_found_is_not_named_again(
    client: TestClient, company: Company
) -> None:
    conversation = begin(client, "存在しない話題XYZ")
    history, kept = open_kept(company, "hanako")
    told = Notice("field-unknown", "部署には 買収準備室 などがあります。")
    refused = replace(
        write(found(company, "甲.txt", "三千円です。")),
        kind=AnswerKind.REFUSAL,
        sentences=(Sentence("見つかりませんでした。", ()),),
        citations=(),
        notices=(told, Notice("no-model", "引用をお示しします。")),
    )
    history.add(conversation, kept, refused, [])

    shown = client.get(f"{TALKS}/{conversation}").text

    assert "買収準備室" not in shown
    assert "引用をお示しします。" in shown


def test_a_follow_up_is_not_told_what_its_asker_may_read_no_longer(
    client: TestClient, company: Company
) -> None:
    heard = []
    answer = company.answerer.stream
    company.answerer.stream = lambda question: heard.append(question) or answer(question)
    document = company.publish("昇給案.txt", "有給休暇の買取は三千円です。")
    conversation = begin(client)
    company.catalog.documents.update(document, access=Access(allow=frozenset({"group:board"})))

    client.post("/api/v1/ask", json={"question": "それは？", "conversation": conversation})

    (turn,) = heard[-1].history
    assert turn.question == LEAVE
    assert turn.answer == "有給休暇は十日です。"


def test_a_document_that_came_near_is_named_only_while_it_may_be_read(
    client: TestClient, company: Company
) -> None:
    conversation = begin(client, "存在しない話題XYZ")
    history, kept = open_kept(company, "hanako")
    citation = found(company, "昇給案.txt", "有給休暇の買取は三千円です。")
    near = replace(
        write(citation), kind=AnswerKind.REFUSAL, citations=(), nearest=nearest(citation)
    )
    refused = replace(near, sentences=(Sentence("最も近い文書は「昇給案.txt」です。", ()),))
    history.add(conversation, kept, refused, [citation.document_id])
    assert "昇給案" in client.get(f"{TALKS}/{conversation}").text
    company.catalog.documents.update(
        citation.document_id, access=Access(allow=frozenset({"group:board"}))
    )

    shown = client.get(f"{TALKS}/{conversation}")

    assert "昇給案" not in shown.text
    assert shown.json()["exchanges"][1]["answer"]["kind"] == "refusal"
    assert shown.json()["exchanges"][1]["answer"]["text"], "it still says that nothing was found"


@pytest.mark.parametrize(("verdict", "shown"), [(Verdict.SUPPORTED, True), (Verdict.WEAK, False)])
def test_a_weakly_proved_sentence_needs_everything_that_was_read(
    client: TestClient, company: Company, verdict: Verdict, shown: bool
) -> None:
    conversation = begin(client)
    history, asked = open_kept(company, "hanako")
    cited = found(company, "甲.txt", "買取は三千円です。")
    beside = found(company, "乙.txt", "上限は五日です。")
    written = Sentence("買い取りの額は三千円です。", (1,), verdict=verdict)
    about = Notice("conflicting-sources", "「甲.txt」と「乙.txt」で記載が異なります。")
    answer = replace(write(cited), sentences=(written,), notices=(about,))
    history.add(conversation, asked, answer, [cited.document_id, beside.document_id])
    assert "買い取りの額" in client.get(f"{TALKS}/{conversation}").text
    company.catalog.documents.remove([beside.document_id], "test")

    text = client.get(f"{TALKS}/{conversation}").text

    assert ("買い取りの額" in text) is shown
    assert "乙.txt" not in text, "a notice may name any document that was read"


@pytest.mark.parametrize("sent", [False, True])
def test_what_a_follow_up_takes_up_from_an_earlier_answer_goes_with_it(
    client: TestClient, company: Company, sent: bool
) -> None:
    secret = company.publish("昇給案.txt", "有給休暇の買取は三千円です。")
    conversation = begin(client)
    restated = NoticeRaised(Notice("understood-as", "「三千円の買取の期限」と解釈しました。"))
    company.catalog.documents.update(secret, access=Access(allow=frozenset({"group:hr"})))
    before = company.answerer.stream
    company.answerer.stream = lambda question: with_notice(before(question), restated)
    turns = [{"question": LEAVE, "answer": "三千円です。"}] if sent else []
    body = {"question": "有給休暇の期限は？", "conversation": conversation, "history": turns}
    assert client.post("/api/v1/ask", json=body).json()["conversation"] == conversation

    assert "三千円" not in client.get(f"{TALKS}/{conversation}").text


@dataclass
class ByMeaning:
    """A search in which meaning took part, so that its outlook can be told."""

    searcher: PassageSearch

    def search(self, query: str, scope: Scope, count: int = 10) -> SearchResult:
        result = self.searcher.search(query, scope, count)
        meant = (replace(each, scores={"vector": each.score}) for each in result.passages)
        return replace(result, passages=tuple(meant))

    def neighbours(self, passage: Passage, scope: Scope) -> tuple[Passage, ...]:
        return self.searcher.neighbours(passage, scope)


def with_notice(events: Iterator[Event], notice: NoticeRaised) -> Iterator[Event]:
    for event in events:
        if isinstance(event, Finished):
            answer = replace(event.answer, notices=(notice.notice,))
            yield replace(event, answer=answer)
        else:
            yield event


def test_words_that_have_changed_since_are_not_shown_as_they_were(
    client: TestClient, company: Company
) -> None:
    conversation = begin(client)
    company.publish("就業規則.txt", "総則。\n有給休暇は十二日です。")

    answer = client.get(f"{TALKS}/{conversation}").json()["exchanges"][0]["answer"]

    assert (answer["sentences"], answer["citations"]) == ([], [])
    assert "history-changed" in [notice["code"] for notice in answer["notices"]]


def test_words_that_only_moved_are_found_at_their_new_place(
    client: TestClient, company: Company
) -> None:
    company.publish("就業規則.txt", "有給休暇は十日です。\n総則。")
    conversation = begin(client)
    company.publish("就業規則.txt", "有給休暇は十日です。\n総則。\n附則。", title="規則 改")

    citation = client.get(f"{TALKS}/{conversation}").json()["exchanges"][0]["answer"]["citations"][
        0
    ]

    assert citation["title"] == "規則 改"
    assert client.get(citation["text_url"]).json()["text"] == citation["quote"]


def open_kept(company: Company, user: str) -> tuple[History, Asked]:
    reader = Reader(user, name_principals(user, ()))
    return History(company.catalog, reader, 90), Asked("額は？", datetime.now(UTC))


def found(company: Company, name: str, text: str) -> Citation:
    document = company.publish(name, text)
    scope = Scope(name_principals("hanako", ()))
    passages = company.answerer.searcher.search(text, scope).passages
    return whole(next(each for each in passages if each.document.id == document), 1)


def nearest(citation: Citation) -> tuple:
    from app.answering.model import Nearest

    return (Nearest(citation.document_id, citation.title, "人事部", "人事"),)


def write(citation: Citation) -> Answer:
    return Answer(
        id="a",
        kind=AnswerKind.GENERATED,
        language="ja",
        question="",
        sentences=(),
        citations=(citation,),
        nearest=(),
        notices=(),
        model="m",
        passages_found=1,
        passages_used=1,
        milliseconds=1,
    )
