"""What every embedder promises, held by the fake and by all real ones."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedding.adapted import AdaptedModels, FollowingEmbedder
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.embedding.hub import HubEmbedder
from retrieval.embedding.static import StaticEmbedder
from retrieval.ports import Embedder
from tests.fakes.embedder import HashEmbedder

MODEL = Path(__file__).parents[2] / "data" / "models" / "kura-static"
TEXTS = [
    "有給休暇の申請は、三営業日前までに上長へ提出してください。",
    "Parental leave may be requested from the People team four weeks in advance.",
    "型番 AB-1234 の点検は2024年4月から毎月行います。",
    "経費精算システムの使い方（領収書の添付）",
    "The VPN client must be updated before connecting from home.",
]
ODD_TEXTS = [
    "a\x00b",
    "絵文字🎉だけでなく文字も",
    "\ud800 lone surrogate",
    "ﾊﾝｶｸ ｶﾀｶﾅ",
    "מסמך עברי",
    "x" * 15_000,
    "か\u3099",
]


@pytest.fixture(scope="module")
def static() -> StaticEmbedder:
    return StaticEmbedder(MODEL)


@pytest.fixture(scope="module")
def hub() -> HubEmbedder:
    return HubEmbedder(str(MODEL), device="cpu")


@pytest.fixture(params=["fake", "static", "hub", "cached", "following"])
def embedder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Embedder]:
    if request.param == "fake":
        yield HashEmbedder()
    elif request.param == "cached":
        cache = EmbeddingCache(tmp_path / "embeddings.sqlite")
        yield CachedEmbedder(request.getfixturevalue("static"), cache)
        cache.close()
    elif request.param == "following":
        static = request.getfixturevalue("static")
        yield FollowingEmbedder(static, AdaptedModels(tmp_path), lambda: None)
    else:
        yield request.getfixturevalue(request.param)


def test_documents_become_one_float32_row_each(embedder: Embedder) -> None:
    rows = embedder.embed_documents(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dimension)
    assert rows.dtype == np.float32


def test_a_query_becomes_one_vector_of_the_same_length(embedder: Embedder) -> None:
    vector = embedder.embed_query("有給休暇はいつまでに申請しますか")
    assert vector.shape == (embedder.dimension,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_rows_are_normalised(embedder: Embedder) -> None:
    norms = np.linalg.norm(embedder.embed_documents(TEXTS), axis=1)
    np.testing.assert_allclose(norms, 1, atol=1e-5)


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed_documents([]).shape == (0, embedder.dimension)


@pytest.mark.parametrize("nothing", ["", " \n　", "。、!?…---"])
def test_a_text_without_words_is_a_zero_row_and_harms_no_neighbour(
    embedder: Embedder, nothing: str
) -> None:
    rows = embedder.embed_documents([TEXTS[0], nothing, TEXTS[1]])
    assert not rows[1].any()
    np.testing.assert_allclose(rows[[0, 2]], embedder.embed_documents(TEXTS[:2]), atol=1e-6)
    assert not embedder.embed_query(nothing).any()


def test_odd_texts_give_finite_vectors(embedder: Embedder) -> None:
    rows = embedder.embed_documents(ODD_TEXTS)
    assert np.isfinite(rows).all()
    assert rows.shape == (len(ODD_TEXTS), embedder.dimension)


def test_the_same_text_always_gives_the_same_vector(embedder: Embedder) -> None:
    np.testing.assert_array_equal(
        embedder.embed_documents(TEXTS), embedder.embed_documents(list(TEXTS))
    )


def test_rows_keep_the_order_of_the_texts_also_across_batches(embedder: Embedder) -> None:
    texts = [f"{TEXTS[number % len(TEXTS)]} {number * 37}" for number in range(600)]
    rows = embedder.embed_documents(texts)
    for place in (0, 1, 255, 256, 257, 599):
        alone = embedder.embed_documents([texts[place]])[0]
        np.testing.assert_allclose(rows[place], alone, atol=1e-5)


def test_repeated_texts_get_equal_rows(embedder: Embedder) -> None:
    rows = embedder.embed_documents([TEXTS[0], TEXTS[1], TEXTS[0]])
    np.testing.assert_array_equal(rows[0], rows[2])


def test_a_text_is_nearest_to_itself(embedder: Embedder) -> None:
    rows = embedder.embed_documents(TEXTS)
    for place, text in enumerate(TEXTS):
        assert int(np.argmax(rows @ embedder.embed_query(text))) == place


def test_the_fingerprint_is_stable_and_short(embedder: Embedder) -> None:
    before = embedder.fingerprint
    embedder.embed_documents(TEXTS)
    assert embedder.fingerprint == before
    assert 0 < len(before) <= 120
    assert before.isascii()


def test_static_and_sentence_transformers_give_equal_vectors(
    static: StaticEmbedder, hub: HubEmbedder
) -> None:
    texts = [*TEXTS, *ODD_TEXTS, "", "長い文章です。" * 5_000, "Long text here. " * 3_000]
    np.testing.assert_allclose(
        static.embed_documents(texts), hub.embed_documents(texts), rtol=1e-3, atol=1e-5
    )


def test_two_loads_of_one_model_have_one_fingerprint(
    static: StaticEmbedder, hub: HubEmbedder
) -> None:
    assert StaticEmbedder(MODEL).fingerprint == static.fingerprint
    assert HubEmbedder(str(MODEL), device="cpu").fingerprint == hub.fingerprint
    assert static.fingerprint != hub.fingerprint


def test_prompts_change_the_fingerprint_and_the_vectors_they_belong_to(hub: HubEmbedder) -> None:
    prompted = HubEmbedder(str(MODEL), query_prompt="会議 ", device="cpu")
    assert prompted.fingerprint != hub.fingerprint
    assert not np.allclose(prompted.embed_query(TEXTS[0]), hub.embed_query(TEXTS[0]))
    np.testing.assert_array_equal(prompted.embed_documents(TEXTS), hub.embed_documents(TEXTS))


@pytest.mark.parametrize(
    ("question", "answer", "unrelated"),
    [
        (
            "休暇を取るにはどう申し込めばよいですか",
            "有給休暇の申請は上長に提出します。",
            "サーバーの監視設定は毎週見直します。",
        ),
        (
            "How do I get my money back after a business trip?",
            "Travel expenses are reimbursed after you submit a report.",
            "The database is backed up every night.",
        ),
        (
            "How do I request time off?",
            "休暇の取得を申請する方法",
            "セキュリティインシデントの報告先",
        ),
    ],
)
def test_a_paraphrase_is_nearer_than_an_unrelated_sentence(
    static: StaticEmbedder, question: str, answer: str, unrelated: str
) -> None:
    rows = static.embed_documents([answer, unrelated])
    near, far = rows @ static.embed_query(question)
    assert near > far
