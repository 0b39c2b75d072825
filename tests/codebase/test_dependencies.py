from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from aisecops.codebase.dependencies import Dependencies, Versions, declared, installed, is_dependency_file, pep440
from tests.bounded import bounded

UNSURE = None
NAMES = "requirements.txt pyproject.toml setup.py setup.cfg Pipfile Pipfile.lock uv.lock environment.yml Dockerfile".split()
HOSTILE = ["a" + " " * 1990 + "!", "1-" * 990 + "x", "\n" * 200_000, "FROM " + "a/" * 90_000, "pip install " + '"' * 90_000, "a[" * 900, "==" * 900]
versions = st.builds(
    lambda epoch, release, pre, post, dev: f"{epoch}{release}{pre}{post}{dev}",
    st.sampled_from(["", "", "", "1!"]),
    st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts))),
    st.sampled_from(["", "", "a1", "b0", "rc2"]),
    st.sampled_from(["", "", ".post1"]),
    st.sampled_from(["", "", ".dev3"]),
)
plain = st.lists(st.integers(0, 3), min_size=2, max_size=3).map(lambda parts: ".".join(map(str, parts)))
clauses = st.one_of(
    st.builds(str.__add__, st.sampled_from([">=", "<=", "<", ">", "==", "!=", "~="]), plain),
    st.builds(lambda sign, version: f"{sign}{version}.*", st.sampled_from(["==", "!="]), plain),
)


@given(versions, versions)
def test_versions_are_ordered_as_pep_440_has_it(one: str, other: str) -> None:
    a, b = pep440.key(one), pep440.key(other)
    assert a is not None and b is not None
    assert (a < b) == (Version(one) < Version(other)) and (a == b) == (Version(one) == Version(other))


@given(plain, st.lists(clauses, min_size=1, max_size=3).map(",".join))
def test_specifiers_mean_what_packaging_says(version: str, specifier: str) -> None:
    files = {"requirements.txt": f"torch=={version}\n".encode()}
    assert declared(files).holds("torch", specifier) is SpecifierSet(specifier).contains(version)


def test_ranges_answer_only_what_they_settle() -> None:
    says = declared({"requirements.txt": b"torch>=2.0,<2.5\nnumpy>=1.24\nkeras\n"}).holds
    assert says("torch", "<2.6") is True
    assert says("torch", ">=2.6") is False
    assert says("torch", ">=2.2") is UNSURE
    assert says("numpy", ">=1.16.3") is True
    assert says("keras", ">=3") is UNSURE
    assert says("scikit-learn", ">=1") is UNSURE


@pytest.mark.parametrize(
    ("name", "text", "distribution", "specifier", "line"),
    [
        ("requirements.txt", "# pinned\ntorch==2.1.0+cu121 \\\n    --hash=sha256:ab\n", "torch", "==2.1.0", 2),
        ("requirements/prod.txt", "Py_Yaml[libyaml] == 5.3 ; python_version < '3.12'  # old\n", "py-yaml", "==5.3", 1),
        (
            "constraints.txt",
            "torch @ https://download.pytorch.org/whl/cu121/torch-2.1.0%2Bcu121-cp311-cp311-linux_x86_64.whl\n",
            "torch",
            "==2.1.0",
            1,
        ),
        ("requirements.in", "https://example.org/torch-1.13.1-cp310-cp310-linux_x86_64.whl\n", "torch", "==1.13.1", 1),
        (
            "pyproject.toml",
            '[project]\nname = "x"\nrequires-python = ">=3.12"\ndependencies = [\n  "numpy<2",\n  "torch~=2.3.1",\n]\n',
            "torch",
            ">=2.3.1,<2.4",
            6,
        ),
        ("pyproject.toml", '[dependency-groups]\ndev = ["torch==2.2"]\n', "torch", "==2.2", 2),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.10"\ntorch = "^2.1"\n', "torch", ">=2.1,<3", 3),
        ("pyproject.toml", '[tool.poetry.group.dev.dependencies]\ntorch = {version = "~2.1", extras = ["x"]}\n', "torch", ">=2.1,<2.2", 2),
        ("pyproject.toml", '[tool.hatch.envs.test]\ndependencies = ["torch==2.4.0"]\n', "torch", "==2.4", 2),
        ("pyproject.toml", '[tool.pdm.dev-dependencies]\ntest = ["torch==2.4.0"]\n', "torch", "==2.4", 2),
        ("setup.cfg", "[options]\npython_requires = >=3.9\ninstall_requires =\n    numpy>=1\n    torch<2.0\n", "torch", "<2.0", 5),
        ("setup.py", "from setuptools import setup\nREQ = ['numpy', 'torch==1.9']\nsetup(name='x', install_requires=REQ)\n", "torch", "==1.9", 2),
        ("Pipfile", '[packages]\ntorch = "==2.0.1"\n', "torch", "==2.0.1", 2),
        ("Pipfile.lock", '{"default": {\n"torch": {"version": "==2.0.1"}}}', "torch", "==2.0.1", 2),
        ("poetry.lock", '[[package]]\nname = "torch"\nversion = "2.5.1"\n\n[package.dependencies]\nversion = "1"\n', "torch", "==2.5.1", 2),
        (
            "uv.lock",
            'version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "torch"\nversion = "2.5.1"\nsource = { registry = "x" }\n',
            "torch",
            "==2.5.1",
            5,
        ),
        ("pylock.toml", '[[packages]]\nname = "torch"\nversion = "2.5.1"\n', "torch", "==2.5.1", 2),
        (
            "environment.yml",
            "name: x\nchannels:\n  - pytorch\ndependencies:\n  - python=3.10\n  - pytorch=2.1.0=py3.10_cuda\n",
            "torch",
            "==2.1.*",
            6,
        ),
        ("environment.yml", "dependencies:\n  - pip\n  - pip:\n    - torch==2.1\n", "torch", "==2.1", 4),
        ("meta.yaml", "requirements:\n  run:\n    - pytorch >=1.13,<2\n", "torch", ">=1.13,<2", 3),
        (
            "Dockerfile",
            "FROM python:3.11-slim\nRUN pip install --no-cache-dir \\\n    numpy==1.26 \\\n    torch==2.1 && rm -rf x\n",
            "torch",
            "==2.1",
            4,
        ),
        ("Dockerfile", 'RUN ["pip", "install", "torch==2.1"]\n', "torch", "==2.1", 1),
        ("Dockerfile", "FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime\n", "torch", "==2.1.*", 1),
    ],
)
def test_every_way_to_declare_a_version_is_read(name: str, text: str, distribution: str, specifier: str, line: int) -> None:
    says = declared({name: text.encode()})
    assert is_dependency_file(name)
    assert says.holds(distribution, specifier) is True
    assert says.where(distribution).endswith(f"declared in {name}:{line}")


