"""A headless Chromium for tests, driven over the WebDriver protocol with nothing but the standard library."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
MISSING = "" if CHROMIUM and DRIVER else "no Chromium with its driver here (Debian: apt-get install chromium chromium-driver)"

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""The driver is on this machine: no proxy on the way."""


class Browser:
    """One window. ``with Browser() as browser: browser.open(path)``."""

    def __init__(self, width: int = 1280, height: int = 900) -> None:
        self._size = (width, height)

    def __enter__(self) -> Self:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._driver = subprocess.Popen([str(DRIVER), f"--port={port}", "--silent"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._base = f"http://127.0.0.1:{port}"
        try:
            self._wait()
            self._base += f"/session/{self._start()}"
        except BaseException:
            self._driver.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._ask("DELETE", "")
        finally:
            self._driver.kill()
            self._driver.wait()

    def open(self, page: Path, ready: str = "performance.getEntriesByName('ready').length") -> None:
        """Open a file and wait until its script has run."""
        self._ask("POST", "/url", {"url": page.as_uri()})
        self.wait(ready)

    def wait(self, condition: str) -> Any:
        """Wait until an expression of JavaScript is true, and return its value."""
        for _ in range(300):
            if value := self.run(f"return {condition}"):
                return value
            time.sleep(0.1)
        raise AssertionError(f"the page never became ready: {self.log()}")

    def run(self, script: str, *arguments: Any) -> Any:
        """Run ``script`` in the page and return what it returns."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def later(self, script: str, *arguments: Any) -> Any:
        """Run ``script``, which calls its last argument with the answer."""
        return self._ask("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def dark(self, on: bool) -> None:
        """Ask the page for dark or light colours, as the system would."""
        media = [{"name": "prefers-color-scheme", "value": "dark" if on else "light"}]
        self._ask("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {"features": media}})

    def resize(self, width: int, height: int = 900) -> None:
        """Give the page another size."""
        params = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._ask("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": params})

    def press(self, key: str) -> None:
        """Press and release one key."""
        actions = [{"type": "key", "id": "keyboard", "actions": [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]
        self._ask("POST", "/actions", {"actions": actions})

    def log(self) -> list[str]:
        """Return what the browser complained about, scripts and security policy, since it was asked last."""
        return [entry["message"] for entry in self._ask("POST", "/se/log", {"type": "browser"})]

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Keep a picture of the window, or of the whole page."""
        shot = self._ask("POST", "/goog/cdp/execute", {"cmd": "Page.captureScreenshot", "params": {"captureBeyondViewport": whole}})
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self) -> bytes:
        """Print the page."""
        return base64.b64decode(self._ask("POST", "/print", {"background": True}))

    def _wait(self) -> None:
        for _ in range(150):
            try:
                if self._ask("GET", "/status")["ready"]:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("chromedriver did not start")

    def _start(self) -> str:
        width, height = self._size
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", f"--window-size={width},{height}"]
        options = {"binary": CHROMIUM, "args": flags}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        return str(self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"])

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self._base + path, data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with _DIRECT.open(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None
