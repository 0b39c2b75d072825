"""Credentials in addresses, connection strings, netrc and Kubernetes manifests."""

from __future__ import annotations

import base64
import random

import pytest

from aisecops.content.secrets import find_secrets
from tests.content.secrets.specimens import drawn, pem

RNG = random.Random(31)
PASSWORD = drawn("alnum", 10, RNG) + "7q"


def found(text, language=""):
    return [text[secret.start : secret.end] for secret in find_secrets(text, language=language)]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg2://app:{}@db.corp.io:5432/ml",
        "mongodb+srv://app:{}@cluster0.ab1cd.mongodb.net/?retryWrites=true",
        "redis://:{}@cache.corp.io:6379/0",
        "amqp://svc:{}@queue.corp.io//",
        "snowflake://bob:{}@xy12345/db",
        "https://bob:{}@pypi.corp.io/simple",
        "git+https://oauth2:{}@gitlab.corp.io/group/project.git",
        "http://proxyuser:{}@proxy.corp.io:3128",
    ],
)
def test_the_password_of_an_address_is_found(address):
    assert found(f'URL = "{address.format(PASSWORD)}"') == [PASSWORD]


def test_words_count_as_passwords_of_a_host_that_others_reach():
    address = "postgres://app:swordfish@{}/ml"
    assert found(address.format("db.corp.io")) == ["swordfish"]
    assert found(address.format("localhost")) == found(address.format("db")) == found(address.format("db.example.com")) == []


@pytest.mark.parametrize(
    "address",
    [
        "postgres://postgres:postgres@localhost:5432/db",
        "postgres://postgres:postgres@db.corp.io:5432/db",
        "mysql://root:root@127.0.0.1/x",
        "https://user:password@example.com/",
        "https://username:pass@host/",
        "mongodb://<user>:<password>@host/",
        "redis://:${REDIS_PASSWORD}@redis:6379",
        "postgres://{user}:{password}@{host}/db",
        "postgres://user:%s@host/db",
        "https://user:***@corp.io/",
        "https://corp.io/a@b",
        "https://" + drawn("hex", 32, RNG) + "@o123.ingest.sentry.io/456",
        "https://medium.com/@someone/title-" + drawn("hex", 12, RNG),
        "http://corp.io:8080/@x",
        "git+ssh://git@github.com/org/project.git",
    ],
)
def test_what_everybody_types_is_none(address):
    assert found(address) == []


def test_a_token_in_the_place_of_the_user():
    token = drawn("alnum", 40, RNG)
    assert found(f"git clone https://{token}@git.corp.io/x.git", "shell") == [token]
    assert found(f"git clone https://x-access-token:{token}@git.corp.io/x.git", "shell") == [token]


def test_azure_signatures():
    signature = drawn("alnum", 43, RNG) + "%3D"
    assert found(f"https://x.blob.core.windows.net/c?sv=2022-11-02&sp=r&se=2030-01-01&sig={signature}") == [signature]
    assert found(f"https://x.test/c?sig={signature}") == []


def test_netrc():
    text = f"machine api.corp.io\n  login bob\n  password {PASSWORD}\n"
    (secret,) = find_secrets(text)
    assert (secret.rule, secret.title, text[secret.start : secret.end]) == ("netrc-password", "password for api.corp.io in .netrc", PASSWORD)
    assert found("machine api.corp.io login bob password <password>") == []
    assert found(f"default login bob password {PASSWORD}") == [PASSWORD]


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def test_kubernetes_secrets_are_only_encoded():
    manifest = "apiVersion: v1\nkind: {}\nmetadata:\n  name: db\n  uid: {}\ndata:\n  password: {}\n  config: {}\n"
    text = manifest.format("Secret", encoded("not a secret at all"), encoded(PASSWORD), encoded("mode: fast\nsize: 3"))
    assert found(text, "yaml") == [encoded(PASSWORD)]
    assert found(manifest.format("Secret", encoded("x"), encoded("changeme"), encoded("a b")), "yaml") == []
    assert found(text.replace("kind: Secret", "kind: ConfigMap").replace("password:", "hostname:"), "yaml") == []
    assert len(found(f"kind: Secret\ndata:\n  tls.key: {encoded(pem('', RNG))}\n", "yaml")) == 1
