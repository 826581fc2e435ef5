"""Tunes a static embedding model on the company's own documents."""
