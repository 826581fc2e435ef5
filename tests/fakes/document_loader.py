"""True LangChain document loaders: over a file of JSON lines, and ones that go wrong."""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document


class JsonLinesLoader(BaseLoader):
    """Yields a document for each line; a line ``!`` is an error, ``#`` a long wait."""

    def __init__(self, path: str, token: str = "", noise: bool = False) -> None:
        self._path = Path(path)
        self._token = token
        self._noise = noise

    def lazy_load(self) -> Iterator[Document]:
        if self._noise:
            sys.stdout.write("loading...\n")
            os.write(1, b'{"done": true}\n')
        for line in self._path.read_text(encoding="utf-8").splitlines():
            if line == "!":
                raise RuntimeError(f"the service says no to {self._token}")
            if line == "#":
                time.sleep(60)
            if line == "$":
                os._exit(3)
            facts = json.loads(line)
            yield Document(facts.pop("text"), metadata=facts)


class EnvironmentLoader(BaseLoader):
    """Yields what its process finds in its environment."""

    def lazy_load(self) -> Iterator[Document]:
        for name, value in sorted(os.environ.items()):
            yield Document(value or "-", metadata={"source": name})


class Unloadable:
    """Not a loader at all."""
