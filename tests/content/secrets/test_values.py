"""Telling random values from words."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.content.secrets.names import Kind, kind_of, service_of
from aisecops.content.secrets.values import looks_random, password_confidence, patterned, surprise, token_confidence
from tests.content.secrets.specimens import drawn


@pytest.mark.parametrize(
    ("kind", "length"), [("alnum", 20), ("alnum", 32), ("alnum", 64), ("hex", 32), ("hex", 40), ("lower", 32), ("url", 43), ("base64", 44)]
)
def test_what_a_machine_drew_looks_random(kind, length):
    rng = random.Random(f"{kind}{length}")
    assert sum(looks_random(drawn(kind, length, rng)) for _ in range(500)) >= 490


@pytest.mark.parametrize(
    "value",
    """tokenizer_config_file_version_2 model.layers.0.self_attn.q_proj.weight bert-base-uncased-L12-H768-A12 Llama-3.1-8B-Instruct-Q4_K_M 2024-01-31T12:30:45.123456
    resnet50_v2_fp16_bs32_lr1e4 application/vnd.openxmlformats-officedocument x86_64-unknown-linux-gnu AbstractSingletonProxyFactoryBean 1234567890123456789012
    a1b2c3d4e5f6g7h8i9j0 0123456789abcdef0123456789abcdef aaaaaaaaaaaaaaaaaaaaaaaa1 projects/1234567/secrets/api1 https://huggingface.co/models/1""".split(),
)
def test_what_a_person_wrote_does_not(value):
    assert not looks_random(value)


def test_patterns():
    assert patterned("0123456789abcdef" * 2) == patterned("abcdefgh") == patterned("00000000") == patterned("a1b2c3d4e5f6g7h8") == 1
    assert patterned("x8Kq2mPz") == patterned("") == 0


@given(st.text(max_size=200))
def test_any_text_can_be_judged(value):
    assert 0 <= patterned(value) <= 1
    assert 0 <= surprise(value) <= 1
    token_confidence(value)
    password_confidence(value)
    kind_of(value)
    service_of(value)


NAMES = {
    Kind.TOKEN: """OPENAI_API_KEY apiKey x-api-key openai.api_key APIKey wandb_key AccountKey API_KEY_PROD hf_token authToken2 Authorization
        accesstoken SECRET_KEY_BASE""",
    Kind.PASSWORD: "DB_PASSWORD dbPass pwd userpassword smtp_pass mysqlpass passphrase",
    Kind.SECRET: "client_secret jwtSecret APP_SECRET",
    Kind.KEY: "key",
    None: """primary_key public_key cache_key keyword monkey key_id token_type tokenizer pad_token next_page_token csrf_token password_hash hashed_password password_file
        secret_name bypass compass first_pass passed fake_api_key author patch _""",
}


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for kind, names in NAMES.items() for name in names.split()])
def test_what_a_name_says(name, kind):
    assert kind_of(name) is kind


def test_whose_it_is():
    assert service_of("COHERE_API_KEY") == "Cohere"
    assert service_of("WANDB_KEY") == "Weights & Biases"
    assert service_of("api_key") == ""


def test_the_public_half_of_a_pair_is_no_secret():
    random = "2Kx9QmLw4bVn7TzRfYpHcD3sAeGjU8oXiN1WqZ5MvtB"
    assert token_confidence(f"phx_{random}") is not None
    assert token_confidence(f"phc_{random}") is None
    assert token_confidence(f"pk_live_{random}") is None
