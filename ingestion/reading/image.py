"""Reads images: what tesseract recognises in them, where it is installed."""

import io
from pathlib import Path

from PIL import Image, ImageSequence

from ingestion.errors import Damaged, NeedsRecognition
from ingestion.model import Limits, Parsed
from ingestion.reading.recognition import recognize
from retrieval.model import Block

_MOST_PIXELS = 100_000_000
_SMALLEST = 32  # pixels; what is smaller is a mark or a bullet
_MOST_FRAMES = 50
_FAULTS = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


def read(path: Path, limits: Limits) -> Parsed:
    """Returns the text recognised on each frame (page) of an image.

    Raises:
        NeedsRecognition: No tesseract is installed.
        Damaged: It is not an image, or one too large.
    """
    if not limits.tesseract:
        raise NeedsRecognition(name=path.name)
    blocks: list[Block] = []
    try:
        with Image.open(path) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise Damaged(name=path.name, reason=f"{image.width} x {image.height} pixels")
            animated = image.format == "GIF"
            frames = 1 if animated else min(getattr(image, "n_frames", 1), _MOST_FRAMES)
            for number, frame in enumerate(ImageSequence.Iterator(image), 1):
                if number > frames:
                    break
                if min(frame.size) >= _SMALLEST:
                    blocks += recognize(_as_png(frame), limits, number)
    except _FAULTS as error:
        raise Damaged(name=path.name, reason=str(error)) from error
    return Parsed(tuple(blocks), warnings=("recognized-text",), pages=frames)


def _as_png(frame: Image.Image) -> bytes:
    buffer = io.BytesIO()
    flat = frame.convert("RGBA")
    page = Image.new("RGB", flat.size, "white")
    page.paste(flat, mask=flat.getchannel("A"))
    page.save(buffer, "PNG")
    return buffer.getvalue()
