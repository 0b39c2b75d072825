"""Tasks over a Ray cluster: the same record as on one machine, and whatever goes wrong on a node is one gap."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aisecops import checks
from aisecops.core.asset import Asset, AssetKind
from aisecops.core.check import Budget
from aisecops.core.digest import digest
from aisecops.core.errors import UserError
from aisecops.core.examination import Code
from aisecops.core.progress import Silent
from aisecops.pipeline.cluster.engine import RayEngine
from aisecops.pipeline.cluster.job import Job, differs
from aisecops.pipeline.engine import Work
from aisecops.pipeline.interruption import Interruption
from aisecops.pipeline.plan import Task
from aisecops.workflows.engines import engine

pytest.importorskip("ray")
pytestmark = pytest.mark.slow

CLUSTER = """
import sys, ray
ray.init(num_cpus=2, include_dashboard=False, object_store_memory=100 << 20, _temp_dir=sys.argv[1], log_to_driver=False, address="local")
print(ray.get_runtime_context().gcs_address, flush=True)
sys.stdin.read()
ray.shutdown()
"""
PLUGIN = '''
import os, signal, time
from aisecops.core.asset import AssetKind
from aisecops.core.check import check
from aisecops.core.measurement import Reading
from aisecops.core.taxonomy import Stage, Threat

def parent(pid):
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])

@check(id="odd/behaviour", title="Misbehave", inputs=(AssetKind.SOURCE_FILE,), stage=Stage.CODE, threat=Threat.SUPPLY_CHAIN, categories=("odd",))
def behaviour(file, ctx):
    """Do what the name of the file says."""
    name = os.path.basename(file.asset.path)
    if name == "hang.py":
        time.sleep(1000)
    if name == "crash.py":
        os.kill(os.getpid(), signal.SIGSEGV)
    if name == "lose.py":
        os.kill(parent(os.getppid()), signal.SIGKILL)  # this process is a bench's, and the bench a Ray worker's
        time.sleep(1000)
    if name == "attach.py":
        kept = ctx.attach("note", "text/plain", b"seen on a node")
        return (Reading(name="kept", value=1.0, unit="1", attachments=(kept,)),)
    return ()
'''


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with an installed plug-in whose check does what files are called."""
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "odd_checks.py").write_text(PLUGIN)
    (folder / "odd-1.dist-info").mkdir()
    (folder / "odd-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1\n")
    (folder / "odd-1.dist-info" / "entry_points.txt").write_text("[aisecops.checks]\nsource-file = odd_checks\n")
    return str(folder)


