"""A small server of a model on this machine: the Open Inference Protocol and plain JSON, with the moods of real ones."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

_RUNNING: list[Server] = []


class Server(ThreadingHTTPServer):
    """A server that knows its connections, so that it can end them."""

    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.connections: list[Any] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.append(request)
        super().process_request(request, client_address)

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in self.connections:
            connection.close()


def end_all() -> None:
    """End every server of this process: descriptors are few, and other tests count theirs."""
    while _RUNNING:
        _RUNNING.pop().end()


class Moods:
    """What the server does besides answering: set by a test, and what it saw."""

    def __init__(self) -> None:
        self.url = ""
        self.most = 10_000
        self.requests: list[int] = []
        self.headers: list[Any] = []
        self.next: list[tuple[int, dict[str, str], bytes]] = []
        self.delay = 0.0
        self.drip = False
        self.label_output = True
        self.described = True


def serving(model: Any, *, texts: bool = False) -> Moods:
    """Serve ``model`` on a free port until ``end_all``."""
    moods = Moods()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30  # an idle connection does not outlive the tests that made it by more
        wbufsize = 1 << 16

        def log_message(self, *_: Any) -> None:
            pass

        def send(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if moods.drip:
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(0.05)
            else:
                self.wfile.write(content)

        def answer(self, value: Any) -> None:
            self.send(200, {"Content-Type": "application/json"}, json.dumps(value).encode())

        def do_GET(self) -> None:
            moods.headers.append(self.headers)
            if not moods.described:  # as MLServer answers where nobody wrote a description
                return self.answer({"name": "blobs", "versions": [], "platform": "", "inputs": [], "outputs": []})
            kind = {"datatype": "BYTES", "shape": [-1]} if texts else {"datatype": "FP64", "shape": [-1, 5]}
            outputs = [{"name": "scores", "datatype": "FP64", "shape": [-1, 3]}]
            if moods.label_output:
                outputs.append({"name": "label", "datatype": "BYTES", "shape": [-1]})
            return self.answer({"name": "blobs", "inputs": [{"name": "x", **kind}], "outputs": outputs})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            moods.headers.append(self.headers)
            time.sleep(moods.delay)
            if moods.next:
                return self.send(*moods.next.pop(0))
            body = json.loads(body)
            if self.path == "/v2/models/blobs/infer":
                tensor = body["inputs"][0]
                rows = tensor["data"] if texts else np.array(tensor["data"], dtype=float).reshape(tensor["shape"])
                return self.judged(rows, lambda: self.infer(rows, body.get("outputs", [{"name": "scores"}])[0]["name"]))
            rows = body["rows"] if texts else np.array(body["rows"], dtype=float)
            return self.judged(rows, lambda: self.answer({"found": self.plain(rows)}))

        def judged(self, rows: Any, answer: Any) -> None:
            moods.requests.append(len(rows))
            if len(rows) > moods.most:
                return self.send(413, {}, b'{"error": "too many"}')
            return answer()

        def infer(self, rows: Any, name: str) -> None:
            values = model.predict_proba(rows) if name == "scores" else model.predict(rows)
            kind = "FP64" if name == "scores" else "BYTES"
            output = {"name": name, "datatype": kind, "shape": list(values.shape), "data": values.ravel().tolist()}
            self.answer({"model_name": "blobs", "outputs": [output]})

        def plain(self, rows: Any) -> Any:
            pairs = zip(model.predict(rows), model.predict_proba(rows), strict=True)
            return [{"label": str(label), "scores": scores.tolist()} for label, scores in pairs]

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _RUNNING.append(server)
    moods.url = f"http://127.0.0.1:{server.server_address[1]}"
    return moods
