from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from staffing.documents import badge_token as bt

# RFC 8032, section 7.1, test 1.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
KEY = bt.BadgeKey(SEED)
KEYS = {KEY.kid: KEY.public}
EXPIRES = datetime.fromtimestamp(0x6C258BFF, UTC)
CTI = bytes.fromhex("3e6b1f0a9c44")
TOKEN = (
    "2KCETIQBE4CEIIP6GHP2AWA5UMCBU3BFRP7QORR6NMPQVHCEHIAACAAAQINAAALRM5RFIVKYID3R5LW4A2EB54IA7GJF6ZKHJQJ5IDYQ23TN456SWNB2PHAB"
    "7IVMY4CE6Z5TWYBLHBDI6EMOANR4VW2WICSVGU3IYYHPCQA2LOQSOVYB"
)


def token(**changed: object) -> str:
    values = {"cti": CTI, "status_index": 94567, "role_code": "TU", "expires": EXPIRES, "key": KEY} | changed
    return bt.make(**values)  # type: ignore[arg-type]


def test_the_published_vector_is_reproduced_to_the_letter() -> None:
    assert KEY.kid.hex() == "21fe31df"
    assert token() == TOKEN
    assert bt.address(TOKEN, "https://v.example.org").replace("/V/", "/B/") == f"HTTPS://V.EXAMPLE.ORG/B/{TOKEN}"


def test_a_token_gives_back_what_was_signed() -> None:
    read = bt.read(TOKEN, KEYS)
    assert read == bt.Claims(cti=CTI, status_index=94567, role_code="TU", expires=EXPIRES)


def test_lower_case_and_line_breaks_are_forgiven() -> None:
    assert bt.read(f" {TOKEN[:60].lower()}\n{TOKEN[60:].lower()} ", KEYS) == bt.read(TOKEN, KEYS)


def test_a_token_of_another_key_is_said_to_be_not_ours() -> None:
    other = bt.BadgeKey(bytes(32))
    assert bt.read(token(key=other), KEYS) is bt.UNKNOWN_KEY


def test_every_single_changed_character_is_refused_with_a_reason() -> None:
    reasons = set()
    for position, character in enumerate(TOKEN):
        changed = TOKEN[:position] + ("A" if character != "A" else "B") + TOKEN[position + 1 :]
        read = bt.read(changed, KEYS)
        assert isinstance(read, bt.Unread), position
        reasons.add(read.reason)
    assert reasons == {"damaged", "unknown_key", "bad_signature"}


def test_every_shortened_token_is_damaged() -> None:
    assert {bt.read(TOKEN[:length], KEYS) for length in range(len(TOKEN))} == {bt.DAMAGED}


def test_something_added_to_a_token_is_damaged() -> None:
    assert bt.read(TOKEN + "AAAAAAAA", KEYS) is bt.DAMAGED


@given(st.text(max_size=500))
def test_no_text_whatever_raises(text: str) -> None:
    assert isinstance(bt.read(text, KEYS), bt.Unread)


@given(st.binary(max_size=150))
def test_no_bytes_whatever_raise(raw: bytes) -> None:
    import base64

    assert isinstance(bt.read(base64.b32encode(raw).decode().rstrip("="), KEYS), bt.Unread)


def test_a_signed_payload_of_the_wrong_shape_is_damaged_and_not_an_error() -> None:
    import cbor2

    for claims in (
        {},
        {4: "soon", 7: CTI, -65537: [1, "TU"]},
        {4: 2**70, 7: CTI, -65537: [1, "TU"]},
        {4: 1, 7: CTI, -65537: 5},
        7,
    ):
        payload, protected = cbor2.dumps(claims), cbor2.dumps({1: -8, 4: KEY.kid}, canonical=True)
        signature = KEY.sign(cbor2.dumps(["Signature1", protected, b"", payload], canonical=True))
        message = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]), canonical=True)
        assert bt.read(bt._to_text(message), KEYS) is bt.DAMAGED


def test_the_address_is_upper_case_and_keeps_the_port() -> None:
    assert bt.address("ABC", "http://127.0.0.1:8000") == "HTTP://127.0.0.1:8000/V/ABC"
    assert bt.address("ABC", "https://schools.example.org/staff/") == "HTTPS://SCHOOLS.EXAMPLE.ORG/staff/V/ABC"


@pytest.mark.parametrize(
    "typed",
    [
        TOKEN,
        TOKEN.lower(),
        f"http://127.0.0.1:8000/V/{TOKEN}",
        f"https://x.example/v/{TOKEN.lower()}?from=scan",
        f"{TOKEN[:50]} {TOKEN[50:]}",
    ],
)
def test_the_token_is_found_in_whatever_was_pasted(typed: str) -> None:
    assert bt.token_in(typed) == TOKEN


def test_the_key_of_this_installation_signs_and_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("STAFFING_DATA", str(tmp_path))
    made = bt.make(cti=CTI, status_index=1, role_code="VO", expires=EXPIRES)
    assert isinstance(bt.read(made), bt.Claims)
    assert isinstance(bt.issuer_key().public, Ed25519PublicKey)
