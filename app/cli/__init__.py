"""The command line, one of the two doors; ``main`` is what ``kura`` runs."""

INTERRUPTED = 130


def main() -> int:
    """Runs the command in ``sys.argv`` and returns the exit status."""
    try:
        # Loading takes a second: Ctrl-C in it ends as quietly as at any other moment.
        from app.cli.program import run
    except KeyboardInterrupt:
        return INTERRUPTED
    return run()
