"""Archives that are models of formats without a parser: never clean, however plain their members look; other archives are left alone."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile

import pytest

from aisecops.core.examination import Code
from aisecops.formats.artifact import Format
from tests.formats.conftest import Read

SKOPS = json.dumps({"__class__": "LogisticRegression", "__module__": "sklearn.linear_model", "__loader__": "ObjectNode", "protocol": 1})
MODELS: dict[str, tuple[Format, dict[str, str]]] = {
    "keras": (Format.KERAS, {"metadata.json": "{}", "config.json": '{"class_name": "Lambda"}'}),
    "skops": (Format.SKOPS, {"schema.json": SKOPS}),
    "skops with an escape": (Format.SKOPS, {"schema.json": SKOPS.replace("__loader__", r"__\u006coader__")}),
    "torch-serve": (Format.TORCH_SERVE, {"MAR-INF/MANIFEST.json": "{}", "handler.py": "import os"}),
    "nemo": (Format.NEMO, {"./model_config.yaml": "_target_: os.system"}),
    "torch-export": (Format.TORCH_EXPORT, {"m/archive_format": "pt2", "m/models/model.json": "{}"}),
    "mlflow": (Format.MLFLOW, {"model/MLmodel": "flavors: {}"}),
    "saved-model": (Format.SAVED_MODEL, {"m/saved_model.pb": "x", "m/variables/v": "y"}),
}
OTHERS = {
    "data with a schema": {"schema.json": '{"fields": ["age", "income"]}', "rows.csv": "1,2\n"},
    "sources": {"setup.py": "import os\n", "config.json": "{}"},
    "a format of archives": {"archive_format": "x", "notes.txt": "y"},
}


def zipped(members: dict[str, str], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


def tarred(members: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


PACKERS = {"stored": zipped, "deflated": lambda members: zipped(members, zipfile.ZIP_DEFLATED), "tar": tarred}


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("model", MODELS)
def test_a_model_without_parser_is_not_examined(model: str, packer: str, read: Read) -> None:
    kind, members = MODELS[model]
    part = read(PACKERS[packer](members))
    assert part.format is kind
    assert [gap.code for gap in part.unread] == [Code.NO_PARSER]


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("other", OTHERS)
def test_other_archives_are_what_they_are(other: str, packer: str, read: Read) -> None:
    part = read(PACKERS[packer](OTHERS[other]))
    assert part.format is (Format.TAR if packer == "tar" else Format.ZIP)
    assert not part.unread
