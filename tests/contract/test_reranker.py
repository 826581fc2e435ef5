"""What every reranker promises, held by a small true one and by a CrossEncoder."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from retrieval.embedding.backends import Backend
from retrieval.embedding.cross_encoder import CrossEncoderReranker
from retrieval.embedding.exporting import export
from retrieval.errors import RerankerUnavailable
from retrieval.ports import Reranker
from tests.fakes.reranker import OverlapReranker

QUESTION = "有給休暇の申請はいつまでですか"
TEXTS = [
    "有給休暇の申請は、三営業日前までに上長へ提出してください。",
    "Parental leave may be requested four weeks in advance.",
    "型番 AB-1234 の点検は毎月行います。",
]
ODD_TEXTS = ["", "\ud800 lone surrogate", "絵文字🎉", "x" * 20_000, "a\x00b"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Builds a tiny BERT that scores pairs, with random weights and a vocabulary of letters."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    home = tmp_path_factory.mktemp("reranker")
    letters = sorted({c for text in (QUESTION, *TEXTS) for c in text.lower() if c.strip()})
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    (home / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    tokenizer = BertTokenizerFast(vocab_file=str(home / "vocab.txt"), model_max_length=64)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64, num_labels=1,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(home)
    tokenizer.save_pretrained(home)
    return home


@pytest.fixture(scope="module")
def cross_encoder(folder: Path) -> CrossEncoderReranker:
    return CrossEncoderReranker(str(folder), device="cpu")


@pytest.fixture(scope="module")
def onnx(folder: Path) -> CrossEncoderReranker:
    export(str(folder), reranks=True, int8=False)
    return CrossEncoderReranker(str(folder), Backend.ONNX)


@pytest.fixture(params=["overlap", "cross_encoder", "onnx"])
def reranker(request: pytest.FixtureRequest) -> Reranker:
    if request.param == "overlap":
        return OverlapReranker()
    found: Reranker = request.getfixturevalue(request.param)
    return found


def test_each_text_gets_a_score_between_0_and_1(reranker: Reranker) -> None:
    scores = reranker.score(QUESTION, TEXTS)
    assert len(scores) == len(TEXTS)
    assert all(isinstance(score, float) and 0 <= score <= 1 for score in scores)


def test_no_texts_give_no_scores(reranker: Reranker) -> None:
    assert reranker.score(QUESTION, []) == []


def test_odd_texts_get_scores_too(reranker: Reranker) -> None:
    assert all(0 <= score <= 1 for score in reranker.score(QUESTION, ODD_TEXTS))
    assert len(reranker.score("\ud800", TEXTS)) == len(TEXTS)


def test_a_score_does_not_depend_on_the_other_texts(reranker: Reranker) -> None:
    def each_alone(texts: Sequence[str]) -> list[float]:
        return [reranker.score(QUESTION, [text])[0] for text in texts]

    assert reranker.score(QUESTION, TEXTS * 5) == pytest.approx(each_alone(TEXTS) * 5, abs=1e-5)


def test_the_onnx_file_and_half_precision_score_as_torch_does(
    folder: Path, cross_encoder: CrossEncoderReranker, onnx: CrossEncoderReranker
) -> None:
    texts = [*TEXTS, *ODD_TEXTS]
    expected = cross_encoder.score(QUESTION, texts)
    assert onnx.score(QUESTION, texts) == pytest.approx(expected, abs=1e-5)
    half = CrossEncoderReranker(str(folder), Backend.TORCH_BFLOAT16, device="cpu")
    assert half.score(QUESTION, texts) == pytest.approx(expected, abs=0.01)


def test_it_has_a_name(reranker: Reranker) -> None:
    assert reranker.name


def test_a_model_that_is_not_here_is_refused_in_both_languages(tmp_path: Path) -> None:
    absent = CrossEncoderReranker(str(tmp_path / "absent"))
    with pytest.raises(RerankerUnavailable) as caught:
        absent.score(QUESTION, TEXTS)
    assert "absent" in caught.value.message("ja")
    assert "check the name" in caught.value.message("en")


def test_a_model_that_sorts_into_classes_is_no_reranker(folder: Path, tmp_path: Path) -> None:
    from transformers import BertConfig, BertForSequenceClassification

    for file in folder.glob("*token*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = BertConfig.from_pretrained(folder, num_labels=3)
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    with pytest.raises(RerankerUnavailable, match="not a reranker"):
        CrossEncoderReranker(str(tmp_path), device="cpu").score(QUESTION, TEXTS)
    with pytest.raises(RerankerUnavailable, match="kura models export"):
        CrossEncoderReranker(str(tmp_path), Backend.ONNX).score(QUESTION, TEXTS)


def test_naming_a_reranker_loads_nothing_before_its_first_use() -> None:
    code = (
        "import sys, json\n"
        "import app.main\n"
        "from app.equipping import build_reranking\n"
        "from app.settings import load_settings\n"
        "off = build_reranking(load_settings())\n"
        "before = [n for n in sys.modules if n.startswith('retrieval.embedding.cross')]\n"
        "on = build_reranking(load_settings(reranker='hotchpotch/japanese-reranker-xsmall-v2'))\n"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'onnxruntime', 'tokenizers'}\n"
        "heavy = sorted(heavy & set(sys.modules))\n"
        "print(json.dumps([off is None, before, on is not None, heavy]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == [True, [], True, []]
