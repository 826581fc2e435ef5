"""Ranking quality of the real search on public question sets."""
