"""Write a tuned model beside the one it comes from, in sentence-transformers' own format."""

import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from retrieval.embedding.adapted import Note
from retrieval.ports import Vectors

_LARGEST = 8.0  # component of a written vector: float16 holds it well, and cosines ignore it
_WEIGHTS = "model.safetensors"
_LEFT_OUT = (_WEIGHTS, "README.md")


def write_model(base: Path, vectors: Vectors, note: Note, folder: Path) -> None:
    """Writes a model folder that differs from its base in the token vectors alone.

    Args:
        base: The model folder it was tuned from.
        vectors: One row a token; kept as float16.
        note: What the model says of itself.
        folder: Where to write; it is there already and empty.
    """
    shutil.copytree(base, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    first = json.loads((base / "modules.json").read_text(encoding="utf-8"))[0]
    scaled = vectors * (_LARGEST / np.abs(vectors).max())
    weights = folder / str(first["path"]) / _WEIGHTS
    save_file({"embedding.weight": scaled.astype(np.float16)}, weights, metadata={"format": "pt"})
    weights.chmod(0o644)
    note.write(folder)
