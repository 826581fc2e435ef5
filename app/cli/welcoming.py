"""What `kura serve` prints once it answers: where, and how the first documents went in."""

import sys
import webbrowser
from threading import Event, Thread

from app.cli.reporting import show
from app.cli.speaking import LANGUAGE, say, tell
from app.sample import SAMPLE_NAME
from app.services import ModelProbe
from retrieval.catalog import FINISHED, Catalog, Job
from retrieval.errors import KuraError

LOOK_S = 0.3


class Welcome:
    """Prints the address at once, and the rest from a thread: a model server may be slow."""

    def __init__(self, catalog: Catalog, model: ModelProbe | None, first: Job | None) -> None:
        """Takes what is told about.

        Args:
            catalog: Where the job stands.
            model: The chat model, whose absence is told with what to do.
            first: The ingestion ordered at this start.
        """
        self._catalog, self._model, self._first = catalog, model, first
        self._ending = Event()
        self._thread = Thread(target=self._tell_more, name="welcome", daemon=True)

    def begin(self, link: str, open_browser: bool) -> None:
        """Prints the sign-in link and starts to tell the rest."""
        tell(
            say(
                "Kura is running. Open this address to sign in:", "Kura が起動しました。サインイン:"
            )
        )
        tell(f"  {link}")
        tell(
            say(
                "The link works once, within 24 hours. `kura keys link` makes another."
                " Ctrl-C stops.",
                "リンクは 24 時間以内に 1 回使えます。作り直すには「kura keys link」。"
                "Ctrl-C で停止します。",
            )
        )
        sys.stdout.flush()
        self._thread.start()
        if open_browser:
            webbrowser.open(link)

    def end(self) -> None:
        """Stops telling; call it before the catalog is closed."""
        self._ending.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _tell_more(self) -> None:
        self._tell_about_model()
        if self._first is not None:
            try:
                self._tell_about_documents(self._first)
            except KuraError as error:  # the source was removed meanwhile, say
                tell(error.message(LANGUAGE))
        sys.stdout.flush()

    def _tell_about_model(self) -> None:
        state = self._model.state() if self._model else None
        if state is None or state.usable or self._ending.is_set():
            return
        remedy = f" {state.remedy.text(LANGUAGE)}" if state.remedy else ""
        tell(
            say(
                f"Answers are quotations until a language model is connected.{remedy}",
                f"言語モデルがつながるまで、回答は文書からの引用になります。{remedy.strip()}",
            )
        )

    def _tell_about_documents(self, job: Job) -> None:
        source = self._catalog.sources.get(str(job.payload["source_id"]))
        tell(say(f"Reading {source.location} …", f"{source.location} を読み取っています…"))
        sys.stdout.flush()
        while job.state not in FINISHED:
            if self._ending.wait(LOOK_S):
                return
            job = self._catalog.jobs.get(job.id)
        show(job, self._catalog)
        if source.name == SAMPLE_NAME:
            tell(
                say(
                    "  The sample holds some faulty files on purpose, to show how they are told.",
                    "  見本には、知らせ方を示すため、わざと壊れたファイルが入っています。",
                )
            )
