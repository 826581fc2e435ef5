"""Tasks beyond questions: summaries, comparisons of versions, drafts in a form; each cited."""
