"""Measurements, each a command: ``python -m benchmarks.NAME`` prints a table and a JSON line."""
