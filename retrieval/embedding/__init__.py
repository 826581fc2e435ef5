"""Turns text into vectors: a static model by default, other models on request."""
