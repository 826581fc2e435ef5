"""Answering: a question goes in, sentences that each name their proof come out.

The order is in ``answerer.py``: search, refuse or go on, prompt, stream, check, cite. Every other
module is one of those steps and knows nothing of its neighbours.
"""
