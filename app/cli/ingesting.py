"""`kura ingest` and `kura reindex`: orders for the worker, followed to their end."""

from typing import Annotated

import typer

from app.cli.choosing import (
    FolderChoice,
    find_ingestible,
    find_named,
    find_source,
    register_folder,
)
from app.cli.speaking import LANGUAGE, Json, say, warn
from app.orders import order_ingestion
from app.settings import Settings, load_settings
from retrieval.catalog import Catalog, Source
from retrieval.errors import KuraError

FolderArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[FOLDER|NAME]",
        help=say(
            "Folder to ingest, or name of a registered source.",
            "取り込むフォルダー、または登録済みの取り込み元の名前。",
        ),
    ),
]
SourceOption = Annotated[
    str | None,
    typer.Option(help=say("Name of a registered source.", "登録済みの取り込み元の名前。")),
]
SampleOption = Annotated[
    bool, typer.Option("--sample", help=say("Ingest the sample company.", "見本の会社の文書。"))
]
NameOption = Annotated[
    str | None,
    typer.Option(help=say("Name to give the source.", "取り込み元に付ける名前。")),
]
DepartmentOption = Annotated[
    str | None,
    typer.Option(help=say("Department its documents belong to.", "文書が属する部署。")),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PRINCIPAL",
        help=say(
            "Who may read: everyone, user:NAME or group:NAME. May be repeated.",
            "読める人: everyone、user:名前、group:名前。繰り返し指定できます。",
        ),
    ),
]
DenyOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PRINCIPAL",
        help=say(
            "Who may not read; wins over --allow. May be repeated.",
            "読めない人。--allow に優先します。繰り返し指定できます。",
        ),
    ),
]
RemovalsOption = Annotated[
    bool,
    typer.Option(
        "--allow-removals",
        help=say(
            "Remove documents even when unusually many are gone, and take versions that lost"
            " nearly all of their text.",
            "多数の文書が消えていても削除を実行し、本文が大きく減った版も受け入れます。",
        ),
    ),
]


PlanOption = Annotated[
    bool,
    typer.Option(
        "--plan",
        help=say(
            "Show what would be added, changed, moved, removed or held, and change nothing in the"
            " catalog. Copies of web pages, repositories and mailboxes are brought up to date.",
            "追加・変更・移動・削除・保留になる文書を表示し、カタログは変更しません。"
            "Web ページ・リポジトリー・メールボックスの控えは最新にします。",
        ),
    ),
]


def ingest(  # noqa: PLR0913 - one parameter for each option
    folder: FolderArgument = None,
    *,
    source: SourceOption = None,
    sample: SampleOption = False,
    name: NameOption = None,
    department: DepartmentOption = None,
    allow: AllowOption = None,
    deny: DenyOption = None,
    allow_removals: RemovalsOption = False,
    plan: PlanOption = False,
    as_json: Json = False,
) -> None:
    """Orders the ingestion of one folder, one source or all sources, and follows it."""
    from app.bootstrap import open_store
    from app.cli.following import see_through

    settings = load_settings()
    with open_store(settings) as catalog:
        known = None if folder is None else find_named(catalog, folder)
        if known is not None:
            chosen = [known]
        elif folder is not None:
            access = (tuple(allow or ()), tuple(deny or ()))
            chosen = [register_folder(catalog, FolderChoice(folder, name, department, *access))]
        else:
            chosen = _choose(settings, catalog, source, sample=sample, plan=plan)
        if plan:
            from app.cli.planning import show_plans

            raise typer.Exit(
                show_plans(settings, catalog, chosen, confirmed=allow_removals, as_json=as_json)
            )
        jobs = [
            order_ingestion(catalog, item.id, owner="admin", allow_removals=allow_removals)
            for item in chosen
        ]
        raise typer.Exit(see_through(settings, catalog, jobs, as_json=as_json))


def _choose(
    settings: Settings, catalog: Catalog, name: str | None, *, sample: bool, plan: bool
) -> list[Source]:
    if sample:
        from app.sample import register

        return [register(catalog)]
    if name is not None:
        return [find_source(catalog, name)]
    if not plan:
        _follow_file(settings, catalog)
    return find_ingestible(catalog)


def _follow_file(settings: Settings, catalog: Catalog) -> None:
    """Registers what the sources file declares; a broken one is told and changes nothing."""
    from app.declaring import read_sources, register_declared

    if not settings.sources_file.exists():
        return
    try:
        register_declared(catalog, read_sources(settings.sources_file))
    except KuraError as error:
        warn(error.message(LANGUAGE))


def reindex(*, as_json: Json = False) -> None:
    """Orders new indexes and follows the job."""
    from app.bootstrap import open_store
    from app.cli.following import see_through
    from app.orders import INGEST_PRIORITY, REINDEX

    settings = load_settings()
    with open_store(settings) as catalog:
        job = catalog.jobs.enqueue(REINDEX, {}, owner="admin", priority=INGEST_PRIORITY)
        raise typer.Exit(see_through(settings, catalog, [job], as_json=as_json))