@pytest.fixture(scope="module")
def address(plugin: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = f"/tmp/aisecops-test-{os.getpid()}"  # the names of its sockets may have 107 bytes
    benches = tmp_path_factory.mktemp("benches")
    environment = os.environ | {"PYTHONPATH": plugin, "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", "TMPDIR": str(benches)}
    cluster = subprocess.Popen(
        [sys.executable, "-c", CLUSTER, folder], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert cluster.stdin and cluster.stdout
    try:
        address = cluster.stdout.readline().strip()
        assert address, "Ray did not start"
        yield address
    finally:
        cluster.communicate(timeout=60)
        subprocess.run(["rm", "-rf", folder], check=True)
    assert not _of_session(folder)
    _until(lambda: not list(benches.glob("aisecops-*")))  # what is attached may show personal data


def _of_session(folder: str) -> list[str]:
    """Return the commands that are still alive and name ``folder``."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        found += [words] if folder in words else []
    return found


class Loads:
    def __reduce__(self) -> Any:
        return os.system, ("true",)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for number in range(12):
        (folder / f"part{number}.py").write_text(f"import pickle\n\n\ndef load{number}(path):\n    return pickle.load(open(path, 'rb'))\n")
    (folder / "model.pkl").write_bytes(pickle.dumps(Loads()))
    (folder / "weights.pkl").write_bytes(pickle.dumps({"w": [1.0, 2.0]}))
    (folder / "requirements.txt").write_text("torch\nflask==0.12\n")
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": ["eval(input())\n"]}
    (folder / "look.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return folder


def scanned(tree: Path, plugin: str, engine: str, address: str = "", *flags: str) -> dict[str, Any]:
    output = tree.parent / f"{engine}.json"
    command = [
        sys.executable,
        "-m",
        "aisecops",
        "scan",
        str(tree),
        "--no-cache",
        "--engine",
        engine,
        "--format",
        "json",
        "--output",
        str(output),
        *flags,
    ]
    environment = os.environ | {"PYTHONPATH": plugin} | ({"RAY_ADDRESS": address, "RAY_AUTH_MODE": "disabled"} if address else {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode in (0, 1, 3), done.stderr
    record: dict[str, Any] = json.loads(output.read_text())
    return record


def said(record: dict[str, Any]) -> str:
    """All of it but when, where and by which command."""
    run = {name: record["run"][name] for name in ("tool", "seed", "roots", "incomplete", "results_digest")}
    verdict = {name: value for name, value in record["verdict"].items() if name != "evaluated"}
    return json.dumps(record | {"run": run, "verdict": verdict})


def test_the_record_is_that_of_one_machine(tree: Path, plugin: str, address: str) -> None:
    local, far = scanned(tree, plugin, "local"), scanned(tree, plugin, "ray", address)
    assert len(local["findings"]) >= 14
    assert said(far) == said(local)
    assert far["run"]["environment"]["engine"] == "ray"


def test_what_hangs_or_crashes_on_a_node_is_what_it_is_here(tree: Path, plugin: str, address: str) -> None:
    for name in ("hang.py", "crash.py"):
        (tree / name).write_text("import os\n")
    flags = ("--select", "odd", "--timeout", "2")
    local, far = scanned(tree, plugin, "local", "", *flags), scanned(tree, plugin, "ray", address, *flags)
    assert said(far) == said(local)
    assert [(gap["path"], gap["code"]) for gap in far["not_examined"]] == [("crash.py", "crash"), ("hang.py", "timeout")]


def test_a_worker_that_is_lost_costs_the_file_that_lost_it_and_no_other(tree: Path, plugin: str, address: str) -> None:
    (tree / "lose.py").write_text("import os\n")
    far = scanned(tree, plugin, "ray", address)
    (gap,) = far["not_examined"]
    assert (gap["path"], gap["code"]) == ("lose.py", "crash")
    assert "lost, twice" in gap["reason"]
    (tree / "lose.py").unlink()
    alone = scanned(tree, plugin, "local")
    assert far["findings"] == alone["findings"]


def test_what_a_check_attaches_comes_back_from_its_node(tree: Path, plugin: str, address: str) -> None:
    (tree / "attach.py").write_text("import os\n")
    local = scanned(tree, plugin, "local", "", "--select", "odd")
    (kept,) = local["attachments"]
    (tree / kept["path"]).unlink()
    far = scanned(tree, plugin, "ray", address, "--select", "odd")
    assert said(far) == said(local)
    assert (tree / kept["path"]).read_bytes() == b"seen on a node"


def test_a_node_says_of_each_file_that_it_does_not_see_as_the_command_does(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    seen, other = tmp_path / "seen.py", tmp_path / "other.py"
    for path in (seen, other):
        path.write_text("import pickle\npickle.load(open('x', 'rb'))\n")
    registry = checks.load((AssetKind.SOURCE_FILE,))
    content = digest(seen.read_bytes())
    paths = {"seen.py": (seen, content), "other.py": (other, digest(b"what the command saw")), "gone.py": (tmp_path / "gone.py", content)}
    assets = {
        name: Asset(id=f"source-file:{name}", kind=AssetKind.SOURCE_FILE, path=name, digest=known, size=48) for name, (_, known) in paths.items()
    }
    locations = {assets[name].id: str(path) for name, (path, _) in paths.items()}
    tasks = [Task(asset=asset, checks=("source-file/unsafe-deserialization",)) for asset in assets.values()]
    results = list(RayEngine(2, Budget(), address=address).run(tasks, Work(registry=registry, locations=locations), Silent()))
    gaps = {result.asset: result.not_examined[0] for result in results if not result.complete}
    assert {name: gap.code for name, gap in gaps.items()} == {"source-file:other.py": Code.UNREADABLE, "source-file:gone.py": Code.UNREADABLE}
    assert "sees other content" in gaps["source-file:other.py"].reason
    assert "does not see this file" in gaps["source-file:gone.py"].reason
    assert {result.asset for result in results if result.weaknesses} == {"source-file:seen.py"}


def test_ctrl_c_ends_the_run_and_the_cluster_that_it_started(tree: Path, plugin: str) -> None:
    (tree / "hang.py").write_text("import os\n")
    output = tree.parent / "stopped.json"
    command = [
        sys.executable,
        "-m",
        "aisecops",
        "scan",
        str(tree),
        "--no-cache",
        "--engine",
        "ray",
        "--jobs",
        "1",
        "--format",
        "json",
        "--output",
        str(output),
    ]
    mark = f"AISECOPS_TEST_MARK=ray{os.getpid()}-{time.monotonic_ns()}"
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"} | {"PYTHONPATH": plugin} | dict([mark.split("=")])
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_interruptible)
    try:
        _until(lambda: any("cluster.bench" in words for words in _marked(mark)))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    record = json.loads(output.read_text())
    assert record["run"]["incomplete"], errors
    assert "hang.py" in {gap["path"] for gap in record["not_examined"]}
    _until(lambda: not _marked(mark))


def _marked(mark: str) -> list[str]:
    """Return the commands of the processes whose environment holds ``mark``: the run, and all that it has started."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark.encode() in Path(f"/proc/{pid}/environ").read_bytes():
                found.append(Path(f"/proc/{pid}/cmdline").read_text())
        except OSError:
            continue
    return found


def _interruptible() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _until(condition: Any, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_an_address_where_nobody_listens_is_one_line(tree: Path) -> None:
    command = [sys.executable, "-m", "aisecops", "scan", str(tree), "--engine", "ray"]
    done = subprocess.run(command, env=os.environ | {"RAY_ADDRESS": "127.0.0.1:1"}, capture_output=True, text=True, timeout=100)
    assert done.returncode == 2
    assert done.stderr.startswith("aisecops: error: RAY_ADDRESS=127.0.0.1:1: no Ray cluster answers here; start one")
    assert done.stderr.count("\n") == 1


def test_a_node_with_other_code_or_other_checks_takes_no_part() -> None:
    registry = checks.load((AssetKind.SOURCE_FILE,))
    asset = Asset(id="source-file:a.py", kind=AssetKind.SOURCE_FILE, path="a.py", size=1)
    task = Task(asset=asset, checks=("source-file/unsafe-deserialization",))
    job = Job.of([task], Work(registry=registry, locations={}), Budget(), elsewhere=True)
    versions = {check.id: check.version for check in registry.checks.values()}
    copied = msgspec.structs.replace(job, place="another machine")
    assert differs(copied, versions) is None
    other = differs(msgspec.structs.replace(copied, same=(*job.same[:2], "0" * 64)), versions)
    assert other and other.what.startswith("a worker of the cluster has code ")
    older = differs(msgspec.structs.replace(copied, same=("0.0.1", *job.same[1:])), versions)
    assert older and f"has aisecops {job.same[0]} where this command has 0.0.1" in older.what
    lacking = differs(job, {})
    assert lacking and lacking.what == "a worker of the cluster has no check source-file/unsafe-deserialization"


def test_without_ray_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError) as raised:
        engine("ray", 1, Budget(), Interruption())
    assert str(raised.value) == "--engine ray: Ray is not installed; pip install 'aisecops[ray]'"
