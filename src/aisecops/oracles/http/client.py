"""Requests to the one host that was declared: retried, bounded in time and size, never redirected, certificates verified.

The standard library's client is enough: no proxy of the environment is used, no cookie kept, no credential sent that the declaration does not name.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import SplitResult, urlsplit

from aisecops.core.errors import UserError
from aisecops.core.text import inert
from aisecops.oracles.oracle import OracleError
from aisecops.oracles.spec import Endpoint

MOST_BYTES = 64 << 20
"""An answer about ten thousand samples and a thousand classes is smaller; a longer one is not read."""
_BUSY = (429, 502, 503, 504)
SILENT = 3
"""So many requests in a row without an answer, retries included, are enough: who attacks asks thousands of times, and would wait for each."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class RefusedError(OracleError):
    """The server understood and will not answer this request: too many samples, or not as it wants them."""


class Client:
    """One connection to one host, opened when it is needed and again when it breaks."""

    def __init__(self, endpoint: Endpoint, *, where: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._endpoint, self._where, self._sleep = endpoint, where, sleep
        self._address = checked_address(endpoint, where)
        self._headers = {name: _filled(value, where) for name, value in endpoint.headers.items()}
        self._connection: http.client.HTTPConnection | None = None
        self._unanswered = 0
        self._silence: OracleError | None = None

    def get(self, path: str) -> Any:
        """Return the JSON at ``path``."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        """Return the JSON that answers ``body``.

        Raises
        ------
        RefusedError
            400, 413 or 422.
        OracleError
            No answer in time after all retries, another status, or something that is no JSON.
        """
        return self._ask("POST", path, json.dumps(body, allow_nan=False).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        if self._silence is not None and self._unanswered >= SILENT:
            what = f"{self._silence.what}; so it was for {SILENT} requests in a row, and it is not asked again"
            raise OracleError(what, where=self._where, fix=self._silence.fix)
        try:
            status, content = self._answered(method, path, body)
        except OracleError as silence:
            self._unanswered += 1
            self._silence = silence
            raise
        self._unanswered = 0
        return self._judged(status, content)

    def _answered(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Return status and content of the first answer that is more than "busy"."""
        for attempt in range(self._endpoint.retries + 1):
            last = attempt == self._endpoint.retries
            try:
                status, headers, content = self._once(method, path, body)
            except (OSError, http.client.HTTPException) as wrong:
                self._close()
                if last or isinstance(wrong, ssl.SSLCertVerificationError):
                    raise OracleError(
                        f"the endpoint gives no answer ({_said(wrong)})", where=self._where, fix="is it up, and `timeout` long enough?"
                    ) from wrong
                self._sleep(_backoff(attempt))
                continue
            if status not in _BUSY:
                return status, content
            if last:
                raise OracleError(f"the endpoint answers {status} after {attempt} retries", where=self._where, fix="lower the budget's `rate`")
            self._sleep(self._wait(headers.get("Retry-After"), attempt))
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, body: bytes | None) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = self._connection = self._connection or self._connect()
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "aisecops", **self._headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if connection.sock is None:
            connection.connect()
        with _Deadline(connection.sock, self._endpoint.timeout):
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            try:
                content = self._read(response)
            finally:
                response.close()  # or the connection takes no further request
        if response.will_close:
            self._close()
        return response.status, response.headers, self._unpacked(content, response.headers.get("Content-Encoding", ""))

    def _unpacked(self, content: bytes, encoding: str) -> bytes:
        """What some servers compress though nobody asked for it, never more than ``MOST_BYTES``."""
        if encoding.strip().lower() in ("", "identity") or not content:
            return content
        if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
            raise OracleError(f"the endpoint's answer is encoded by {inert(encoding, 40)}, which was not asked for", where=self._where)
        try:
            packed = zlib.decompressobj(wbits=47)  # either header
            plain = packed.decompress(content, MOST_BYTES + 1)
        except zlib.error:
            raise OracleError(f"the endpoint's answer is no {inert(encoding, 40)} as it says", where=self._where) from None
        if len(plain) > MOST_BYTES:
            raise OracleError(f"the endpoint's answer is longer than {MOST_BYTES >> 20} MiB", where=self._where)
        return plain

    def _connect(self) -> http.client.HTTPConnection:
        address = self._address
        assert address.hostname
        if address.scheme == "https":
            return http.client.HTTPSConnection(address.hostname, address.port, timeout=self._endpoint.timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(address.hostname, address.port, timeout=self._endpoint.timeout)

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        """Read at most ``MOST_BYTES``."""
        content = bytearray()
        while len(content) <= MOST_BYTES:
            piece = response.read1(1 << 16)
            if not piece:
                if response.length:
                    raise http.client.IncompleteRead(b"", response.length)
                return bytes(content)
            content += piece
        self._close()
        raise OracleError(f"the endpoint's answer is longer than {MOST_BYTES >> 20} MiB", where=self._where)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _judged(self, status: int, content: bytes) -> Any:
        said = inert(" ".join(content[:400].decode("utf-8", "backslashreplace").split()), 160)
        if status in (400, 413, 422):
            raise RefusedError(f"the endpoint refuses the request ({status}: {said})", where=self._where)
        if 300 <= status < 400:
            raise OracleError(
                f"the endpoint redirects ({status}), and only the declared address is asked", where=self._where, fix="declare the address itself"
            )
        if status in (401, 403):
            raise OracleError(f"the endpoint wants other credentials ({status}: {said})", where=self._where, fix="name them under `headers`")
        if status != 200:
            raise OracleError(f"the endpoint answers {status}: {said}", where=self._where)
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise OracleError(f"the endpoint's answer is no JSON: {said}", where=self._where) from None

    def _wait(self, told: str | None, attempt: int) -> float:
        """How long to wait: as the server says, unless that is longer than anybody wants to."""
        wait = _seconds(told)
        if wait is None:
            return _backoff(attempt)
        if wait > self._endpoint.longest_wait:
            what = f"the endpoint wants {wait:g} seconds of silence, more than {self._endpoint.longest_wait:g}"
            raise OracleError(what, where=self._where, fix="come back later, or raise `longest-wait`")
        return wait


class _Deadline:
    """Cuts a connection after so many seconds: a socket's own time-out begins again with every byte, and a server that drips them is never late."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock, self._late = sock, False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None) -> None:
        self._timer.cancel()
        if self._late and (wrong is None or isinstance(wrong, OSError | http.client.HTTPException)):
            raise TimeoutError("timed out") from None

    def _cut(self) -> None:
        self._late = True
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)


def checked_address(endpoint: Endpoint, where: str) -> SplitResult:
    """Return the parts of the address.

    Raises
    ------
    UserError
        Nobody has allowed to ask it, it is no plain http(s) address, or a secret would go over the network unencrypted.
    """
    if not endpoint.authorised_by.strip():
        raise UserError("nobody has allowed to attack this endpoint", where=where, fix="write who did under `authorised-by`: a name, a ticket")
    try:
        address = urlsplit(endpoint.url)
        port = address.port
    except ValueError:
        raise UserError(f"`{inert(endpoint.url, 80)}` is no address", where=where) from None
    if address.scheme not in ("http", "https") or not address.hostname or address.username or address.fragment or port == 0:
        raise UserError(
            f"`{inert(endpoint.url, 80)}` is no address of the form https://host[:port]/path", where=where, fix="put credentials under `headers`"
        )
    secret = any(_VARIABLE.search(value) for value in endpoint.headers.values())
    if secret and address.scheme == "http" and address.hostname not in _LOOPBACK:
        raise UserError("a secret of the environment would go over the network unencrypted", where=where, fix="use https")
    return address


def _filled(value: str, where: str) -> str:
    """``value`` with the environment's variables in it."""

    def of(match: re.Match[str]) -> str:
        name = match[1]
        if name not in os.environ:
            raise UserError(f"the environment has no variable {name}, which a header needs", where=where)
        return os.environ[name]

    filled = _VARIABLE.sub(of, value)
    if any(ord(character) < 32 or ord(character) > 255 for character in filled):
        raise UserError("a header holds a control character, or one beyond Latin-1", where=where)
    return filled


def _seconds(told: str | None) -> float | None:
    """What a ``Retry-After`` says: seconds, or a date."""
    if told is None:
        return None
    if told.strip().isdecimal():
        return float(told)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _backoff(attempt: int) -> float:
    return float(min(0.5 * 2**attempt, 8.0))


def _said(wrong: Exception) -> str:
    return inert(" ".join(f"{type(wrong).__name__}: {wrong}".split()), 120)
