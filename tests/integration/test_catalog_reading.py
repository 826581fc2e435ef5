"""Who gets to see what: documents, lists, counts and facets."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from retrieval.catalog import Catalog, Source
from retrieval.errors import Invalid
from retrieval.model import EVERYONE, Access, DocumentStatus, Filters, Scope
from tests.integration.catalog_samples import (
    ANYONE,
    HANAKO,
    METADATA,
    PERSONNEL,
    PUBLIC,
    add,
    add_source,
    failure,
    version,
)

NOBODY: frozenset[str] = frozenset()


def titles(catalog: Catalog, scope: Scope) -> list[str]:
    listed = catalog.documents.list(scope, limit=1000)
    assert catalog.documents.count(scope) == len(listed)
    return [document.metadata.title for document in listed]


@pytest.mark.parametrize(
    ("access", "principals", "readable"),
    [
        (PUBLIC, ANYONE, True),
        (PUBLIC, NOBODY, False),
        (PUBLIC, frozenset({"user:taro"}), False),
        (Access(), HANAKO, False),
        (Access(), NOBODY, False),
        (PERSONNEL, HANAKO, True),
        (PERSONNEL, ANYONE, False),
        (Access(frozenset({EVERYONE}), frozenset({"user:hanako"})), HANAKO, False),
        (Access(frozenset({EVERYONE}), frozenset({"user:hanako"})), ANYONE, True),
        (Access(frozenset({"group:人事"}), frozenset({"group:人事"})), HANAKO, False),
        (Access(frozenset(), frozenset({"group:営業"})), HANAKO, False),
        (Access(frozenset({"group:人事部"})), HANAKO, False),
        (Access(frozenset({"%"})), HANAKO, False),
    ],
)
def test_every_way_to_a_document_follows_its_rule(
    catalog: Catalog,
    source: Source,
    access: Access,
    principals: frozenset[str],
    readable: bool,
) -> None:
    assert access.permits(principals) is readable
    new = version(source, access=access)
    document_id = catalog.documents.publish(new).document_id
    middle, other = (chunk.id for chunk in new.chunks)
    scope = Scope(principals)
    answers = {
        "get": catalog.documents.get(document_id, principals) is not None,
        "text": catalog.documents.text(document_id, principals) is not None,
        "list": catalog.documents.list(scope, limit=10) != [],
        "count": catalog.documents.count(scope) == 1,
        "facets": any(catalog.documents.facets(scope).values()),
        "fetch": catalog.chunks.fetch([middle, other], principals) != {},
        "neighbours": catalog.chunks.neighbours(middle, principals, 1, 1) != [],
        "allowed": catalog.chunks.index_rows([middle])[0].acl_id
        in catalog.rules.allowed(principals),
    }
    assert answers == dict.fromkeys(answers, readable)


def test_an_unreadable_document_leaves_no_trace_in_counts(catalog: Catalog, source: Source) -> None:
    add(catalog, source, "公開")
    without = catalog.documents.facets(Scope(ANYONE)), catalog.documents.count(Scope(ANYONE))
    add(catalog, source, "秘密", PERSONNEL)
    assert without == (
        catalog.documents.facets(Scope(ANYONE)),
        catalog.documents.count(Scope(ANYONE)),
    )
    assert titles(catalog, Scope(HANAKO)) == ["公開", "秘密"]


def test_a_sources_changed_rule_holds_from_the_next_question(
    catalog: Catalog, source: Source
) -> None:
    chunk = add(catalog, source, "社内報").chunks[0].id
    acl_id = catalog.chunks.index_rows([chunk])[0].acl_id
    for access, readable in (
        (PERSONNEL, False),
        (PUBLIC, True),
        (Access(frozenset({EVERYONE}), frozenset({"user:taro"})), False),
    ):
        add_source(catalog, access=access)
        assert (acl_id in catalog.rules.allowed(ANYONE)) is readable
        assert bool(catalog.chunks.fetch([chunk], ANYONE)) is readable


def test_a_rule_changed_by_another_process_is_seen_here(catalog: Catalog, source: Source) -> None:
    add(catalog, source, "社内報")
    (acl_id,) = catalog.rules.allowed(ANYONE)
    with Catalog(catalog.database.path) as other:
        add_source(other, access=PERSONNEL)
    assert acl_id not in catalog.rules.allowed(ANYONE)


def test_pages_follow_each_other_without_gaps(catalog: Catalog, source: Source) -> None:
    for number in range(7):
        add(catalog, source, f"題{number // 3}-{number}")
        twin = version(source, f"twin{number}", metadata=replace(METADATA, title="双子"))
        catalog.documents.publish(twin)
        add(catalog, source, f"題秘{number}", PERSONNEL)
    seen: list[tuple[str, str]] = []
    while page := catalog.documents.list(
        Scope(ANYONE), limit=4, after=seen[-1][1] if seen else None
    ):
        assert len(page) <= 4
        seen += [(document.metadata.title, document.id) for document in page]
    assert len(seen) == 14
    assert seen == sorted(seen)


def test_paging_after_a_document_one_may_not_read_is_paging_after_nothing(
    catalog: Catalog, source: Source
) -> None:
    secret = catalog.documents.publish(version(source, access=PERSONNEL)).document_id
    messages = []
    for after in (secret, "nothing"):
        with pytest.raises(Invalid, match="after") as caught:
            catalog.documents.list(Scope(ANYONE), limit=5, after=after)
        messages.append(str(caught.value).replace(after, "X"))
    assert messages[0] == messages[1]


MARCH = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ["一", "二", "三"]),
        (Filters(departments=frozenset({"人事", "無い"})), ["一"]),
        (Filters(languages=frozenset({"en"})), ["二"]),
        (Filters(media_types=frozenset({"application/pdf"})), ["三"]),
        (Filters(tags=frozenset({"甲"})), ["一", "二"]),
        (Filters(tags=frozenset({"甲", "乙"}), languages=frozenset({"ja"})), ["一", "三"]),
        (Filters(modified_after=MARCH), ["一", "二"]),
        (Filters(modified_before=MARCH), ["一"]),
        (Filters(modified_after=MARCH + timedelta(seconds=1)), ["二"]),
        (Filters(source_ids=frozenset({"nothing"})), []),
    ],
)
def test_filters_narrow_lists_counts_and_facets_alike(
    catalog: Catalog, source: Source, filters: Filters, expected: list[str]
) -> None:
    made = {
        "一": replace(METADATA, title="一", tags=("甲",), modified_at=MARCH),
        "二": replace(
            METADATA,
            title="二",
            language="en",
            department="総務",
            tags=("甲", "丙"),
            modified_at=MARCH + timedelta(days=9),
        ),
        "三": replace(
            METADATA,
            title="三",
            department="",
            media_type="application/pdf",
            tags=("乙",),
            modified_at=None,
        ),
    }
    for title, metadata in made.items():
        catalog.documents.publish(version(source, title, metadata=metadata))
    scope = Scope(ANYONE, filters)
    assert sorted(titles(catalog, scope)) == sorted(expected)
    facets = catalog.documents.facets(scope)
    assert sum(facets["source_ids"].values()) == len(expected)
    assert sum(facets["languages"].values()) == len(expected)


def test_facets_count_documents_by_value_most_frequent_first(
    catalog: Catalog, source: Source
) -> None:
    for name, tags in (("a", ("規程",)), ("b", ("規程", "休暇", "規程")), ("c", ())):
        metadata = replace(METADATA, tags=tags, department="" if name == "c" else "人事")
        catalog.documents.publish(version(source, name, metadata=metadata))
    catalog.documents.fail(failure(source, "broken.pdf"))
    facets = catalog.documents.facets(Scope(ANYONE))
    assert facets == {
        "departments": {"人事": 2},
        "languages": {"ja": 3},
        "media_types": {"text/plain": 3},
        "source_ids": {source.id: 3},
        "years": {str(METADATA.modified_at.year): 3} if METADATA.modified_at else {},
        "tags": {"規程": 2, "休暇": 1},
    }
    assert list(facets["tags"]) == ["規程", "休暇"]


def test_statuses_choose_among_good_stale_and_failed(catalog: Catalog, source: Source) -> None:
    add(catalog, source, "良い")
    catalog.documents.publish(version(source))
    catalog.documents.fail(failure(source))
    catalog.documents.fail(failure(source, "broken.pdf"))
    scope = Scope(ANYONE)
    assert catalog.documents.count(scope) == 3
    for status in DocumentStatus:
        listed = catalog.documents.list(scope, limit=9, statuses=[status])
        assert [document.status for document in listed] == [status]
        assert catalog.documents.count(scope, [status]) == 1


def test_states_tell_what_the_next_ingest_compares(catalog: Catalog, source: Source) -> None:
    new = version(source, access=PERSONNEL)
    catalog.documents.publish(new)
    catalog.documents.fail(failure(source, "broken.pdf"))
    catalog.documents.publish(version(add_source(catalog, "別"), "elsewhere.txt"))
    states = catalog.documents.states(source.id)
    good, bad = states["rules.txt"], states["broken.pdf"]
    assert len(states) == 2
    assert (good.signature, good.content_hash, good.text_hash) == (
        new.signature,
        new.content_hash,
        new.text_hash,
    )
    assert (good.status, good.access, good.metadata) == (
        DocumentStatus.CURRENT,
        PERSONNEL,
        METADATA,
    )
    assert (bad.status, bad.content_hash, bad.text_hash) == (DocumentStatus.FAILED, "f" * 64, "")
