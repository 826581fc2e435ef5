"""`kura models export`: write the ONNX file of a model that is on this machine."""

from typing import Annotated

import typer

from app.cli.missing_models import is_reranker, name_reachable
from app.cli.speaking import Json, emit, say, tell
from app.settings import load_settings

ExportedArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help=say(
            "A model of the hub that is on this machine, or a folder.",
            "取得済みのハブのモデル、またはフォルダー。",
        ),
    ),
]
Int8 = Annotated[
    bool,
    typer.Option(
        "--int8", help=say("With weights in 8 bits.", "重みを 8 ビットにして書き出します。")
    ),
]


def export_model(name: ExportedArgument, *, int8: Int8 = False, as_json: Json = False) -> None:
    """Writes a model's ONNX file beside its weights."""
    from retrieval.embedding.backends import Backend
    from retrieval.embedding.exporting import export

    settings = load_settings()
    name = name_reachable(name, settings)
    reranks = is_reranker(name, settings)
    file = export(name, reranks=reranks, int8=int8)
    backend = Backend.ONNX_INT8 if int8 else Backend.ONNX
    if as_json:
        emit({"name": name, "file": str(file), "backend": str(backend)})
        return
    tell(say(f"Written: {file}", f"書き出しました: {file}"))
    then = say("restart", "再起動") if reranks else "kura reindex"
    tell(say("To use it:", "使うには:"))
    tell(f"  KURA_HUB_BACKEND={backend}  → {then}")
