"""What every embedder promises, held by the fake and by all real ones."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, load, save
from onnx.helper import make_node, make_tensor, make_tensor_value_info

from retrieval.embedding.adapted import AdaptedModels, FollowingEmbedder
from retrieval.embedding.backends import Backend
from retrieval.embedding.cache import CachedEmbedder, EmbeddingCache
from retrieval.embedding.exporting import export, quantise
from retrieval.embedding.hub import HubEmbedder
from retrieval.embedding.onnx_running import OnnxEmbedder
from retrieval.embedding.static import StaticEmbedder
from retrieval.errors import EmbedderUnavailable
from retrieval.ports import Embedder
from tests.fakes.embedder import HashEmbedder
from tests.fakes.transformer import build_tiny

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


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Builds a tiny transformer and writes both its ONNX files."""
    folder = build_tiny(tmp_path_factory.mktemp("models") / "tiny")
    written = export(str(folder), reranks=False, int8=False)
    quantise(written).rename(written.with_name("model_int8.onnx"))
    return folder


@pytest.fixture(scope="module")
def transformer(tiny: Path) -> HubEmbedder:
    return HubEmbedder(str(tiny), device="cpu")


@pytest.fixture(scope="module")
def onnx(tiny: Path) -> OnnxEmbedder:
    return OnnxEmbedder(str(tiny))


@pytest.fixture(scope="module")
def int8(tiny: Path) -> OnnxEmbedder:
    return OnnxEmbedder(str(tiny), Backend.ONNX_INT8)


KINDS = ["fake", "static", "hub", "transformer", "onnx", "int8", "cached", "following"]


@pytest.fixture(params=KINDS)
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


def test_onnx_files_give_the_vectors_of_torch(
    transformer: HubEmbedder, onnx: OnnxEmbedder, int8: OnnxEmbedder
) -> None:
    texts = [*TEXTS, *ODD_TEXTS, "", "長い文章です。" * 500]
    expected = transformer.embed_documents(texts)
    np.testing.assert_allclose(onnx.embed_documents(texts), expected, atol=1e-5)
    eight = int8.embed_documents(texts)
    assert not np.array_equal(eight, expected)
    assert (eight * expected).sum(axis=1)[expected.any(axis=1)].min() > 0.99


