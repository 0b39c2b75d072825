"""Private keys in the forms in which they get into repositories, and text that only speaks of them."""

from __future__ import annotations

import base64
import json
import random

import pytest

from aisecops.content.secrets import find_secrets
from aisecops.core.taxonomy import Confidence, Severity
from tests.content.secrets.specimens import drawn, pem

RNG = random.Random(21)
PUTTY_LINES = "\n".join(drawn("base64", 64, RNG) for _ in range(8))


def rules(text):
    return [secret.rule for secret in find_secrets(text)]


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "DSA ", "OPENSSH "])
def test_a_key_is_one_finding_from_its_first_line_to_its_last(kind):
    key = pem(kind, RNG)
    text = f"before\n{key}\nafter\n"
    (secret,) = find_secrets(text)
    assert text[secret.start : secret.end] == key
    assert (secret.rule, secret.severity, secret.confidence) == ("private-key", Severity.CRITICAL, Confidence.HIGH)
    assert key[40:60] not in repr(secret)


def test_it_is_found_on_one_line_in_pieces_and_in_base64():
    key = pem("", RNG)
    assert rules(json.dumps({"type": "service_account", "private_key": key})) == ["private-key"]
    assert rules("KEY=" + key.replace("\n", "\\n")) == ["private-key"]
    assert rules("key = (\n" + "\n".join(f'    "{line}\\n"' for line in key.split("\n")) + "\n)") == ["private-key"]
    assert rules("    key: |\n" + "\n".join("      " + line for line in key.split("\n"))) == ["private-key"]
    assert rules("client-key-data: " + base64.b64encode(key.encode()).decode()) == ["private-key"]


def test_one_that_is_cut_off_still_gives_most_of_it_away():
    assert rules(pem("RSA ", RNG).rpartition("-----END")[0]) == ["private-key"]


def test_a_passphrase_makes_it_less_severe():
    (secret,) = find_secrets(pem("ENCRYPTED ", RNG))
    assert secret.severity is Severity.MEDIUM
    head, _, rest = pem("RSA ", RNG).partition("\n")
    (secret,) = find_secrets(f"{head}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,7A1B\n\n{rest}")
    assert secret.severity is Severity.MEDIUM


def test_armour_of_other_tools():
    armour = pem("", RNG).replace("PRIVATE KEY", "PGP PRIVATE KEY BLOCK").replace("\n", "\nVersion: GnuPG v2\n\n", 1)
    assert rules(armour) == ["private-key"]
    putty = f"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: me\nPublic-Lines: 2\nAAAA\nPrivate-Lines: 8\n{PUTTY_LINES}\nPrivate-MAC: 00ff\n"
    assert rules(putty) == ["private-key"]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN {}-----\n...\n-----END {}-----",
        "-----BEGIN {}-----\nMIIE...\n-----END {}-----",
        "-----BEGIN {}-----\n<your key here>\n-----END {}-----",
        "-----BEGIN {}-----\n" + "x" * 200 + "\n-----END {}-----",
        'if line.startswith("-----BEGIN {}-----"):\n    return parse(line, end="-----END {}-----")',
        "-----BEGIN {}-----",
    ],
)
def test_text_about_keys_is_none(text):
    assert rules(text.replace("{}", "RSA PRIVATE KEY")) == []


def test_public_halves_and_certificates_are_none():
    for label in ("PUBLIC KEY", "CERTIFICATE", "CERTIFICATE REQUEST"):
        assert rules(pem("", RNG).replace("PRIVATE KEY", label)) == []
