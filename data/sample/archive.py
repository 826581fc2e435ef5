"""Rewrites Office files so that the same content always gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

MOMENT = datetime(2024, 10, 1, 9, 0, 0)
_ZIP_TIME = (2024, 10, 1, 9, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def freeze_archive(content: bytes) -> bytes:
    """Return the zip `content` with sorted members, fixed times and fixed document stamps."""
    frozen = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(frozen, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in sorted(source.namelist(), key=_member_order):
            member = zipfile.ZipInfo(name, date_time=_ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = 0o644 << 16
            target.writestr(member, _freeze_member(name, source.read(name)))
    return frozen.getvalue()


def _member_order(name: str) -> tuple[bool, str]:
    # Readers expect the content types first.
    return name != "[Content_Types].xml", name


def _freeze_member(name: str, content: bytes) -> bytes:
    if name != "docProps/core.xml":
        return content
    stamp = MOMENT.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return _STAMP.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
