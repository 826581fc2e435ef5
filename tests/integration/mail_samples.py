"""Mails for the tests of the sources that hold them."""

from email.header import Header


def make_mail(
    subject: str,
    text: str,
    *,
    identity: str = "",
    day: int = 1,
    encoding: str = "iso-2022-jp",
    more: str = "",
) -> bytes:
    """Returns a mail as its sender's program wrote it, with a coded subject."""
    lines = [
        f"Subject: {Header(subject, encoding, header_name='Subject').encode()}",
        "From: Taro <taro@example.com>",
        f"Date: Mon, {day:02} Apr 2024 10:00:00 +0900",
        *([f"Message-ID: <{identity}@example.com>"] if identity else []),
        *([more] if more else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        text,
        "",
    ]
    return "\n".join(lines).encode()
