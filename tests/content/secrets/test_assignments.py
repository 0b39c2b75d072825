"""Values whose name tells: in code, settings, commands; and what programmers write instead of a secret."""

from __future__ import annotations

import base64
import random
import uuid

import pytest

from aisecops.content.secrets import find_secrets
from aisecops.core.taxonomy import Confidence
from tests.content.secrets.specimens import drawn

RNG = random.Random(11)
PASSWORDS = (
    "hunter" + "2",
    "Sup3rS3cret" + "!2024",
    "xK9#mQ2$vL" + "",
    "correct-Horse7" + "!",
    "J8s!kd02Lq",
    "kx72hdfw",
    "Winter2023" + "!",
    "dBu$er99",
)
PASSWORD_PLACES = (
    ("python", 'DB_PASSWORD = "{}"'),
    ("python", 'connect(host="db", user="ml", password="{}")'),
    ("python", "cfg = {{'password': '{}'}}"),
    ("python", 'os.environ["DB_PASSWORD"] = "{}"'),
    ("python", 'os.environ.get("DB_PASSWORD", "{}")'),
    ("python", 'os.getenv("DB_PASSWORD") or "{}"'),
    ("python", 'db_password: str = "{}"'),
    ("python", 'db_password: SecretStr = SecretStr("{}")'),
    ("python", 'password = (\n    "{}"\n)'),
    ("python", 'parser.add_argument("--password", type=str, default="{}")'),
    ("python", 'if password == "{}":'),
    ("python", "%env DB_PASSWORD={}"),
    ("python", "!mysql --user=ml --password={} -h db"),
    ("python", "# prod password: {}"),
    ("python", 'connect("dbname=ml user=app password={} host=db.corp.net")'),
    ("python", 'smtp.login("bot@corp.io", "{}")'),
    ("python", 'requests.get(url, auth=("svc", "{}"))'),
    ("python", 'HTTPBasicAuth("svc", "{}")'),
    ("javascript", "const dbPassword = '{}';"),
    ("yaml", "password: {}\n"),
    ("yaml", "      - POSTGRES_PASSWORD={}\n"),
    ("yaml", '- name: DB_PASSWORD\n  value: "{}"\n'),
    ("yaml", "- name: DB_PASSWORD\n  value: {}\n"),
    ("yaml", "POSTGRES_PASSWORD: ${{POSTGRES_PASSWORD:-{}}}\n"),
    ("env", "DB_PASSWORD={}\n"),
    ("shell", "export DB_PASSWORD={}\n"),
    ("shell", 'DB_PASSWORD="{}" python train.py'),
    ("shell", "docker run -e DB_PASSWORD={} image"),
    ("json", '{{"db": {{"password": "{}"}}}}'),
    ("json", '{{"name": "DB_PASSWORD", "value": "{}"}}'),
    ("ini", "[db]\npassword = {}\n"),
    ("toml", 'password = "{}"\n'),
    ("dockerfile", "ENV DB_PASSWORD {}\n"),
    ("xml", "<password>{}</password>"),
    ("", "Server=tcp:db.corp.net;Database=ml;User Id=app;Password={};Encrypt=True"),
)
TOKEN_PLACES = (
    ("python", 'WANDB_API_KEY = "{}"'),
    ("python", 'client = Client(api_key="{}")'),
    ("python", 'openai.api_key = "{}"'),
    ("python", 'headers = {{"Authorization": "Bearer {}"}}'),
    ("python", 'headers = {{"x-api-key": "{}"}}'),
    ("python", 'subprocess.run(["tool", "--api-key", "{}"])'),
    ("python", 'api_token: Optional[str] = "{}"'),
    ("python", "!tool login --token {}"),
    ("python", "token = '''{}'''"),
    ("shell", 'curl -H "Authorization: Bearer {}" https://api.x/'),
    ("shell", "curl -H 'x-api-key: {}' https://api.x/"),
    ("shell", "tool login --token {}"),
    ("yaml", "client_secret: {}\n"),
    ("yaml", "env:\n  - name: API_TOKEN\n    value: {}\n"),
    ("json", '{{"api_key": "{}"}}'),
    ("ini", "aws_secret_access_key = {}\n"),
    ("javascript", 'const apiKey = "{}"'),
    ("", "https://api.x/v1?api_key={}&q=1"),
)
TOKENS = (("alnum", 32), ("alnum", 20), ("hex", 40), ("hex", 32), ("lower", 32), ("url", 43), ("base64", 40))


@pytest.mark.parametrize(("language", "place"), PASSWORD_PLACES)
def test_passwords_are_found(language, place):
    for password in PASSWORDS:
        text = place.format(password)
        assert [text[s.start : s.end] for s in find_secrets(text, language=language)] == [password], text


@pytest.mark.parametrize(("language", "place"), TOKEN_PLACES)
def test_tokens_without_a_shape_are_found(language, place):
    for kind, length in TOKENS:
        value = drawn(kind, length, RNG)
        text = place.format(value)
        assert [text[s.start : s.end] for s in find_secrets(text, language=language)] == [value], text


