"""Train the embedded default embedder on the CPU and write it as a sentence-transformers model.

Run from the repository root:
    python -m benchmarks.embedder.train --evaluation FOLDER --output data/models/kura-static
"""

import argparse
import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer

from benchmarks.embedder.collecting import collect_training_data
from benchmarks.embedder.tokenizing import UNKNOWN, train_tokenizer
from benchmarks.embedder.training import Recipe, TokenPairs, train_vectors

DEFAULT = Recipe()


def write_model(tokenizer: Tokenizer, vectors: NDArray[np.float32], folder: Path) -> None:
    """Save tokenizer and vectors (as float16) in sentence-transformers' format.

    The unknown token's vector is zero: a text of unknown tokens alone must have no direction.
    Vectors are scaled to a largest component of 8, which float16 holds well and cosines ignore.
    """
    scaled = vectors * (8.0 / np.abs(vectors).max())
    scaled[tokenizer.token_to_id(UNKNOWN)] = 0.0
    module = StaticEmbedding(tokenizer, embedding_weights=scaled.astype(np.float16))
    model = SentenceTransformer(modules=[module, Normalize()], device="cpu")
    model.save(str(folder), create_model_card=False)
    (folder / "model.safetensors").chmod(0o644)
    # The names that releases before 6 know too, which later ones still accept.
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
        {
            "idx": 1,
            "name": "1",
            "path": "1_Normalize",
            "type": "sentence_transformers.models.Normalize",
        },
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2) + "\n", encoding="utf-8")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluation", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--output", type=Path, required=True, help="model folder to write")
    parser.add_argument("--vocabulary", type=int, default=32_000)
    parser.add_argument("--dimension", type=int, default=DEFAULT.dimension)
    parser.add_argument("--epochs", type=int, default=DEFAULT.epochs)
    parser.add_argument("--cluster", type=int, default=DEFAULT.cluster)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--without", nargs="*", default=[], help="kinds of pairs to leave out")
    return parser.parse_args()


def announce(epoch: int, loss: float) -> None:
    """Print how an epoch went."""
    print(f"epoch {epoch}: mean loss {loss:.3f}", flush=True)


def main() -> None:
    """Train, report each epoch, write the model and print one JSON line about the run."""
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    started = time.monotonic()
    recipe = Recipe(
        dimension=arguments.dimension, epochs=arguments.epochs, cluster=arguments.cluster
    )
    data = collect_training_data(arguments.evaluation, recipe.seed)
    for kind in arguments.without:
        del data.pairs[kind]
    for kind, kind_pairs in data.pairs.items():
        print(f"{kind:28}{len(kind_pairs):8,} pairs")
    tokenizer = train_tokenizer(data.texts, arguments.vocabulary)
    print(f"tokenizer: {tokenizer.get_vocab_size():,} tokens, {time.monotonic() - started:.0f} s")
    pairs = data.list_pairs()
    vectors = train_vectors(TokenPairs(tokenizer, pairs), recipe, announce)
    write_model(tokenizer, vectors, arguments.output)
    files = [file for file in arguments.output.rglob("*") if file.is_file()]
    report = {
        "recipe": asdict(recipe),
        "pairs": len(pairs),
        "tokens": tokenizer.get_vocab_size(),
        "seconds": round(time.monotonic() - started),
        "bytes": sum(file.stat().st_size for file in files),
        "torch": torch.__version__,
        "cores": os.cpu_count(),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
