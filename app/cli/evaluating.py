"""`kura eval`: how well this installation finds, cites, answers and refuses."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.cli.asking import AsOption, choose_principals
from app.cli.reporting_evaluations import show_report
from app.cli.speaking import Exit, Json, emit, open_console, say, tell, warn
from app.settings import Settings, load_settings
from retrieval.catalog import Catalog

if TYPE_CHECKING:
    from app.evaluating.examining import Examiner
    from app.evaluating.gating import Bar
    from app.evaluating.model import QuestionSet
    from app.evaluating.running import Plan
    from retrieval.model import Principals

NO_COMPARISON = "none"

SetsArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[SET]...",
        help=say(
            "Files of questions (JSONL or CSV). Without any: the sample's questions while the"
            " sample is here, the files in `golden` of the state folder, and accepted feedback.",
            "質問集のファイル（JSONL か CSV）。省略時は、サンプルの質問（サンプルがある間）、状態"
            "フォルダーの golden にあるファイル、採用したフィードバック。",
        ),
    ),
]
AtLeastOption = Annotated[
    list[str] | None,
    typer.Option(
        "--at-least",
        metavar="NAME=NUMBER",
        help=say(
            "A bar to clear, e.g. recall=0.85 or coverage@ja=0.8. May be repeated.",
            "下回ってはならない値。例 recall=0.85、coverage@ja=0.8。繰り返し可。",
        ),
    ),
]
AtMostOption = Annotated[
    list[str] | None,
    typer.Option(
        "--at-most",
        metavar="NAME=NUMBER",
        help=say(
            "A bar not to exceed, e.g. latency_p95=2000. May be repeated.",
            "上回ってはならない値。例 latency_p95=2000。繰り返し可。",
        ),
    ),
]
GatesOption = Annotated[
    Path | None,
    typer.Option(
        help=say(
            "TOML file with the tables at_least and at_most.",
            "at_least と at_most の表を持つ TOML ファイル。",
        )
    ),
]
AgainstOption = Annotated[
    str | None,
    typer.Option(
        help=say(
            "Run to compare with; the last one when left out, `none` for no comparison.",
            "比較する測定。省略時は前回、none で比較しません。",
        )
    ),
]
ResumeOption = Annotated[
    bool,
    typer.Option(
        "--resume",
        help=say("Go on with an interrupted run.", "中断した測定を続きから行います。"),
    ),
]
ExtractiveOption = Annotated[
    bool,
    typer.Option(
        "--extractive",
        help=say("Ask no chat model: quotations only.", "言語モデルを使わず、引用だけで測ります。"),
    ),
]
NewSetOption = Annotated[
    Path | None,
    typer.Option(
        "--new-set",
        metavar="FILE",
        help=say(
            "Write a commented template (.jsonl or .csv) and measure nothing.",
            "説明付きのひな形（.jsonl か .csv）を書き、測定はしません。",
        ),
    ),
]


def evaluate(  # noqa: PLR0913 - each is an option of the command
    sets: SetsArgument = None,
    *,
    as_: AsOption = None,
    extractive: ExtractiveOption = False,
    resume: ResumeOption = False,
    against: AgainstOption = None,
    at_least: AtLeastOption = None,
    at_most: AtMostOption = None,
    gates: GatesOption = None,
    new_set: NewSetOption = None,
    as_json: Json = False,
) -> None:
    """Asks golden questions and reports what came of them."""
    if new_set is not None:
        _write_template(new_set, as_json=as_json)
        return
    bars = _read_bars(at_least, at_most, gates)  # a wrong one is told before anything is asked
    settings = load_settings()
    made = _Measurement(settings, sets or [], choose_principals(as_), extractive=extractive).run(
        bars, against, resume=resume, quiet=as_json
    )
    if as_json:
        emit(made)
    else:
        show_report(made, settings.home)
    if not all(gate["passed"] for gate in made["gates"]):
        raise typer.Exit(Exit.GATE)


def _write_template(file: Path, *, as_json: bool) -> None:
    from app.evaluating.templating import write_template

    write_template(file)
    if as_json:
        emit({"template": str(file)})
    else:
        tell(
            say(
                f"Write your questions into {file}, then: kura eval {file}",
                f"{file} に質問を書き、次を実行してください: kura eval {file}",
            )
        )


def _read_bars(
    at_least: list[str] | None, at_most: list[str] | None, gates: Path | None
) -> "list[Bar]":
    from app.evaluating.gating import read_bars, read_file

    bars = read_file(gates) if gates else []
    return [*bars, *read_bars(at_least or ()), *read_bars(at_most or (), at_most=True)]


class _Measurement:
    """One measurement, from the questions to the report."""

    def __init__(
        self, settings: Settings, files: list[Path], asker: "Principals", *, extractive: bool
    ) -> None:
        self._settings = settings
        self._files = files
        self._asker = asker
        self._extractive = extractive

    def run(
        self, bars: "list[Bar]", against: str | None, *, resume: bool, quiet: bool
    ) -> dict[str, Any]:
        from app.bootstrap import open_store
        from app.evaluating import keeping, running

        home = self._settings.home
        with open_store(self._settings) as catalog, self._prepare(catalog) as (wanted, examiner):
            if against in {None, NO_COMPARISON}:
                earlier = None
            else:
                earlier = keeping.find_run(home, str(against))
            if against is None:
                ids = frozenset(question.id for question in wanted.questions)
                earlier = keeping.find_last(home, ids)
            run = running.open_run(home, wanted, resume=resume)
            with _telling_progress(quiet=quiet) as progress:
                outcomes = running.ask_all(wanted, run, examiner, progress)
        return running.report(run, outcomes, bars, earlier)

    @contextmanager
    def _prepare(self, catalog: Catalog) -> "Iterator[tuple[Plan, Examiner]]":
        from app.bootstrap import build_answerer, build_chat_model, open_searcher
        from app.evaluating.examining import Examiner, KnownDocuments, find_forbidden
        from app.evaluating.running import plan

        known = KnownDocuments(catalog)
        with ExitStack() as stack:
            searcher = stack.enter_context(open_searcher(self._settings, catalog))
            model = None
            if not self._extractive:
                model = stack.enter_context(closing(build_chat_model(self._settings)))
            name = model.name if model is not None and model.state().usable else ""
            wanted = plan(
                self._find_sets(catalog), known, model=name, state=self._describe_state(catalog)
            )
            answerer = build_answerer(self._settings, searcher, model)
            forbidden = find_forbidden(wanted.questions, known)
            yield wanted, Examiner(searcher, answerer, known, forbidden, self._asker)

    def _describe_state(self, catalog: Catalog) -> str:
        live = catalog.generations.live()
        search_model = live.fingerprint if live else "no vectors"
        asker = ", ".join(sorted(self._asker))
        return f"change {catalog.changes.head()}; {search_model}; {asker}"

    def _find_sets(self, catalog: Catalog) -> "list[QuestionSet]":
        from app.evaluating.finding import find_sets
        from app.evaluating.reading import read_set
        from app.sample import find_questions

        if self._files:
            return [read_set(file.expanduser()) for file in self._files]
        return find_sets(self._settings.home, catalog, find_questions(catalog))


@contextmanager
def _telling_progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Shows a bar on a terminal; says how to go on when it is interrupted."""
    console = open_console(stderr=True)
    columns = (
        TextColumn(say("Asking", "質問中")),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    shown = console.is_terminal and not quiet
    with Progress(*columns, console=console, disable=not shown, transient=True) as progress:
        bar = progress.add_task("")
        try:
            yield lambda done, all_: progress.update(bar, completed=done, total=all_)
        except KeyboardInterrupt:
            progress.stop()
            warn(
                say(
                    "What was measured is kept: kura eval --resume goes on from there.",
                    "ここまでの測定は残っています。「kura eval --resume」で続きから測れます。",
                )
            )
            raise