@pytest.mark.parametrize("pooling", ["cls", "lasttoken", "mean"])
@pytest.mark.parametrize("old", [False, True])
def test_token_vectors_become_one_as_the_model_says(
    tiny: Path, tmp_path: Path, pooling: str, *, old: bool
) -> None:
    copied = tmp_path / "tiny"
    shutil.copytree(tiny, copied)
    told: dict[str, object] = {"pooling_mode": pooling}
    if old:
        names = {"cls": "cls_token", "lasttoken": "lasttoken", "mean": "mean_tokens"}
        told = {f"pooling_mode_{name}": mode == pooling for mode, name in names.items()}
    config = {"embedding_dimension": 16, **told}
    (copied / "1_Pooling" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    expected = HubEmbedder(str(copied), device="cpu").embed_documents(TEXTS)
    found = OnnxEmbedder(str(copied)).embed_documents(TEXTS)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_every_backend_has_a_fingerprint_of_its_own(
    tiny: Path, transformer: HubEmbedder, onnx: OnnxEmbedder, int8: OnnxEmbedder
) -> None:
    halves = [
        HubEmbedder(str(tiny), backend, device="cpu")
        for backend in (Backend.TORCH_BFLOAT16, Backend.TORCH_FLOAT16)
    ]
    prompted = OnnxEmbedder(str(tiny), document_prompt="会議 ")
    kinds = [transformer, *halves, onnx, int8, prompted]
    assert len({each.fingerprint for each in kinds}) == len(kinds)
    assert OnnxEmbedder(str(tiny)).fingerprint == onnx.fingerprint
    expected = transformer.embed_documents(TEXTS)
    for half in halves:
        assert (half.embed_documents(TEXTS) * expected).sum(axis=1).min() > 0.99


def test_what_cannot_run_from_an_onnx_file_is_refused_with_a_remedy(
    tiny: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "tiny"
    shutil.copytree(tiny, copied)
    file = copied / "onnx" / "model.onnx"

    def refused() -> str:
        with pytest.raises(EmbedderUnavailable) as caught:
            OnnxEmbedder(str(copied))
        assert caught.value.message("ja")
        return caught.value.message("en")

    config = copied / "1_Pooling" / "config.json"
    config.write_text('{"pooling_mode": "max"}', encoding="utf-8")
    assert "max" in (told := refused())
    assert "KURA_HUB_BACKEND=torch" in told
    modules = json.loads((copied / "modules.json").read_text(encoding="utf-8"))
    modules.append({"idx": 2, "name": "2", "path": "2_Dense", "type": "x.Dense"})
    (copied / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    assert "Dense" in refused()
    file.write_bytes(file.read_bytes()[:1_000])
    assert "export it again" in refused()
    file.unlink()
    assert f"kura models export {copied}" in refused()
    (copied / "tokenizer.json").unlink()
    assert "--int8" not in refused()


@pytest.mark.parametrize("file", ["modules.json", "config_sentence_transformers.json"])
@pytest.mark.parametrize("damage", ["null", '"x"', '[{"a": 1}]', "{"])
def test_a_model_whose_own_description_is_damaged_is_refused(
    tiny: Path, tmp_path: Path, file: str, damage: str
) -> None:
    copied = tmp_path / "tiny"
    shutil.copytree(tiny, copied)
    (copied / file).write_text(damage, encoding="utf-8")
    with pytest.raises(EmbedderUnavailable, match=rf"{file}.*is damaged"):
        OnnxEmbedder(str(copied))


def test_token_vectors_are_found_among_outputs_and_other_numbers_are_refused(
    tiny: Path, onnx: OnnxEmbedder, tmp_path: Path
) -> None:
    copied = tmp_path / "tiny"
    shutil.copytree(tiny, copied)
    file = copied / "onnx" / "model.onnx"
    graph = load(file)
    name = graph.graph.output[0].name

    def write(*outputs: str, length: int = 0) -> None:
        changed = ModelProto()
        changed.CopyFrom(graph)
        del changed.graph.output[:]
        for output in outputs:
            operation = "ReduceMax" if output == "sentence_embedding" else "Identity"
            shape = ["a", "b"] if operation == "ReduceMax" else ["a", "b", "c"]
            keeps = {} if operation == "Identity" else {"keepdims": 0}
            inputs = [name] if operation == "Identity" else [name, "axes"]
            changed.graph.node.append(make_node(operation, inputs, [output], **keeps))
            changed.graph.output.append(make_tensor_value_info(output, TensorProto.FLOAT, shape))
        changed.graph.initializer.append(make_tensor("axes", TensorProto.INT64, [1], [1]))
        for given in changed.graph.input if length else ():
            given.type.tensor_type.shape.dim[1].dim_value = length
        save(changed, file)

    write("sentence_embedding", "last_hidden_state")
    found = OnnxEmbedder(str(copied)).embed_documents(TEXTS)
    np.testing.assert_array_equal(found, onnx.embed_documents(TEXTS))
    for refused in ("logits", "sentence_embedding"):
        write(refused)
        with pytest.raises(EmbedderUnavailable, match=refused):
            OnnxEmbedder(str(copied))
    write("last_hidden_state", length=16)
    with pytest.raises(EmbedderUnavailable, match="KURA_HUB_BACKEND=torch"):
        OnnxEmbedder(str(copied))


@pytest.mark.parametrize("part", ["model.onnx_data", "Constant_7_attr__value"])
def test_weights_beside_an_onnx_file_are_part_of_its_fingerprint(
    tiny: Path, onnx: OnnxEmbedder, tmp_path: Path, part: str
) -> None:
    copied = tmp_path / "tiny"
    shutil.copytree(tiny, copied)
    assert OnnxEmbedder(str(copied)).fingerprint == onnx.fingerprint
    (copied / "onnx" / part).write_bytes(b"0")
    assert OnnxEmbedder(str(copied)).fingerprint != onnx.fingerprint


def test_an_onnx_file_is_run_without_torch(tiny: Path) -> None:
    code = (
        "import sys; from retrieval.embedding.onnx_running import *;"
        f"OnnxEmbedder({str(tiny)!r}).embed_query('休暇');"
        "print([name for name in ('torch', 'sentence_transformers', 'transformers')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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
