"""Vectors: published generations, and the delta of what changed since."""
