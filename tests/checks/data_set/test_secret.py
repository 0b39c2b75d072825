"""Secrets in cells are found by their shape, or by the name of their column; the record keeps a hash."""

from __future__ import annotations

import json
import random

from aisecops.core.digest import canonical_json
from tests.checks.data_set.tables import scanned, written

CHECK = "data-set/secret"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def token(seed: int) -> str:
    return "hf_" + "".join(random.Random(seed).choices(LETTERS[:52], k=34))


def test_a_token_that_somebody_pasted_into_a_ticket_is_found_with_its_row(tmp_path):
    rows = [{"text": f"parcel {n} came late", "label": n % 2} for n in range(50)]
    rows[17]["text"] = f"it fails with curl -H 'Authorization: Bearer {token(1)}' since noon"
    (tmp_path / "support.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = scanned(tmp_path, CHECK)
    (finding,) = run.findings
    assert (finding.evidence["column"], finding.evidence["row"]) == ("text", 17)
    assert token(1) not in canonical_json(run).decode()


def test_a_token_in_a_turn_of_a_conversation_is_found_with_its_row(tmp_path):
    rows = [{"messages": [{"role": "user", "content": f"parcel {n} came late"}, {"role": "assistant", "content": "Sorry."}]} for n in range(50)]
    rows[17]["messages"].append({"role": "user", "content": f"my key is {token(3)}, is it right?"})
    (tmp_path / "chat.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (finding,) = scanned(tmp_path, CHECK).findings
    assert (finding.evidence["column"], finding.evidence["row"]) == ("messages[].content", 17)


def test_a_column_of_keys_is_one_finding(tmp_path):
    written(tmp_path / "a.csv", {"user": list(range(80)), "api_key": [f"{random.Random(n).getrandbits(128):032x}" for n in range(80)]})
    (finding,) = scanned(tmp_path, CHECK).findings
    assert finding.evidence["column"] == "api_key" and finding.evidence["secrets"] == 80


def test_hashes_ids_and_placeholders_are_none(tmp_path):
    rng = random.Random(2)
    columns = {
        "commit": [f"{rng.getrandbits(160):040x}" for _ in range(60)],
        "id": [f"{rng.getrandbits(32):08x}-{rng.getrandbits(16):04x}-4000-8000-{rng.getrandbits(48):012x}" for _ in range(60)],
        "note": ["put your_api_key_here, then set password: ****"] * 60,
        "token_count": [str(rng.randrange(10**9, 10**10)) for _ in range(60)],
    }
    written(tmp_path / "a.csv", columns)
    assert scanned(tmp_path, CHECK).findings == ()
