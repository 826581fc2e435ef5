"""Does what a document orders a model to say reach the reader as our answer?"""
