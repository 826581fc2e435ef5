"""Ids: the same thing gets the same one, different things never do."""

from hypothesis import given
from hypothesis import strategies as st

from retrieval.identity import chunk_id, document_id, source_id, text_hash

words = st.text(max_size=8)
pieces = st.tuples(st.lists(words, max_size=3), words, st.integers(0, 3))

DOCUMENT = document_id(source_id("規程集"), "就業規則.docx")


def test_ids_are_the_same_in_every_release() -> None:
    # Changing one of these means that every installation loses its citations and embeddings.
    assert source_id("規程集") == "524fd4c9-9297-5032-bc41-c30e2cd66df3"
    assert DOCUMENT == "dea3c036-8ad8-5600-97f9-bd0687306197"
    assert (
        chunk_id(DOCUMENT, ("休暇", "有給"), "年二十日です。", 0)
        == "f39e356a-a706-506a-b3ac-3ba50a857417"
    )


def test_the_hash_is_sha_256_of_the_utf_8_bytes() -> None:
    # The example of FIPS 180-2.
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert text_hash("abc") == expected


def test_half_a_surrogate_pair_has_a_hash_of_its_own() -> None:
    assert len({text_hash("\ud800"), text_hash("\udfff"), text_hash("?")}) == 3


@given(pieces, pieces)
def test_chunks_share_an_id_only_if_heading_text_and_occurrence_are_equal(
    one: tuple[list[str], str, int], other: tuple[list[str], str, int]
) -> None:
    assert (chunk_id(DOCUMENT, *one) == chunk_id(DOCUMENT, *other)) == (one == other)


def test_equal_items_of_two_sources_are_two_documents() -> None:
    assert document_id(source_id("a"), "x.txt") != document_id(source_id("b"), "x.txt")


def test_equal_chunks_of_two_documents_have_different_ids() -> None:
    elsewhere = document_id(source_id("規程集"), "写し.docx")
    assert chunk_id(DOCUMENT, (), "同じ文", 0) != chunk_id(elsewhere, (), "同じ文", 0)
