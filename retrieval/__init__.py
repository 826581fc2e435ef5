"""Keeps what a company's documents say: the catalog, the indexes, access filters and search."""
