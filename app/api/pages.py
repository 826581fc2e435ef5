"""The files of the page and the widget, and the one page the API writes itself."""

from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.staticfiles import StaticFiles

from retrieval.errors import Language

PAGE = "index.html"
WIDGET = "kura-chat.js"

_SPENT = {
    "ja": """<h1>このリンクは使えません</h1>
<p>サインイン用のリンクは一度だけ使え、期限があります。</p>
<p>新しいリンクは、Kura を動かしている機械で次のコマンドを実行すると作れます。</p>""",
    "en": """<h1>This link cannot be used</h1>
<p>A sign-in link works once, and only for a while.</p>
<p>To make a new one, run this command on the machine that runs Kura:</p>""",
}
_COMMAND = "<pre>kura keys link</pre>"


def show_spent_link(language: Language) -> str:
    """Returns the page for a sign-in link that no longer works: both languages, theirs first."""
    other: Language = "en" if language == "ja" else "ja"
    sections = "\n".join(
        f'<section lang="{name}">{_SPENT[name]}{_COMMAND}</section>' for name in (language, other)
    )
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Kura</title>'
        '<link rel="stylesheet" href="/static/page.css"></head>\n'
        f"<body>{sections}</body></html>\n"
    )


def serve_pages(app: FastAPI, folder: Path) -> None:
    """Serves the page, the widget and their files, when the folder is there."""
    if not folder.is_dir():
        return
    files = StaticFiles(directory=folder)
    _serve_file(app, "/", files, PAGE)
    _serve_file(app, f"/{WIDGET}", files, WIDGET)
    app.mount("/static", files, name="static")


def _serve_file(app: FastAPI, address: str, files: StaticFiles, name: str) -> None:
    async def send_file(request: Request) -> Response:
        return await files.get_response(name, request.scope)

    app.add_api_route(address, send_file, methods=["GET", "HEAD"], include_in_schema=False)
