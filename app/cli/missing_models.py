"""Search models that are asked for: by which name they go, and that one is not here."""

from difflib import get_close_matches
from typing import TYPE_CHECKING

from app.cli.speaking import say
from app.settings import EMBEDDED_MODEL, Settings
from retrieval.errors import EmbedderUnavailable, NotFound

if TYPE_CHECKING:
    from retrieval.embedding.presets import Preset

_MOST_NEAR = 3


class UnknownModel(NotFound):
    """No known model goes by that name."""

    code = "model-unknown"
    ja = "モデル「{value}」は一覧にありません。{near}「kura models list」で名前を確かめてください。"
    en = "There is no model {value!r} in the list.{near} `kura models list` shows the names."


class NoModelInFolder(EmbedderUnavailable):
    """The folder named holds no model."""

    code = "no-model-in-folder"
    ja = (
        "「{model}」にモデルがありません（config.json か modules.json が必要です）。"
        "パスを確かめてください。"
    )
    en = "There is no model in {model} (it needs config.json or modules.json). Check the path."


class DownloadsForbidden(EmbedderUnavailable):
    """The model is not on this machine, and nothing may be downloaded."""

    code = "downloads-forbidden"
    ja = (
        "モデル {name} はこの機械になく、ダウンロードも許されていません。{near}"
        "「KURA_ALLOW_DOWNLOADS=true kura models warm {name}」で取得するか、別の機械で取得した"
        "フォルダーを置き、{setting} にそのパスを指定してください。"
    )
    en = (
        "The model {name} is not on this machine, and nothing may be downloaded.{near} Fetch it"
        " with `KURA_ALLOW_DOWNLOADS=true kura models warm {name}`, or put a folder fetched"
        " elsewhere here and set {setting} to its path."
    )


def find_known(name: str) -> "Preset":
    """Returns the known model of that name.

    Raises:
        UnknownModel: There is none; those with a similar name are told.
    """
    from retrieval.embedding.presets import find_preset

    preset = find_preset(name)
    if preset is None:
        raise UnknownModel(value=name, near=_name_near(name))
    return preset


def name_reachable(name: str, settings: Settings) -> str:
    """Returns the name or folder by which a model can be loaded or fetched.

    Raises:
        NoModelInFolder: A folder is named, and it holds none.
        DownloadsForbidden: It is not here and may not be fetched.
    """
    from retrieval.embedding.presence import find_on_disk
    from retrieval.embedding.presets import find_preset

    if name == EMBEDDED_MODEL.name:
        return str(EMBEDDED_MODEL)
    if find_on_disk(name):
        return name
    if name.startswith(("/", ".", "~")):
        raise NoModelInFolder(model=name)
    preset = find_preset(name)
    full = preset.name if preset else name
    if settings.allow_downloads or find_on_disk(full):
        return full
    reranks = preset is not None and not preset.dimension
    setting = "KURA_RERANKER" if reranks else "KURA_EMBEDDING_MODEL"
    near = "" if preset else _name_near(name)
    raise DownloadsForbidden(name=full, setting=setting, near=near)


def is_reranker(name: str, settings: Settings) -> bool:
    """Returns whether a model reranks: a known one that does, the settings', or by its folder."""
    from retrieval.embedding.presence import find_on_disk, scores_pairs
    from retrieval.embedding.presets import find_preset

    preset = find_preset(name)
    if preset is not None:
        return not preset.dimension
    folder = find_on_disk(name)
    return name == settings.reranker or (folder is not None and scores_pairs(folder))


def _name_near(name: str) -> str:
    """Returns a sentence with the known models whose names are similar; "" where none is."""
    from retrieval.embedding.presets import PRESETS

    known = {preset.name.rpartition("/")[2].casefold(): preset.name for preset in PRESETS}
    asked = name.rstrip("/").rpartition("/")[2].casefold()
    near = [known[each] for each in get_close_matches(asked, known, _MOST_NEAR)]
    if not near:
        return ""
    return say(f" Similar names: {', '.join(near)}.", f"近い名前: {'、'.join(near)}。")