def test_the_name_says_whose_it_is():
    value = drawn("alnum", 40, RNG)
    (secret,) = find_secrets(f'os.environ["COHERE_API_KEY"] = "{value}"', language="python")
    assert (secret.title, secret.name, secret.confidence) == ("Cohere API key or token", "COHERE_API_KEY", Confidence.HIGH)


@pytest.mark.parametrize(
    "text",
    [
        'wandb.login(key="{hex40}")',
        "!wandb login {hex40}",
        "machine api.wandb.ai\n  login user\n  password {hex40}\n",
        '{{"username": "bob", "key": "{hex32}"}}',
        '{{"auths": {{"https://index.docker.io/v1/": {{"auth": "{basic}"}}}}}}',
        "Authorization: Basic {basic}",
        "//registry.npmjs.org/:_authToken={uuid}",
        "HEROKU_API_KEY={uuid}",
        "SECRET_KEY = 'django-insecure-{django}'",
        'jwt.encode(payload, "{alnum12}", algorithm="HS256")',
        'AzureKeyCredential("{hex32}")',
    ],
)
def test_keys_in_the_forms_of_well_known_tools(text):
    values = {
        "hex40": drawn("hex", 40, RNG),
        "hex32": drawn("hex", 32, RNG),
        "alnum12": drawn("alnum", 12, RNG),
        "uuid": str(uuid.UUID(int=RNG.getrandbits(128), version=4)),
        "django": "".join(RNG.choices("abcdefghijklmnopqrstuvwxyz0123456789!@#%^&*(-_=+)", k=50)),
        "basic": base64.b64encode(b"bob:x8Kq2mPz!s").decode(),
    }
    assert len(find_secrets(text.format(**values))) == 1


HEX32, HEX40, HEX64, ALNUM = drawn("hex", 32, RNG), drawn("hex", 40, RNG), drawn("hex", 64, RNG), drawn("alnum", 32, RNG)
NOT_SECRET = (
    # what a tokenizer calls a token
    ("python", 'pad_token="<pad>"'),
    ("python", 'token = "[CLS]"'),
    ("python", 'token = "<|endoftext|>"'),
    ("python", "tokenizer.pad_token = tokenizer.eos_token"),
    ("json", '{"token": "Ġhello", "id": 12}'),
    ("json", '{"image_token": "' + ALNUM + '"}'),
    # where the secret comes from somewhere else
    ("python", 'password = getpass.getpass("Password: ")'),
    ("python", 'api_key = os.environ["OPENAI_API_KEY"]'),
    ("python", 'api_key = os.getenv("OPENAI_API_KEY", "")'),
    ("python", 'api_key = config["openai"]["api_key_2"]'),
    ("python", "api_key = load_key_v2()"),
    ("python", "connect(password=password1, token=token2)"),
    ("python", 'headers = {"Authorization": f"Bearer {token1}"}'),
    ("python", 'api_key = st.text_input("OpenAI API key 2", type="password")'),
    ("python", 'secret = client.access("projects/1234567/secrets/api1/versions/3")'),
    ("yaml", "password: ${DB_PASSWORD}"),
    ("yaml", 'password: "{{ vault.db1 }}"'),
    ("yaml", "password: ${{ secrets.PYPI_PASSWORD1 }}"),
    ("yaml", "api-key: $(API_KEY_1)"),
    ("yaml", "password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256"),
    ("yaml", "password: ENC[AES256_GCM,data:" + drawn("base64", 24, RNG) + ",iv:x]"),
    ("yaml", "secretName: db-credentials-1"),
    ("yaml", "secretKeyRef:\n  name: db\n  key: password1"),
    ("yaml", "password_file: /run/secrets/pg_pass1"),
    ("env", "POSTGRES_PASSWORD_FILE=/run/secrets/pg1"),
    ("shell", 'echo "$PASSWORD1" | docker login --password-stdin'),
    ("shell", "docker login -u u -p $DOCKER_PASS1"),
    ("shell", 'curl -u "$USER:$PASS1" https://h'),
    ("shell", 'curl -H "Authorization: Bearer $TOKEN1" h'),
    # what stands in for one
    ("python", 'api_key = "YOUR_API_KEY"'),
    ("python", 'api_key = "<your token>"'),
    ("python", 'api_key = "EMPTY"'),
    ("python", 'api_key = "not-needed"'),
    ("python", 'api_key = "fake-key-123456789012345"'),
    ("python", 'token = "abc123"'),
    ("python", 'password = "changeme"'),
    ("python", 'password = "test"'),
    ("python", 'password = "password123"'),
    ("python", 'login("user", "password")'),
    ("python", 'auth = ("user", "pass")'),
    ("python", 'monkeypatch.setenv("OPENAI_API_KEY", "test-key-123")'),
    ("env", "OPENAI_API_KEY=sk-your-key-here"),
    ("", "Authorization: Bearer YOUR_ACCESS_TOKEN_1234567890"),
    # words about passwords
    ("python", 'label = {"password": "Enter your password"}'),
    ("python", 'password="Passwort"'),
    ("json", '"password": "Contraseña"'),
    ("json", '"password": "Mot de passe"'),
    ("json", '"password": {"type": "string", "minLength": 8}'),
    ("javascript", 't("auth.password2")'),
    ("html", 'type="password" name="password2"'),
    ("", "password must match ^(?=.*[A-Z])(?=.*\\d).{8,}$"),
    ("python", 'pat = f"^({pat[1:]})$"'),
    # names of other things
    ("python", 'API_KEY_HEADER = "X-API-Key"'),
    ("python", 'token_file = "/var/run/token1"'),
    ("python", "PASSWORD_RESET_TIMEOUT = 259200"),
    ("python", 'def login(user: str, password: str = "") -> None:'),
    ("python", "token: str | None = None"),
    ("python", 'key="model.layers.0.self_attn.q_proj.weight"'),
    ("python", 'monkey_key = "banana-split-99"'),
    ("json", '"js-tokens": "^4.0.0"'),
    ("python", r'colours = {"pass": "\033[102;30mpass\033[0m", "token": "\e[1;31mT0ken\e[0m"}'),
    # keys with which every copy sends its events, and nobody reads anything
    ("python", f'mixpanel_project_token = "{HEX32}"'),
    ("javascript", f'const SEGMENT_WRITE_KEY = "{ALNUM}";'),
    # hashes, ids, public halves
    ("python", f'revision="{HEX40}"'),
    ("python", f'sha256 = "{HEX64}"'),
    ("yaml", f'etag: "{HEX32}"'),
    ("yaml", f'key: "{HEX40}"'),
    ("python", f'model_id = "{HEX32}"'),
    ("python", f'cache_key = "{HEX32}"'),
    ("python", f'csrf_token = "{ALNUM}"'),
    ("html", f'<input name="authenticity_token" value="{ALNUM}">'),
    ("python", f'next_page_token = "{ALNUM}"'),
    ("python", f'public_key = "{ALNUM}"'),
    ("python", 'password_hash = "$2b$12$' + drawn("alnum", 53, RNG) + '"'),
    ("python", 'password = "$2b$12$' + drawn("alnum", 53, RNG) + '"'),
    ("json", '"integrity": "sha512-' + drawn("base64", 86, RNG) + '=="'),
    ("", f"pip install package --hash=sha256:{HEX64}"),
    ("", "data:image/png;base64," + drawn("base64", 3000, RNG)),
    ("", "ssh-rsa AAAAB3NzaC1yc2E" + drawn("base64", 300, RNG) + " me@host"),
    ("yaml", "encryptedData:\n  password: AgB" + drawn("base64", 300, RNG)),
)


