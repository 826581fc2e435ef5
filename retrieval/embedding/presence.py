"""Whether a model is on this machine, and how it comes here; the network is not asked unbidden."""

import json
from pathlib import Path
from shlex import quote

from retrieval.embedding.backends import PARTS, Backend
from retrieval.errors import EmbedderUnavailable

_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
_NOT_NEEDED = ["*.onnx*", "*.msgpack", "*.h5", "*.ot", "*.gguf", "openvino/*", "onnx/*"]


def find_on_disk(name: str) -> Path | None:
    """Returns the folder of a model, given by its folder or its name on the hub.

    ``None`` where it is not here, or only in part.
    """
    folder = Path(name).expanduser()
    if (folder / "config.json").is_file() or (folder / "modules.json").is_file():
        return folder
    # Imported here because only who asks for models of the hub needs it.
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(name, "config.json")
        weights = [try_to_load_from_cache(name, file) for file in _WEIGHTS]
    except HFValidationError:  # no such name can be on the hub
        return None
    if not isinstance(config, str) or not any(isinstance(each, str) for each in weights):
        return None
    return Path(config).parent


def scores_pairs(folder: Path) -> bool:
    """Returns whether the model of a folder says that it gives scores, as rerankers do."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kinds = [str(each) for each in config.get("architectures") or ()]
    except (OSError, ValueError, AttributeError, TypeError):
        return False
    return any(kind.endswith("ForSequenceClassification") for kind in kinds)


def find_onnx(folder: Path, backend: Backend) -> Path | None:
    """Returns the file of a model's folder that a backend runs; ``None`` where there is none."""
    files = (folder / file for file in backend.files)
    return next((file for file in files if file.is_file()), None)


def require_onnx(folder: Path, backend: Backend, name: str) -> Path:
    """Returns the file of a model's folder that a backend runs.

    Raises:
        EmbedderUnavailable: There is none; how to make it is told.
    """
    file = find_onnx(folder, backend)
    if file is None:
        int8 = " --int8" if backend is Backend.ONNX_INT8 else ""
        command = f"kura models export {quote(name)}{int8}"
        reason = (
            f"{folder} に {backend.files[0]} がありません。「{command}」で作れます / "
            f"there is no {backend.files[0]} in {folder}: `{command}` makes it"
        )
        raise EmbedderUnavailable(model=name, reason=reason)
    return file


def find_or_fetch(name: str, backend: Backend, *, allow_download: bool) -> Path:
    """Returns the folder of a model; what a backend needs is fetched where it is not here.

    Raises:
        EmbedderUnavailable: The model is not here, and cannot or may not be fetched.
    """
    folder = find_on_disk(name)
    whole = folder is not None and (not backend.is_onnx or find_onnx(folder, backend) is not None)
    if not whole and allow_download and not Path(name).expanduser().is_dir():
        return fetch(name, backend)
    if folder is None:
        reason = (
            "この機械にありません。モデル名を確かめるか、ダウンロードを許可してください / "
            "it is not on this machine: check the name, or allow the download"
        )
        raise EmbedderUnavailable(model=name, reason=reason)
    return folder


def fetch(name: str, backend: Backend = Backend.TORCH) -> Path:
    """Downloads a model from the hub into the local cache and returns its folder.

    The weights for torch always come; the ONNX files of a backend too, where the hub has any.

    Raises:
        EmbedderUnavailable: It cannot be had, or there is no network.
    """
    import httpx
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        if backend.is_onnx:
            # What a file needs comes before it: where it is, it is whole, also after a break.
            parts = [f"{file}?*" for file in backend.files]
            snapshot_download(name, allow_patterns=[*parts, f"onnx/{PARTS}"])
            snapshot_download(name, allow_patterns=list(backend.files))
        return Path(snapshot_download(name, ignore_patterns=_NOT_NEEDED))
    except (
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        httpx.HTTPError,
        OSError,
    ) as error:
        reason = (
            f"{type(error).__name__}: {error}。"
            "モデル名とネットワークを確かめてください / check the name and the network"
        )
        raise EmbedderUnavailable(model=name, reason=reason) from error
