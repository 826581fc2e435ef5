"""Words: how text becomes terms, and the index that ranks chunks by them."""
