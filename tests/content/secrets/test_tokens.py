"""Tokens of known shape: each rule's own example, in every place that tokens are written; and what only begins like one."""

from __future__ import annotations

import random
import runpy
from pathlib import Path

import pytest

from aisecops.content.secrets import find_secrets
from aisecops.content.secrets.structure import crc_holds, proven
from aisecops.core.taxonomy import Confidence
from tests.content.secrets.specimens import drawn, encoded, expand, jwt

ROOT = Path(__file__).parents[3]
RULES = list(runpy.run_path(str(ROOT / "tools" / "build_secrets.py"))["written"]())
PLACES = (
    'client = Client("{}")',
    "value: {}\n",
    "X={}",
    '{{"a": "{}"}}',
    "curl -H 'Authorization: Bearer {}' https://h/",
    "(see {}, below)",
    "https://h/p?t={}&x=1",
    "`{}`",
    "<t>{}</t>",
    r'"line\n{}\n"',
)


def rule_of(text, value):
    return [s.rule for s in find_secrets(text) if text[s.start : s.end] == value]


@pytest.mark.parametrize("written", RULES, ids=lambda written: f"{written.rule.id}:{written.rule.prefix[0]}")
def test_a_token_is_found_wherever_it_is_written(written):
    rng = random.Random(written.example)
    for place in PLACES:
        value = expand(written.example, rng)
        assert rule_of(place.format(value), value) == [written.rule.id], place


@pytest.mark.parametrize("written", RULES, ids=lambda written: f"{written.rule.id}:{written.rule.prefix[0]}")
def test_no_stand_in_for_it_is(written):
    rng = random.Random(written.example)
    value = expand(written.example, rng)
    prefix = next((p for p in written.rule.prefix if value.startswith(p)), "")
    for body in ("x" * 40, "X" * 36, "your-token-here-" * 3, "<token>", "...", "*" * 36, "abcdefghijklmnopqrstuvwxyz0123456789", "${TOKEN}"):
        text = f'client = Client("{prefix}{body}")'
        assert find_secrets(text) == [], text


def test_the_value_itself_is_not_part_of_what_is_said():
    rng = random.Random(5)
    value = expand("hf_<letters:34>", rng)
    (secret,) = find_secrets(f'HF_TOKEN = "{value}"', language="python")
    assert secret.shape == "hf_…(34 characters)"
    assert (secret.name, secret.title) == ("HF_TOKEN", "Hugging Face token")
    assert value[3:9] not in repr(secret)


def test_a_token_that_stands_twice_has_two_places():
    value = expand("gsk_<alnum:52>", random.Random(1))
    text = f'a = "{value}"\nprint("{value}")\n'
    assert [s.start for s in find_secrets(text)] == [text.find(value), text.rfind(value)]


@pytest.mark.parametrize(
    "text",
    [
        "import task_sk_id_of_the_thing_that_is_long_enough_to_be_one",
        "hf_generated_by_home_app_for_debugging_purposes",
        "HF_" + "DatasetsServerConfigurationForTheHub",
        "div[data-cel-widget=desktop-rhf_SponsoredProductsRemoteRHFSearchEXPSubsK2ClickPagination]",
        "npm_config_registry_of_the_build_that_runs_nightly",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "pattern_matching_engine.configuration_for_patches_and_paths",
    ],
)
def test_identifiers_are_none(text):
    assert find_secrets(text) == []


def test_github_and_npm_build_a_checksum_in():
    for kind in ("github", "npm"):
        value = expand(f"<{kind}>", random.Random(kind))
        assert crc_holds(value)
        assert find_secrets(value)[0].confidence is Confidence.HIGH
        other = value[:-1] + ("a" if value[-1] != "a" else "b")
        assert not crc_holds(other)
        assert find_secrets(other)[0].confidence is Confidence.MEDIUM


def test_a_letter_that_aws_never_writes_lowers_confidence():
    rng = random.Random(2)
    real, unreal = "AKIA" + drawn("base32", 15, rng) + "7", "AKIA" + drawn("base32", 15, rng) + "9"
    assert [find_secrets(v)[0].confidence for v in (real, unreal)] == [Confidence.HIGH, Confidence.LOW]


def test_a_web_token_needs_a_header_and_is_not_the_sample_of_the_documentation():
    rng = random.Random(3)
    assert find_secrets(f'token = "{jwt({"sub": "svc-17"}, rng)}"')[0].rule == "json-web-token"
    sample = jwt({"sub": "1234567890", "name": "John Doe", "iat": 1516239022}, rng)
    assert find_secrets(f'token = "{sample}"') == []
    assert find_secrets(f'token = "{sample.rpartition(".")[0]}"') == []
    assert proven("jwt", f"{encoded({'typ': 'x'})}.{encoded({'sub': 'a'})}.c") is None
    anon = jwt({"iss": "supabase", "role": "anon"}, rng)
    assert find_secrets(anon)[0].confidence is Confidence.LOW


def test_documented_values_are_none():
    key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2" + "UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    assert find_secrets(f"AccountName=devstoreaccount1;AccountKey={key};") == []
    assert find_secrets(f"AccountName=ml;AccountKey={drawn('base64', 86, random.Random(4))}==;")[0].rule == "azure-account-key"
