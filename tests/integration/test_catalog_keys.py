"""Keys: shown once, kept as hashes, worthless once used up, expired or revoked."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text, update

from retrieval.catalog import Catalog, NewKey, schema
from retrieval.errors import Invalid

KINDS = ("key", "signin", "session", "embed")


def expire(catalog: Catalog, key_id: str, seconds_ago: float) -> None:
    with catalog.database.write() as connection:
        connection.execute(
            update(schema.keys)
            .where(schema.keys.c.id == key_id)
            .values(expires_at=time.time() - seconds_ago)
        )


def test_a_secret_gives_its_key_and_the_key_says_who_its_bearer_is(catalog: Catalog) -> None:
    new = NewKey("key", "花子", ("人事", "管理職"), ("ask", "write"), "端末", lifetime_s=60)
    key, secret = catalog.keys.create(new)
    assert secret.startswith("kura_")
    assert len(secret) == len("kura_") + 43
    assert catalog.keys.verify(secret, ["session", "key"]) == key
    assert (key.scopes, key.label) == (("ask", "write"), "端末")
    assert key.expires_at is not None
    assert (key.expires_at - key.created_at).total_seconds() == pytest.approx(60)
    assert key.principals == {"everyone", "user:花子", "group:人事", "group:管理職"}


def test_the_secret_is_nowhere_in_the_file(catalog: Catalog) -> None:
    _, secret = catalog.keys.create(NewKey("key", "taro"))
    with catalog.database.write() as connection:
        rows = connection.execute(select(schema.keys)).all()
        assert secret not in repr(rows)
    for file in catalog.database.path.parent.glob("catalog.sqlite*"):
        assert secret.removeprefix("kura_").encode() not in file.read_bytes()


def test_no_two_secrets_are_alike(catalog: Catalog) -> None:
    assert len({catalog.keys.create(NewKey("key", "taro"))[1] for _ in range(20)}) == 20


def test_unknown_secrets_and_other_kinds_are_refused(catalog: Catalog) -> None:
    _, secret = catalog.keys.create(NewKey("embed", "taro"))
    assert catalog.keys.verify(secret, ["embed"]) is not None
    assert catalog.keys.verify(secret, ["key", "session"]) is None
    assert catalog.keys.verify(secret, []) is None
    for wrong in ("", "kura_", secret[:-1], secret + "x", secret.upper(), "\ud800"):
        assert catalog.keys.verify(wrong, KINDS) is None


def test_an_expired_key_is_refused(catalog: Catalog) -> None:
    _, born_expired = catalog.keys.create(NewKey("session", "taro", lifetime_s=0))
    assert catalog.keys.verify(born_expired, KINDS) is None
    key, secret = catalog.keys.create(NewKey("session", "taro", lifetime_s=100))
    expire(catalog, key.id, 1)
    assert catalog.keys.verify(secret, KINDS) is None


def test_a_revoked_key_is_refused(catalog: Catalog) -> None:
    key, secret = catalog.keys.create(NewKey("key", "taro"))
    assert catalog.keys.revoke(key.id)
    assert catalog.keys.verify(secret, KINDS) is None
    assert not catalog.keys.revoke(key.id)
    assert not catalog.keys.revoke("nothing")
    assert catalog.keys.list()[0].revoked_at is not None


def test_a_signin_secret_works_once(catalog: Catalog) -> None:
    key, secret = catalog.keys.create(NewKey("signin", "taro", ("営業",), lifetime_s=60))
    redeemed = catalog.keys.redeem(secret)
    assert redeemed is not None
    assert (redeemed.id, redeemed.principals) == (key.id, key.principals)
    assert redeemed.used_at is not None
    assert catalog.keys.redeem(secret) is None
    assert catalog.keys.verify(secret, KINDS) is None


def test_of_many_who_redeem_at_once_one_gets_in(catalog: Catalog) -> None:
    _, secret = catalog.keys.create(NewKey("signin", "taro"))
    with Catalog(catalog.database.path) as other, ThreadPoolExecutor(8) as pool:
        doors = [catalog.keys, other.keys] * 8
        opened = [key for key in pool.map(lambda door: door.redeem(secret), doors) if key]
    assert len(opened) == 1


def test_only_signin_secrets_are_redeemed_and_only_while_they_are_good(catalog: Catalog) -> None:
    _, plain = catalog.keys.create(NewKey("key", "taro"))
    assert catalog.keys.redeem(plain) is None
    assert catalog.keys.verify(plain, KINDS) is not None
    late, late_secret = catalog.keys.create(NewKey("signin", "taro", lifetime_s=60))
    expire(catalog, late.id, 1)
    assert catalog.keys.redeem(late_secret) is None
    revoked, revoked_secret = catalog.keys.create(NewKey("signin", "taro"))
    catalog.keys.revoke(revoked.id)
    assert catalog.keys.redeem(revoked_secret) is None


def test_keys_of_unknown_kind_or_for_nobody_are_not_made(catalog: Catalog) -> None:
    with pytest.raises(Invalid, match="master"):
        catalog.keys.create(NewKey("master", "taro"))
    with pytest.raises(Invalid, match="user"):
        catalog.keys.create(NewKey("key", " "))
    assert catalog.keys.list() == []


def test_long_expired_sessions_are_swept_away_and_keys_of_people_are_not(catalog: Catalog) -> None:
    kept, _ = catalog.keys.create(NewKey("key", "taro", lifetime_s=1))
    swept, _ = catalog.keys.create(NewKey("session", "taro", lifetime_s=1))
    recent, _ = catalog.keys.create(NewKey("session", "taro", lifetime_s=1))
    for key_id, seconds_ago in ((kept.id, 1e7), (swept.id, 1e5), (recent.id, 10.0)):
        expire(catalog, key_id, seconds_ago)
    newest, _ = catalog.keys.create(NewKey("key", "taro"))
    assert [key.id for key in catalog.keys.list()] == [newest.id, recent.id, kept.id]


def test_a_hash_of_sha_256_is_what_is_kept(catalog: Catalog) -> None:
    catalog.keys.create(NewKey("key", "taro"))
    with catalog.database.read() as connection:
        stored = connection.execute(text("SELECT secret_hash FROM keys")).scalar_one()
    assert len(bytes.fromhex(stored)) == 32
