"""A tiny true transformer that makes vectors, with random weights and a vocabulary of letters."""

from pathlib import Path

_LETTERS = "ぁあいうえお有給休暇日出張精算会議室検索文書クエリ:abcdefghijklmnopqrstuvwxyz"


def build_tiny(folder: Path, pooling: str = "mean") -> Path:
    """Writes the model in sentence-transformers' format and returns its folder.

    Args:
        folder: Where it goes; its name is the model's.
        pooling: How token vectors become one.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    bare = folder / "bert"
    bare.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(_LETTERS)]
    (bare / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(bare)
    tokenizer = BertTokenizerFast(vocab_file=str(bare / "vocab.txt"), model_max_length=64)
    tokenizer.save_pretrained(bare)
    modules = [Transformer(str(bare)), Pooling(16, pooling)]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder))
    return folder
