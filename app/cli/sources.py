"""`kura sources`: where documents come from."""

from typing import Annotated

import typer

from app.cli import describing
from app.cli.choosing import find_source
from app.cli.speaking import Json, emit, say, tell
from app.settings import load_settings
from retrieval.catalog import Source

NameArgument = Annotated[str, typer.Argument(help=say("Name of the source.", "取り込み元の名前。"))]

app = typer.Typer(no_args_is_help=True, help=describing.SOURCES)


@app.command("list", help=describing.SOURCES_LIST)
def show(*, as_json: Json = False) -> None:
    """Lists the sources with their location and readers."""
    from app.bootstrap import open_store

    with open_store(load_settings()) as catalog:
        found = [(item, len(catalog.documents.states(item.id))) for item in catalog.sources.list()]
    if as_json:
        emit({"sources": [{**_describe(item), "documents": count} for item, count in found]})
        return
    if not found:
        tell(say("There is no source yet: `kura ingest FOLDER`.", "取り込み元はまだありません。"))
    for item, count in found:
        readers = ", ".join(sorted(item.access.allow)) or "-"
        tell(f"{item.name}  {item.location}  {count}  [{readers}]")


@app.command("remove", help=describing.SOURCES_REMOVE)
def remove(name: NameArgument, *, as_json: Json = False) -> None:
    """Removes a source with all its documents from the catalog."""
    from app.bootstrap import open_store

    with open_store(load_settings()) as catalog:
        source = find_source(catalog, name)
        count = len(catalog.documents.states(source.id))
        catalog.sources.remove(source.id)
    if as_json:
        emit({"name": name, "documents": count})
    else:
        tell(
            say(
                f"The source {name} and its {count} documents are removed.",
                f"取り込み元「{name}」と {count} 件の文書を除きました。",
            )
        )


def _describe(source: Source) -> dict[str, object]:
    return {
        "id": source.id,
        "name": source.name,
        "kind": source.kind,
        "location": source.location,
        "department": source.department,
        "allow": sorted(source.access.allow),
        "deny": sorted(source.access.deny),
    }
