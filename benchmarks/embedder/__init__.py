"""Training and measuring the embedded default embedder."""
