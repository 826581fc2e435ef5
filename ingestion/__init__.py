"""Fills: brings a source's documents, cleaned, tagged and chunked, into the catalog."""
