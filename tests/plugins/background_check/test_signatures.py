"""A signature is over the bytes as they came, and whatever is not right about it is not genuine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.background_check.providers.signatures import hex_hmac, same_secret, standard_webhook, timed_hmac

#: The example that Checkr publishes with its documentation.
KEY = "83ebeabdec09f6670863766f792ead24d61fe3f9"
BODY = (
    b'{"id":"1002d6bca6acdfcbb8442178","object":"event","type":"report.completed","created_at":"2018-08-17T01:12:43Z",'
    b'"data":{"object":{"id":"4722c07dd9a10c3985ae432a","object":"report","uri":"/v1/reports/4722c07dd9a10c3985ae432a"}}}'
)
SIGNATURE = "55c325beb74d622bb383acfa87103178b6657e6f3f0791ca9f1b9a6ef25accdd"
NO_KEY = "Please create an API key to check the authenticity of our webhooks."
NOW = 1_800_000_000

keys = st.text(min_size=1, max_size=40)
bodies = st.binary(max_size=200)


def hexed(signed: bytes, key: str) -> str:
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def timed(body: bytes, key: str, at: int = NOW) -> str:
    return f"t={at},v1={hexed(f'{at}.'.encode() + body, key)}"


def standard(body: bytes, secret: bytes, at: int = NOW, name: str = "msg_1") -> dict[str, str]:
    signed = hmac.new(secret, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    return {"webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": f"v1,{base64.b64encode(signed).decode()}"}


def secret_text(secret: bytes) -> str:
    return "whsec_" + base64.b64encode(secret).decode()


def test_the_published_example_of_checkr_is_genuine_and_one_byte_more_is_not() -> None:
    assert len(BODY) == 227
    assert hex_hmac(BODY, SIGNATURE, KEY)
    assert hex_hmac(BODY, SIGNATURE.upper(), KEY)
    assert not hex_hmac(BODY + b" ", SIGNATURE, KEY)
    assert not hex_hmac(BODY, SIGNATURE, KEY[:-1] + "8")


def test_the_same_json_written_again_is_not_what_was_signed() -> None:
    written_again = json.dumps(json.loads(BODY)).encode()
    assert json.loads(written_again) == json.loads(BODY)
    assert not hex_hmac(written_again, SIGNATURE, KEY)


BROKEN: list[Callable[[str], str | None]] = [
    lambda good: None,
    lambda good: "",
    lambda good: NO_KEY,
    lambda good: good[:-1],
    lambda good: good + "0",
    lambda good: good + "\n",
    lambda good: " " + good,
    lambda good: "g" + good[1:],
    lambda good: "é" * 64,
    lambda good: "\u0660" * 64,
    lambda good: "0" * 64,
    lambda good: good[::-1],
]


@pytest.mark.parametrize("spoil", BROKEN)
def test_a_hex_signature_that_is_missing_short_or_of_other_letters_fails_closed(spoil: Callable[[str], str | None]) -> None:
    assert not hex_hmac(BODY, spoil(SIGNATURE), KEY)


def test_without_a_key_nothing_is_genuine() -> None:
    assert not hex_hmac(BODY, hexed(BODY, ""), "")
    assert not timed_hmac(BODY, timed(BODY, ""), "", at=NOW)
    assert not standard_webhook(BODY, standard(BODY, b""), "whsec_", at=NOW)
    assert not standard_webhook(BODY, standard(BODY, b""), "", at=NOW)
    assert not same_secret("", "")
    assert not same_secret(None, None)
    assert not same_secret("word", None)
    assert same_secret("wörd", "wörd")


@given(bodies, keys, keys, bodies)
def test_only_the_same_key_over_the_same_bytes_is_genuine(body: bytes, key: str, other_key: str, other: bytes) -> None:
    good = hexed(body, key)
    assert hex_hmac(body, good, key)
    assert timed_hmac(body, timed(body, key), key, at=NOW)
    assert standard_webhook(body, standard(body, key.encode()), secret_text(key.encode()), at=NOW)
    if other_key != key:
        assert not hex_hmac(body, good, other_key)
        assert not timed_hmac(body, timed(body, key), other_key, at=NOW)
        assert not standard_webhook(body, standard(body, key.encode()), secret_text(other_key.encode()), at=NOW)
    if other != body:
        assert not hex_hmac(other, good, key)
        assert not timed_hmac(other, timed(body, key), key, at=NOW)
        assert not standard_webhook(other, standard(body, key.encode()), secret_text(key.encode()), at=NOW)


@given(bodies, st.text(max_size=100), st.text(max_size=30), st.text(max_size=90))
def test_no_header_whatever_is_in_it_is_genuine_by_chance_or_raises(body: bytes, one: str, two: str, three: str) -> None:
    assert not hex_hmac(body, one, KEY)
    assert not timed_hmac(body, one, KEY, at=NOW)
    assert not timed_hmac(body, f"t={two},v1={three}", KEY, at=NOW)
    headers = {"webhook-id": one, "webhook-timestamp": two, "webhook-signature": three}
    assert not standard_webhook(body, headers, secret_text(b"secret"), at=NOW)
    assert not standard_webhook(body, headers, one, at=NOW)


@pytest.mark.parametrize(("off", "genuine"), [(0, True), (300, True), (-300, True), (301, False), (-301, False), (86400, False)])
def test_a_signed_moment_may_be_five_minutes_off_and_no_more(off: int, genuine: bool) -> None:
    assert timed_hmac(BODY, timed(BODY, KEY, NOW + off), KEY, at=NOW) is genuine
    assert standard_webhook(BODY, standard(BODY, b"secret", NOW + off), secret_text(b"secret"), at=NOW) is genuine


def test_a_moment_cannot_be_changed_after_it_was_signed() -> None:
    _, _, signature = timed(BODY, KEY).partition(",")
    assert not timed_hmac(BODY, f"t={NOW + 1},{signature}", KEY, at=NOW)
    assert not timed_hmac(BODY, f"t={NOW},t={NOW},{signature}", KEY, at=NOW)
    assert not timed_hmac(BODY, signature, KEY, at=NOW)
    assert not timed_hmac(BODY, f"t=,{signature}", KEY, at=NOW)
    headers = standard(BODY, b"secret")
    for name in headers:
        assert not standard_webhook(BODY, headers | {name: ""}, secret_text(b"secret"), at=NOW)
        assert not standard_webhook(BODY, {k: v for k, v in headers.items() if k != name}, secret_text(b"secret"), at=NOW)
    assert not standard_webhook(BODY, headers | {"webhook-timestamp": str(NOW + 1)}, secret_text(b"secret"), at=NOW)
    assert not standard_webhook(BODY, headers | {"webhook-id": "msg_2"}, secret_text(b"secret"), at=NOW)


def test_while_a_key_is_changed_either_signature_is_enough() -> None:
    old, new = timed(BODY, "old"), timed(BODY, KEY)
    both = f"{old},{new.partition(',')[2]}"
    assert timed_hmac(BODY, both, KEY, at=NOW)
    assert timed_hmac(BODY, both, "old", at=NOW)
    headers = standard(BODY, b"secret")
    other = standard(BODY, b"other")["webhook-signature"]
    two = headers | {"webhook-signature": f"{other} {headers['webhook-signature']}"}
    assert standard_webhook(BODY, two, secret_text(b"secret"), at=NOW)
    assert not standard_webhook(BODY, headers | {"webhook-signature": other.replace("v1,", "v2,")}, secret_text(b"other"), at=NOW)
