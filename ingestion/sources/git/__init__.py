"""Lists what a branch of a git repository holds."""
