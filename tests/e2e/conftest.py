"""A real browser, a scripted server, and the promise that the page never complains."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.fakes.widget_server import WidgetServer
from tests.patience import PATIENCE_S

PATIENCE_MS = 1_000 * PATIENCE_S
expect.set_options(timeout=PATIENCE_MS)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Complaints:
    """What a page wrote to its console as an error, blocked contents and uncaught errors included.

    Attributes:
        expected: Patterns of the complaints a test provokes.
    """

    def __init__(self, page: Page) -> None:
        """Listens to a page."""
        self.expected: list[str] = []
        self._heard: list[str] = []
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self._hear("error", str(error)))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") or "Content Security Policy" in text:
            self._heard.append(text)

    @property
    def unexpected(self) -> list[str]:
        """What no expected pattern explains."""
        return [
            text
            for text in self._heard
            if not any(re.search(pattern, text) for pattern in self.expected)
        ]


# Not for the whole session: while Playwright runs, no other test could run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Returns a headless Chromium of this machine; without one the test is skipped."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser on this machine (looked for {', '.join(BROWSERS)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[WidgetServer]:
    """Returns a scripted Kura."""
    with WidgetServer() as server:
        yield server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Returns an empty Japanese page."""
    context = browser.new_context(locale="ja-JP", viewport={"width": 1100, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def complaints(page: Page) -> Iterator[Complaints]:
    """Returns what the page complains about; at the end there must be nothing unexpected."""
    complaints = Complaints(page)
    yield complaints
    assert complaints.unexpected == []
