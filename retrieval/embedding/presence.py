"""Whether a model is on this machine, and how it comes here; the network is not asked unbidden."""

from pathlib import Path

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


def fetch(name: str) -> Path:
    """Downloads a model from the hub into the local cache and returns its folder.

    Raises:
        EmbedderUnavailable: It cannot be had, or there is no network.
    """
    import httpx
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
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
