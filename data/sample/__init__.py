"""The sample company: texts, and the renderers that turn them into files."""