def test_the_interpreter_is_declared_too() -> None:
    assert declared({"pyproject.toml": b'[project]\nrequires-python = ">=3.12"\n'}).holds("python", ">=3.12") is True
    assert declared({"Dockerfile": b"FROM docker.io/library/python:3.11-slim\n"}).holds("python", ">=3.12") is False
    assert declared({"uv.lock": b'requires-python = ">=3.14"\n'}).holds("python", ">=3.14") is True
    assert declared({".python-version": b"3.11.7\n"}).holds("python", ">=3.12") is False


def test_a_pin_outweighs_a_range_and_disagreement_leaves_it_open() -> None:
    assert (
        declared(
            {"pyproject.toml": b'[project]\ndependencies = ["torch>=2"]\n', "uv.lock": b'[[package]]\nname = "torch"\nversion = "2.7.0"\n'}
        ).holds("torch", ">=2.6")
        is True
    )
    assert declared({"requirements.txt": b"torch==2.1\n", "Dockerfile": b"RUN pip install torch==2.7\n"}).holds("torch", ">=2.6") is UNSURE
    assert declared({"requirements.txt": b"torch>=2.1\n", "constraints.txt": b"torch<2.5\n"}).holds("torch", "<2.6") is True


def test_includes_are_followed_inside_the_tree_and_never_for_ever() -> None:
    files = {
        "requirements.txt": b"-r requirements/base.txt\n-c ../../etc/passwd\n-r requirements.txt\n",
        "requirements/base.txt": b"-c more/../pins.lst\nnumpy\n",
        "requirements/pins.lst": b"torch==2.6.0\n-r base.txt\n",
    }
    assert declared(files).holds("torch", ">=2.6") is True


def test_the_nearest_folder_decides() -> None:
    files = {
        "requirements.txt": b"torch==2.7\nnumpy==2.0\n",
        "old/requirements.txt": b"torch==1.13\n",
        "other/setup.py": b"import setuptools\nsetuptools.setup(install_requires=['torch==1'])\n",
    }
    tree = Dependencies(files, files.get)
    assert tree.near("train.py").holds("torch", ">=2.6") is True
    assert tree.near("old/sub/train.py").holds("torch", ">=2.6") is False
    assert tree.near("old/sub/train.py").holds("numpy", ">=2") is True
    assert tree.files_near("old/train.py") == ("old/requirements.txt", "requirements.txt")


def test_what_a_notebook_installs_comes_first() -> None:
    files = {"requirements.txt": b"torch==2.7\n"}
    near = Dependencies(files, files.get).near("a.ipynb")
    text = "import os\n!pip install -q torch==2.1 'numpy<2' --index-url https://x\n%conda install -y pytorch-cuda=12\n"
    found = list(installed(text, "a.ipynb"))
    assert [(d.distribution, d.specifier, d.line) for d in found] == [("torch", "==2.1", 2), ("numpy", "<2", 2), ("pytorch-cuda", "=12", 3)]
    assert near.nearer(found).holds("torch", "<2.6") is True
    assert Versions().nearer([]).holds("torch", "<2.6") is UNSURE


@given(
    st.sampled_from(NAMES),
    st.binary(max_size=300),
)
def test_broken_files_are_problems_not_errors(name: str, data: bytes) -> None:
    tree = Dependencies([name], {name: data}.get)
    tree.near("x.py").holds("torch", ">=2")
    assert set(tree.problems) <= {name}


def test_a_broken_file_says_why() -> None:
    tree = Dependencies(["pyproject.toml", "setup.py"], {"pyproject.toml": b"[project\n", "setup.py": b"print 'x'\n"}.get)
    tree.near("x.py").holds("torch", ">=2")
    assert set(tree.problems) == {"pyproject.toml", "setup.py"}


@pytest.mark.parametrize(
    "piece",
    ["a" + " " * 1990 + "!", "1-" * 990 + "x", "\n" * 200_000, "FROM " + "a/" * 90_000, "pip install " + '"' * 90_000, "a[" * 900, "==" * 900],
)
@pytest.mark.parametrize("name", NAMES)
def test_hostile_files_cost_little_time(name: str, piece: str) -> None:
    with bounded():
        declared({name: ("dependencies:\n- " + piece + "\n" + piece + "\n").encode()}).holds("torch", ">=2")
