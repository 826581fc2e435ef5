"""What these tests share with the larger ones."""

from tests.integration.conftest import catalog, client, company, headers, settings

__all__ = ["catalog", "client", "company", "headers", "settings"]
