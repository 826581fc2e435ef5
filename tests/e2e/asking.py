"""Asking in the page, as a reader does."""

from playwright.sync_api import Locator, Page


def type_question(page: Page, question: str) -> Locator:
    """Types a question, presses Enter and returns the newest exchange."""
    page.locator("textarea").fill(question)
    page.locator("textarea").press("Enter")
    return page.locator(".exchange").last
