"""Measures an installation on golden questions: read, ask, judge, rate, compare, gate, report."""
