"""Principals as callers write them, and with whom a caller may share."""

import re

from app.api.refusals import AllowanceRefused, PrincipalWrong
from app.identity import Identity
from retrieval.model import Access

_PRINCIPAL = re.compile(r"everyone|(user|group):[^\s:,]+")


def check_principals(values: list[str]) -> list[str]:
    """Returns the values when each is a principal.

    Raises:
        PrincipalWrong: One is not.
    """
    for value in values:
        if not _PRINCIPAL.fullmatch(value):
            raise PrincipalWrong(value=value)
    return values


def check_allowance(identity: Identity, access: Access) -> None:
    """Checks that the caller carries every principal they share with; admins share with all.

    Raises:
        AllowanceRefused: They do not carry one of them.
    """
    if identity.is_admin:
        return
    foreign = sorted(access.allow - identity.principals)
    if foreign:
        raise AllowanceRefused(value=foreign[0])
