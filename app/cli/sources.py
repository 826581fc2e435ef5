"""`kura sources`: where documents come from."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import describing
from app.cli.choosing import find_folder, find_source
from app.cli.ingesting import AllowOption, DenyOption, DepartmentOption
from app.cli.setting import parse_settings
from app.cli.speaking import Json, emit, say, tell, warn
from app.cli.standing import describe_source, show_line, show_source
from app.declaring import ADMINS_ONLY, Difference, is_declared
from app.registering import check_change, check_from_outside, check_principals
from app.settings import load_settings
from ingestion.sources.kinds import FOLDER
from retrieval.catalog import Catalog, NewSource, Source
from retrieval.model import Access

NameArgument = Annotated[str, typer.Argument(help=say("Name of the source.", "取り込み元の名前。"))]
KindOption = Annotated[
    str | None,
    typer.Option(
        help=say(
            "folder, web, git, imap, maildir or mbox; folder by default.",
            "folder、web、git、imap、maildir、mbox のいずれか。既定は folder です。",
        )
    ),
]
LocationOption = Annotated[
    str | None,
    typer.Option(
        help=say(
            "Folder or address it points to.", "取り込み元の場所（フォルダーまたはアドレス）。"
        )
    ),
]
OwnerOption = Annotated[
    str | None, typer.Option(help=say("Owner of its documents.", "文書の担当者。"))
]
TagOption = Annotated[
    list[str] | None,
    typer.Option(
        help=say("Tag of its documents. May be repeated.", "文書のタグ。繰り返し指定できます。")
    ),
]
ScheduleOption = Annotated[
    str | None,
    typer.Option(
        help=say(
            "Five cron fields in local time, or off; empty for KURA_SCHEDULE.",
            "cron 形式の 5 項目（現地時間）または off。空なら KURA_SCHEDULE に従います。",
        )
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help=say(
            "A setting of its kind, the value as in TOML; an empty value takes it away."
            " May be repeated.",
            "種類ごとの設定。値は TOML の書き方で、空なら設定を外します。繰り返し指定できます。",
        ),
    ),
]
FileArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]",
        help=say("The file, by default that of KURA_SOURCES.", "既定は KURA_SOURCES のファイル。"),
    ),
]
PlanOption = Annotated[
    bool,
    typer.Option(
        "--plan", help=say("Show it and change nothing.", "表示だけで、何も変更しません。")
    ),
]
RemoveOption = Annotated[
    bool,
    typer.Option(
        "--remove-unlisted",
        help=say(
            "Remove sources that the file does not name, with their documents; never uploads.",
            "ファイルにない取り込み元を文書ごと除きます（アップロードは除きません）。",
        ),
    ),
]

app = typer.Typer(no_args_is_help=True, help=describing.SOURCES)


@app.command("add", help=describing.SOURCES_ADD)
def add(  # noqa: PLR0913 - one parameter for each option
    name: NameArgument,
    *,
    kind: KindOption = None,
    location: LocationOption = None,
    department: DepartmentOption = None,
    owner: OwnerOption = None,
    tag: TagOption = None,
    allow: AllowOption = None,
    deny: DenyOption = None,
    schedule: ScheduleOption = None,
    settings: SetOption = None,
    as_json: Json = False,
) -> None:
    """Registers a source, or changes what the options name of one."""
    from app.bootstrap import open_store

    named = {
        "kind": kind,
        "location": location,
        "department": department,
        "owner": owner,
        "tags": None if tag is None else tuple(tag),
        "schedule": schedule,
    }
    with open_store(load_settings()) as catalog:
        before = catalog.sources.find(name)
        new = _change(_begin(name, before), named, allow, deny)
        new = replace(new, settings=parse_settings(new.settings, settings or ()))
        new = check_from_outside(new)
        check_change(before, new)
        source = catalog.sources.add(new)
    if as_json:
        emit(describe_source(source))
        return
    tell(
        say(f"The source {name} is registered.", f"取り込み元「{name}」を登録しました。")
        if before is None
        else say(f"The source {name} is changed.", f"取り込み元「{name}」を変更しました。")
    )


def _change(
    new: NewSource,
    named: Mapping[str, Any],
    allow: list[str] | None,
    deny: list[str] | None,
) -> NewSource:
    """Returns the source with everything changed that an option names."""
    new = replace(new, **{name: value for name, value in named.items() if value is not None})
    if new.kind == FOLDER and (named["location"] is not None or not new.location):
        new = replace(new, location=str(find_folder(new.location)))
    access = Access(
        new.access.allow if allow is None else check_principals("--allow", allow),
        new.access.deny if deny is None else check_principals("--deny", deny),
    )
    return replace(new, access=access)


def _begin(name: str, before: Source | None) -> NewSource:
    """Returns what is registered under the name, or what a new source begins with."""
    if before is None:
        return NewSource(name=name, kind=FOLDER, location="", access=ADMINS_ONLY)
    return NewSource(
        name=name,
        kind=before.kind,
        location=before.location,
        department=before.department,
        access=before.access,
        settings=before.settings,
        owner=before.owner,
        tags=before.tags,
        schedule=before.schedule,
    )


@app.command("list", help=describing.SOURCES_LIST)
def show_all(*, as_json: Json = False) -> None:
    """Lists the sources with their location, readers, last and next run."""
    from app.bootstrap import open_store
    from app.routine import read_clock
    from app.timetable import Timetable

    settings = load_settings()
    with open_store(settings) as catalog:
        outlooks = Timetable(catalog, settings.schedule).outlook(read_clock())
        found = [(item, _count(catalog, item)) for item in catalog.sources.list()]
    if as_json:
        views = [
            {**describe_source(item, outlooks.get(item.id)), "documents": count}
            for item, count in found
        ]
        emit({"sources": views})
        return
    if not found:
        tell(say("There is no source yet: `kura ingest FOLDER`.", "取り込み元はまだありません。"))
    for item, count in found:
        show_line(item, count, outlooks.get(item.id))


@app.command("show", help=describing.SOURCES_SHOW)
def show(name: NameArgument, *, as_json: Json = False) -> None:
    """Shows one source."""
    from app.bootstrap import open_store
    from app.routine import read_clock
    from app.timetable import Timetable

    settings = load_settings()
    with open_store(settings) as catalog:
        source = find_source(catalog, name)
        count = _count(catalog, source)
        outlook = Timetable(catalog, settings.schedule).outlook(read_clock()).get(source.id)
    if as_json:
        emit({**describe_source(source, outlook), "documents": count})
    else:
        show_source(source, count, outlook)


@app.command("apply", help=describing.SOURCES_APPLY)
def apply(
    file: FileArgument = None,
    *,
    plan: PlanOption = False,
    remove_unlisted: RemoveOption = False,
    as_json: Json = False,
) -> None:
    """Applies the sources file."""
    from app.bootstrap import open_store
    from app.declaring import SourcesFileEmpty, compare, read_sources, register_declared

    settings = load_settings()
    declared = read_sources(file or settings.sources_file)
    if remove_unlisted and not declared:  # more likely a file that was cut than a wish
        raise SourcesFileEmpty(path=file or settings.sources_file)
    with open_store(settings) as catalog:
        act = compare if plan else register_declared
        difference = act(catalog, declared)
        if remove_unlisted and not plan:
            for name in difference.unlisted:
                catalog.sources.remove(find_source(catalog, name).id)
    if as_json:
        emit(
            {
                "added": difference.add,
                "changed": dict(difference.change),
                "unchanged": difference.same,
                "unlisted": difference.unlisted,
                "removed": difference.unlisted if remove_unlisted else (),
                "plan": plan,
            }
        )
    else:
        _tell_difference(difference, removing=remove_unlisted)


def _tell_difference(difference: Difference, *, removing: bool) -> None:
    for name in difference.add:
        tell(f"{say('add', '追加')}  {name}")
    for name, what in difference.change.items():
        tell(f"{say('change', '変更')}  {name} ({', '.join(what)})")
    for name in difference.same:
        tell(f"{say('unchanged', '変更なし')}  {name}")
    stays = say(
        "registered, but not in the file; it stays", "登録済み（ファイルにはありません。残します）"
    )
    for name in difference.unlisted:
        tell(f"{say('remove', '削除') if removing else stays}  {name}")


@app.command("remove", help=describing.SOURCES_REMOVE)
def remove(name: NameArgument, *, as_json: Json = False) -> None:
    """Removes a source with all its documents from the catalog."""
    from app.bootstrap import open_store

    settings = load_settings()
    with open_store(settings) as catalog:
        source = find_source(catalog, name)
        count = _count(catalog, source)
        catalog.sources.remove(source.id)
    if is_declared(settings.sources_file, name):
        warn(
            say(
                f"{settings.sources_file} still names {name}: take it out there, or it comes back.",
                f"{settings.sources_file} に「{name}」が残っています。消さないと再び登録されます。",
            )
        )
    if as_json:
        emit({"name": name, "documents": count})
    else:
        tell(
            say(
                f"The source {name} and its {count} documents are removed.",
                f"取り込み元「{name}」と {count} 件の文書を除きました。",
            )
        )


def _count(catalog: Catalog, source: Source) -> int:
    return len(catalog.documents.states(source.id))
