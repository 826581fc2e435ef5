"""Writes the manual's pages on commands and settings from the code itself."""

from typing import cast

import typer
import typer.main
from pydantic.fields import FieldInfo
from typer.core import TyperCommand, TyperGroup

from app.cli.speaking import say
from app.meanings import MEANINGS
from app.settings import PREFIX, PROJECT, Settings

WIDTH = 96


def document_commands() -> None:
    """Prints the help of every command, in the console's language, as Markdown."""
    from app.cli.program import app

    root = cast(TyperGroup, typer.main.get_command(app))
    typer.echo(f"# {say('Commands', 'コマンド')}\n")
    for line in _describe(root, typer.Context(root, info_name="kura", terminal_width=WIDTH)):
        typer.echo(line)


def _describe(command: TyperCommand | TyperGroup, context: typer.Context) -> list[str]:
    lines = [f"## `{context.command_path}`", "", "```text", command.get_help(context), "```", ""]
    for name, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            inner = typer.Context(child, info_name=name, parent=context, terminal_width=WIDTH)
            lines += _describe(child, inner)
    return lines


def document_settings() -> None:
    """Prints every setting in both languages as Markdown."""
    typer.echo(SETTINGS_HEAD)
    for name, field in Settings.model_fields.items():
        meaning = MEANINGS[name]
        typer.echo(
            f"| `{PREFIX}{name.upper()}` | {describe_default(name, field)} |"
            f" {meaning.ja}<br>{meaning.en} | {meaning.allowed_ja}<br>{meaning.allowed_en} |"
        )


def describe_default(name: str, field: FieldInfo) -> str:
    """Returns a default as the manual shows it, the same on every machine."""
    named = {"home": "`var`", "language": "`LANG`"}
    if name in named:
        return named[name]
    value = field.default
    if isinstance(value, tuple):
        value = ",".join(value)
    if isinstance(value, bool):
        value = str(value).lower()
    text = "" if value is None else str(value).removeprefix(f"{PROJECT}/")
    return f"`{text}`" if text else "–"


SETTINGS_HEAD = """# 設定 / Settings

環境変数、作業フォルダーの `.env`、状態フォルダーの `.env` の順に優先します。
Taken from environment variables, then `.env` in the working folder, then `.env` in the state
folder. This page is made by `kura document-settings`.

| 名前 / Name | 既定 / Default | 意味 / Meaning | 使える値 / Allowed |
| --- | --- | --- | --- |"""
