"""Endpoints: what is sent, what is retried, what is refused, and that garbage never becomes a number."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from aisecops.core.errors import UserError
from aisecops.oracles.answering import ModelOracle
from aisecops.oracles.budget import Budget, BudgetSpent, Metered
from aisecops.oracles.http import client as client_module
from aisecops.oracles.http.batches import Batches
from aisecops.oracles.http.client import RefusedError
from aisecops.oracles.http.endpoint import of_endpoint
from aisecops.oracles.http.plain_json import filled, found, rows_of, takes_one
from aisecops.oracles.layout import Layout, LayoutColumn
from aisecops.oracles.model import Wanted
from aisecops.oracles.opening import open_model
from aisecops.oracles.oracle import OracleError
from aisecops.oracles.spec import Endpoint, HttpProtocol, ModelSpec, Output
from tests.oracles.server import end_all, serving
from tests.oracles.victims import NAMES, TABLE, points, table, text_pipeline

x, y = points()
MODEL = LogisticRegression().fit(x, NAMES[y])


@pytest.fixture(autouse=True)
def _servers_end():
    yield
    end_all()


class Asked:
    """An oracle of a fresh server, what the server saw, and how long the client slept."""

    def __init__(self, protocol=HttpProtocol.JSON, model=MODEL, texts=False, output=Output.PROBABILITIES, **more):
        self.server = serving(model, texts=texts)
        self.slept = []
        if protocol is HttpProtocol.JSON:
            declared = {"url": self.server.url + "/predict", "request": {"rows": "{instances}"}, "answer": "found.*.scores"}
        else:
            declared = {"url": self.server.url, "model": "blobs"}
        batch = more.pop("batch", None)
        self.server.described = more.pop("described", True)
        wanted = Wanted(name="it", classes=tuple(model.classes_), output=output, batch=batch)
        endpoint = Endpoint(protocol=protocol, authorised_by="the tests", **(declared | more))
        self.oracle = ModelOracle(of_endpoint(endpoint, wanted, sleep=self.slept.append))


def test_nothing_is_sent_unless_somebody_allowed_it():
    server = serving(MODEL)
    for nobody in ("", "  "):
        with pytest.raises(UserError, match="nobody has allowed to attack this endpoint; write who did under `authorised-by`"):
            open_model(ModelSpec(endpoint=Endpoint(url=server.url, model="blobs", authorised_by=nobody), classes=tuple(NAMES), output=Output.SCORES))
    assert not server.headers
    assert not server.requests


@pytest.mark.parametrize(
    "url",
    ["ftp://a/b", "https://", "models.example/x", "https://user:pass@a/b", "file:///etc/passwd", "https://a:99999/", "https://a/b#c", "https://[/"],
)
def test_addresses_that_are_none_are_refused(url):
    with pytest.raises(UserError, match="is no address"):
        open_model(ModelSpec(endpoint=Endpoint(url=url, model="m", authorised_by="me"), classes=("a", "b"), output=Output.SCORES))


def test_secrets_come_from_the_environment_and_go_nowhere_unencrypted(monkeypatch):
    monkeypatch.setenv("AISECOPS_TEST_TOKEN", "s3cret")
    asked = Asked(headers={"Authorization": "Bearer ${AISECOPS_TEST_TOKEN}"})
    asked.oracle.labels(x[:1])
    assert asked.server.headers[-1]["Authorization"] == "Bearer s3cret"
    plain = Endpoint(url="http://models.example/", model="m", authorised_by="me", headers={"Authorization": "${AISECOPS_TEST_TOKEN}"})
    with pytest.raises(UserError, match="unencrypted"):
        open_model(ModelSpec(endpoint=plain))
    monkeypatch.delenv("AISECOPS_TEST_TOKEN")
    with pytest.raises(UserError, match="the environment has no variable AISECOPS_TEST_TOKEN"):
        Asked(headers={"Authorization": "Bearer ${AISECOPS_TEST_TOKEN}"})
    with pytest.raises(UserError, match="control character"):
        Asked(headers={"X": "a\r\nHost: elsewhere"})


@pytest.mark.parametrize("protocol", HttpProtocol)
def test_the_batch_grows_until_the_server_says_no(protocol):
    asked = Asked(protocol)
    asked.server.most = 20
    many = np.tile(x, (3, 1))
    np.testing.assert_allclose(asked.oracle.scores(many), MODEL.predict_proba(many))
    taken = [size for size in asked.server.requests if size <= 20]
    refused = [size for size in asked.server.requests if size > 20]
    assert asked.server.requests[0] == 1, "what fails with one sample is wrong in itself"
    assert sum(taken) == len(many), "no sample is asked about twice"
    assert len(refused) <= 1
    assert max(taken) <= 20
    before = len(asked.server.requests)
    asked.oracle.scores(many)
    assert max(asked.server.requests[before:]) <= 20, "it remembers"


def test_batches_stop_growing_where_it_does_not_pay():
    now = [0.0]

    def ask(part):
        sizes.append(len(part))
        now[0] += 1.0 * len(part) if len(part) > 4 else 1.0
        return list(part)

    sizes = []
    batches = Batches(ask, None, clock=lambda: now[0])
    assert batches(list(range(100))) == list(range(100))
    assert max(sizes) == 8


def test_a_declared_batch_is_kept_to():
    asked = Asked(batch=7)
    asked.oracle.labels(x)
    assert max(asked.server.requests) <= 7


def test_busy_servers_are_asked_again_when_they_say():
    asked = Asked()
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    asked.server.next = [(429, {"Retry-After": "3"}, b"slow down"), (503, {"Retry-After": soon}, b""), (503, {}, b"")]
    np.testing.assert_allclose(asked.oracle.scores(x[:1]), MODEL.predict_proba(x[:1]))
    assert asked.slept[0] == 3
    assert 15 < asked.slept[1] <= 20
    assert asked.slept[2] == 2.0, "the third attempt's own patience"
    assert asked.server.requests == [1]


def test_patience_ends():
    asked = Asked(retries=2)
    asked.server.next = [(429, {}, b"no")] * 3
    with pytest.raises(OracleError, match="it: the endpoint answers 429 after 2 retries"):
        asked.oracle.labels(x[:1])
    assert asked.slept == [0.5, 1.0]
    asked.server.next = [(429, {"Retry-After": "3600"}, b"no")]
    with pytest.raises(OracleError, match="wants 3600 seconds of silence, more than 60"):
        asked.oracle.labels(x[:1])


def test_an_endpoint_that_never_answers_is_not_asked_for_ever():
    asked = Asked(retries=1)
    asked.server.next = [(503, {}, b"")] * 20
    for _ in range(10):
        with pytest.raises(OracleError, match="answers 503 after 1 retries"):
            asked.oracle.labels(x[:1])
    assert len(asked.server.next) == 20 - 3 * 2
    with pytest.raises(OracleError, match=r"3 requests in a row, and it is not asked again.*lower the budget"):
        asked.oracle.labels(x[:1])


def test_late_answers_are_no_answers():
    asked = Asked(timeout=0.2, retries=1)
    asked.server.delay = 1.0
    with pytest.raises(OracleError, match=r"gives no answer .*timed out.*is it up, and `timeout` long enough"):
        asked.oracle.labels(x[:1])
    assert len(asked.slept) == 1


def test_an_answer_that_drips_is_late():
    asked = Asked(timeout=0.3, retries=0)
    asked.server.drip = True
    started = time.monotonic()
    with pytest.raises(OracleError, match="timed out"):
        asked.oracle.labels(x[:1])
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"HTTP/1.0 200 OK\r\n\r\n{"])
def test_a_server_that_never_ends_its_sentence_is_late(said):
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def drip():
        connection, _ = listener.accept()
        with connection:
            connection.sendall(said)
            while not ended.is_set():
                try:
                    connection.sendall(b" ")
                except OSError:
                    return
                time.sleep(0.05)

    threading.Thread(target=drip, daemon=True).start()
    declared = Endpoint(url=f"http://127.0.0.1:{listener.getsockname()[1]}", model="m", authorised_by="me", retries=0, timeout=0.4)
    started = time.monotonic()
    with pytest.raises(OracleError, match="timed out"):
        open_model(ModelSpec(name="m", endpoint=declared, classes=("a", "b"), output=Output.SCORES))
    ended.set()
    listener.close()
    assert time.monotonic() - started < 20


def test_an_answer_cut_short_is_asked_for_again():
    asked = Asked()
    asked.server.next = [(200, {"Content-Length": "1000", "Connection": "close"}, b'{"found": [')]
    np.testing.assert_allclose(asked.oracle.scores(x[:1]), MODEL.predict_proba(x[:1]))
    assert asked.slept == [0.5]


def test_nobody_there_is_said():
    declared = Endpoint(url="http://127.0.0.1:9/", model="m", authorised_by="me", retries=0)
    with pytest.raises(OracleError, match=r"gives no answer .*refused"):
        open_model(ModelSpec(name="m", endpoint=declared, classes=("a", "b"), output=Output.SCORES))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>\x1b[2Jnginx</html>", r"no JSON: <html>\\x1b\[2Jnginx</html>"),
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"found": [', "no JSON"),
        (b"{}", "nothing at `found.\\*.scores`: no `found` there"),
        (b'{"found": {"scores": [1, 2, 3]}}', "no `\\*` there"),
        (b'{"found": []}', "0 answers for 1 samples"),
        (b'{"found": [{"scores": [0.1, 0.2, 0.7]}, {"scores": [0.1, 0.2, 0.7]}]}', "2 answers for 1 samples"),
        (b'{"found": [{"scores": [0.1, 0.2]}]}', r"scores of shape \(1, 2\), not \(1, 3\)"),
        (b'{"found": [{"scores": ["a", "b", "c"]}]}', "scores of shape|not numbers"),
        (b'{"found": [{"scores": [0.1, NaN, 0.7]}]}', "sample 0 are not finite"),
        (b'{"found": [{"scores": [0.1, null, 0.7]}]}', "sample 0 are not finite|not numbers"),
        (b'{"found": [{"scores": 0.5}]}', r"scores of shape \(1,\)"),
    ],
)
def test_garbage_is_no_answer(content, said):
    asked = Asked()
    asked.server.next = [(200, {}, content)]
    with pytest.raises(OracleError, match=said) as caught:
        asked.oracle.scores(x[:1])
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({}, "has no output `scores`"),
        ({"outputs": [{"name": "scores", "shape": [2, 3], "data": [1] * 6}]}, r"a tensor of shape \[2, 3\] for 1 samples"),
        ({"outputs": [{"name": "scores", "shape": [1, 3], "data": [1, 2]}]}, r"a tensor of shape \[1, 3\]"),
        ({"outputs": [{"name": "scores", "shape": [1, -3], "data": []}]}, "a tensor of shape"),
        ({"outputs": [{"name": "scores", "shape": [1, 3], "data": [[1, 2, "x"]]}]}, "scores"),
        ({"outputs": 3}, "has no output"),
    ],
)
def test_tensors_that_do_not_fit_are_no_answer(answer, said):
    asked = Asked(HttpProtocol.OPEN_INFERENCE)
    asked.server.next = [(200, {}, json.dumps(answer).encode())]
    with pytest.raises(OracleError, match=said):
        asked.oracle.scores(x[:1])


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (302, {"Location": "https://elsewhere.example/"}, "redirects .302., and only the declared address is asked"),
        (401, {}, "wants other credentials .401: why.; name them under `headers`"),
        (404, {}, "answers 404: why"),
        (500, {}, "answers 500: why"),
        (400, {}, "refuses the request .400: why"),
    ],
)
def test_other_statuses_are_said(status, headers, said):
    asked = Asked()
    asked.server.next = [(status, headers, b"why")]
    with pytest.raises(OracleError, match=said):
        asked.oracle.scores(x[:1])


def test_endless_answers_are_not_read(monkeypatch):
    monkeypatch.setattr(client_module, "MOST_BYTES", 1 << 20)
    asked = Asked()
    asked.server.next = [(200, {}, b" " * (3 << 20))]
    with pytest.raises(OracleError, match="longer than 1 MiB"):
        asked.oracle.scores(x[:1])
    np.testing.assert_allclose(asked.oracle.scores(x[:1]), MODEL.predict_proba(x[:1]), err_msg="and the next is read again")


def test_packed_answers_are_unpacked_and_no_further_than_read(monkeypatch):
    monkeypatch.setattr(client_module, "MOST_BYTES", 1 << 20)
    asked, packed = Asked(), {"Content-Encoding": "gzip"}
    asked.server.next = [(200, packed, gzip.compress(b'{"found": [{"scores": [0.1, 0.2, 0.7]}]}'))]
    np.testing.assert_allclose(asked.oracle.scores(x[:1]), [[0.1, 0.2, 0.7]])
    for content, encoding, said in (
        (gzip.compress(b" " * (3 << 20)), "gzip", "longer than 1 MiB"),
        (b"plain", "gzip", "no gzip as it says"),
        (b"?", "br", "encoded by br"),
    ):
        asked.server.next = [(200, {"Content-Encoding": encoding}, content)]
        with pytest.raises(OracleError, match=said):
            asked.oracle.scores(x[:1])


def test_a_refused_row_is_found_by_halves_and_said():
    asked = Asked()
    asked.oracle.scores(x[:60])
    real = asked.server
    asked.server.most = 0
    with pytest.raises(OracleError, match=r"refuses the request .413"):
        asked.oracle.scores(x[:8])
    assert real.requests[-4:] == [8, 4, 2, 1]


def test_labels_come_by_either_protocol():
    expected = [list(MODEL.classes_).index(label) for label in MODEL.predict(x)]
    plain = Asked(output=Output.LABELS, answer="found.*.label")
    np.testing.assert_array_equal(plain.oracle.labels(x), expected)
    tensors = Asked(HttpProtocol.OPEN_INFERENCE, output=Output.LABELS)
    np.testing.assert_array_equal(tensors.oracle.labels(x), expected)


@pytest.mark.parametrize("protocol", HttpProtocol)
def test_texts_are_sent(protocol):
    victim = text_pipeline()
    asked = Asked(protocol, model=Words(), texts=True)
    np.testing.assert_array_equal(asked.oracle.labels(victim.samples), victim.labels)


class Words:
    """The text pipeline as a model of three classes, as the server says it has."""

    classes_ = np.array(["ham", "spam", "never"])
    pipeline = None

    def predict_proba(self, texts):
        oracle = text_pipeline().open(None)
        return np.pad(oracle.scores(list(texts)), ((0, 0), (0, 1)))

    def predict(self, texts):
        return self.classes_[self.predict_proba(texts).argmax(axis=1)]


def test_one_sample_a_request():
    asked = Asked(request={"rows": ["{instance}"]}, answer="found.0.scores")
    np.testing.assert_allclose(asked.oracle.scores(x[:3]), MODEL.predict_proba(x[:3]))
    assert asked.server.requests == [1, 1, 1]


def test_missing_values_are_null_in_json_and_refused_in_tensors():
    matrix, _ = table()
    matrix = matrix[:2].copy()
    matrix[0] = np.nan
    first, second = rows_of(matrix, TABLE)
    assert first == {"amount": None, "count": None, "known": None, "colour": None}
    assert second == {
        "amount": matrix[1, 0],
        "count": matrix[1, 1],
        "known": bool(matrix[1, 2]),
        "colour": ("blue", "green", "red")[int(matrix[1, 3])],
    }
    with pytest.raises(UserError, match="infinite"):
        rows_of(np.array([[np.inf]]), None)
    with pytest.raises(UserError, match="the protocol has no such numbers"):
        Asked(HttpProtocol.OPEN_INFERENCE).oracle.scores(np.full((1, 5), np.nan))


def test_templates_and_paths():
    assert filled({"a": ["{instance}", {"b": 1}]}, [[1, 2]]) == {"a": [[1, 2], {"b": 1}]}
    assert filled({"a": "{instances}", "{instances}": 1}, [1, 2]) == {"a": [1, 2], "{instances}": 1}
    for wrong in ({"a": 1}, {"a": "{instance}", "b": "{instances}"}, None):
        with pytest.raises(UserError, match="the request must hold either"):
            takes_one(wrong)
    answer = {"a": [{"b": [1, 2]}, {"b": [3, 4]}]}
    assert found(answer, "a.*.b.-1", "m") == [2, 4]
    assert found(answer, "a.*.b.*", "m") == [[1, 2], [3, 4]]
    assert found([1], "", "m") == [1]
    assert found('{"result": [1, 2]}', "result", "m") == [1, 2], "JSON within JSON"


def test_sorted_scores_are_put_in_the_order_of_the_classes():
    best_first = [[{"label": "b", "score": 0.9}, {"label": "a", "score": 0.1}], [{"label": "a", "score": 0.7}, {"label": "b", "score": 0.3}]]
    assert found(best_first, "*.*.score", "m", classes=("a", "b")) == [[0.1, 0.9], [0.7, 0.3]]
    assert found(best_first[0], "*.score", "m", classes=("a", "b"), one=True) == [0.1, 0.9]
    beside = {"predictions": [{"classes": ["b", "a"], "scores": [0.8, 0.2]}]}
    assert found(beside, "predictions.*.scores", "m", classes=("a", "b")) == [[0.2, 0.8]]
    of_samples = {"predictions": [{"score": 0.3, "predicted": "b"}, {"score": 0.6, "predicted": "a"}]}
    assert found(of_samples, "predictions.*.score", "m", classes=("a", "b")) == [0.3, 0.6], "names of samples order nothing"
    with pytest.raises(OracleError, match=r"names its scores LABEL_1, LABEL_0, and the classes are a, b.*as the endpoint does"):
        found([[{"label": "LABEL_1", "score": 0.9}, {"label": "LABEL_0", "score": 0.1}]], "*.*.score", "m", classes=("a", "b"))


def test_scores_by_name_are_put_in_the_order_of_the_classes():
    asked = Asked(answer="found", output=Output.PROBABILITIES)
    asked.server.next = [(200, {}, json.dumps({"found": [{"spam": 0.5, "ham": 0.3, "maybe": 0.2}]}).encode())]
    np.testing.assert_allclose(asked.oracle.scores(x[:1]), [[0.3, 0.2, 0.5]])


def test_what_a_server_takes_is_asked_from_it():
    asked = Asked(HttpProtocol.OPEN_INFERENCE)
    with pytest.raises(UserError, match=r"answers several tensors \(scores, label\)"):
        _open(asked)
    assert _open(asked, output="scores").classes == ("0", "1", "2"), "as many as the tensor has columns"
    with pytest.raises(UserError, match="no tensor `nothing` among its outputs"):
        _open(asked, output="nothing")
    with pytest.raises(UserError, match="which model of the server"):
        _open(asked, output="scores", model="")


def _open(asked, **more):
    declared = {"url": asked.server.url, "model": "blobs", "authorised_by": "the tests"} | more
    return open_model(ModelSpec(endpoint=Endpoint(**declared)))


def test_what_a_server_does_not_describe_is_asked_for_by_what_was_declared():
    asked = Asked(HttpProtocol.OPEN_INFERENCE, described=False)
    np.testing.assert_allclose(asked.oracle.scores(x[:4]), MODEL.predict_proba(x[:4]))
    with pytest.raises(UserError, match="does not say what the model answers"):
        Asked(HttpProtocol.OPEN_INFERENCE, output=None, described=False)


@pytest.mark.parametrize("answer", [[[90.0, 6.0, 4.0]], [[1.2, -0.1, -0.1]]])
def test_what_is_no_probability_is_not_taken_for_one(answer):
    asked = Asked(answer="found", output=Output.PROBABILITIES)
    asked.server.next = [(200, {}, json.dumps({"found": answer}).encode())]
    with pytest.raises(OracleError, match="where a probability was declared"):
        asked.oracle.scores(x[:1])


def test_a_budget_holds_at_an_endpoint():
    asked = Asked()
    metered = Metered(asked.oracle, Budget(queries=10))
    metered.labels(x[:10])
    with pytest.raises(BudgetSpent):
        metered.labels(x[:1])
    assert sum(asked.server.requests) == 10


def test_certificates_are_verified(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("no openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    declared = Endpoint(url=f"https://127.0.0.1:{server.server_address[1]}", model="m", authorised_by="me")
    started = time.monotonic()
    with pytest.raises(OracleError, match="SSLCertVerificationError"):
        open_model(ModelSpec(name="m", endpoint=declared, classes=("a", "b"), output=Output.SCORES))
    assert time.monotonic() - started < 20, "that is not tried again"


def test_columns_go_as_tensors_of_their_own():
    from aisecops.oracles.http.open_inference import OpenInference

    sent = []

    class Client:
        def get(self, path):
            tensors = [("colour", "BYTES", [-1, 1]), ("amount", "FP32", [-1, 1]), ("count", "INT32", [-1])]
            inputs = [{"name": name, "datatype": kind, "shape": shape} for name, kind, shape in tensors]
            return {"inputs": inputs, "outputs": [{"name": "p", "datatype": "FP32", "shape": [-1, 2]}]}

        def post(self, path, body):
            sent.append((path, body))
            return {"outputs": [{"name": "p", "datatype": "FP32", "shape": [2, 2], "data": [0.5, 0.5, 1, 0]}]}

    endpoint = Endpoint(url="https://a", model="m/1", authorised_by="me")
    server = OpenInference(Client(), endpoint, "", where="m")
    assert server.ask(np.array([[0.1, 3, 1, 2], [0.2, 4, 0, 0]]), TABLE, server.output(None)) == [[0.5, 0.5], [1, 0]]
    path, body = sent[0]
    assert path == "/v2/models/m%2F1/infer"
    assert body["inputs"] == [
        {"name": "colour", "shape": [2, 1], "datatype": "BYTES", "data": ["red", "blue"]},
        {"name": "amount", "shape": [2, 1], "datatype": "FP32", "data": [float(np.float32(0.1)), float(np.float32(0.2))]},
        {"name": "count", "shape": [2], "datatype": "INT32", "data": [3, 4]},
    ]
    with pytest.raises(UserError, match="the model takes the tensor `colour`, and the layout has no such column"):
        server.ask(np.zeros((1, 1)), Layout(columns=(LayoutColumn(name="amount"),)), server.output(None))


def test_refusals_are_told_from_failures():
    assert issubclass(RefusedError, OracleError)