@pytest.mark.parametrize(("language", "text"), NOT_SECRET)
def test_what_is_no_secret_stays_silent(language, text):
    assert find_secrets(text, language=language) == []


@pytest.mark.parametrize("value", ["Passw0rd" + "!2024", "SuperSecret" + "123!"])
def test_a_strong_variation_of_a_common_password_is_said_with_low_confidence(value):
    (secret,) = find_secrets(f'password = "{value}"', language="python")
    assert secret.confidence is Confidence.LOW


def test_a_bare_value_in_code_is_an_expression():
    assert find_secrets("password = Winter" + "2023x", language="python") == []
    assert len(find_secrets("password = Winter" + "2023x", language="ini")) == 1


@pytest.mark.parametrize(
    "text",
    [
        'api_key = "{}" + "{}"',
        'api_key = ("{}"\n           "{}")',
        "api_key = '{}' '{}'",
        'api_key = "{}" \\\n    "{}"',
        'headers = {{"Authorization": "Bearer " + "{}{}"}}',
    ],
)
def test_strings_that_are_put_together_are_read_together(text):
    value = drawn("alnum", 40, RNG)
    (secret,) = find_secrets(text.format(value[:9], value[9:]), language="python")
    assert secret.shape == "…(40 characters)"


def test_a_token_of_known_shape_is_recognised_in_pieces():
    body = drawn("letters", 34, RNG)
    (secret,) = find_secrets(f'token = "hf_" + "{body}"', language="python")
    assert (secret.rule, secret.name, secret.shape) == ("huggingface-token", "token", "hf_…(34 characters)")


@pytest.mark.parametrize(
    "text",
    [
        'credentials = ("bob", "{}")',
        'auth = ("bob", "{}")',
        'demo.launch(auth=[("admin", "{}")])',
        "aws configure set db_password {}",
        "kubectl create secret generic db --from-literal=password={}",
        "helm install x --set auth.password={}",
    ],
)
def test_pairs_and_commands(text):
    language = "python" if "(" in text else "shell"
    assert len(find_secrets(text.format(PASSWORDS[4]), language=language)) == 1


def test_a_bare_key_is_one_beside_the_name_of_a_service():
    value = drawn("alnum", 48, RNG)
    assert len(find_secrets(f"api:\n  openai:\n    key: {value}\n", language="yaml")) == 1
    assert len(find_secrets(f'key = "{value}"  # openai', language="python")) == 1
    assert find_secrets(f'key = "{value}"', language="python") == []
