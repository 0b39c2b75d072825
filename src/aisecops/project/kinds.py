"""What kind of asset one file is: told by its first bytes, by its name only where content leaves it open.

A file that a model loader would interpret is a model file whatever it is called: that comes first, so no name hides one.
"""

from __future__ import annotations

import re

from aisecops.core.asset import AssetKind
from aisecops.formats.artifact import Format
from aisecops.formats.recognition import is_plain_data, recognise

_MODEL_NAMES = frozenset((
    "pkl", "pickle", "pck", "pk", "dill", "joblib", "jbl", "sav", "pt", "pt2", "ckpt", "npy", "npz", "h5", "hdf5", "keras", "onnx", "safetensors", "gguf",
    "ggml", "tflite", "mar", "nemo", "mlmodel", "rds", "rdata", "cbm", "ubj", "skops", "pmml", "llamafile",
))  # fmt: skip
"""Endings that nobody gives to anything but a model: such a file is one even if its content is broken, empty or unknown."""

_BINARY_MODEL_NAMES = frozenset(("pth", "bin", "model", "p", "pb", "bst", "xgb", "params", "weights", "pdparams", "caffemodel"))
"""Endings that models share with other things (``.pth``: Python's path files): a model file unless it is plain text."""

# The patterns are compiled on first use (``re`` keeps them): a scan of one model needs none.
_SOURCE_NAMES = frozenset(("py", "pyw", "pyi", "pyx", "sh", "bash", "zsh", "ksh"))
_DATA_NAMES = frozenset((
    "csv", "tsv", "jsonl", "ndjson", "parquet", "arrow", "feather", "avro", "orc", "tfrecord", "libsvm", "svmlight", "arff", "xlsx",
    "xlsm", "xlsb", "xls", "ods",
))  # fmt: skip
_DATA_MAGIC = (b"PAR1", b"ARROW1", b"FEA1", b"Obj\x01", b"ORC", b"SQLite format 3\x00")
_DOCUMENT_NAMES = frozenset(
    ("md", "markdown", "mdown", "mkd", "html", "htm", "xhtml", "pdf", "docx", "docm", "eml", "ics", "ical", "vcf", "svg", "rtf")
)
_FOLDER_NAMES = frozenset(("xml", "rss", "atom", "png", "jpg", "jpeg", "gif", "webp", "tif", "tiff"))
"""Endings that are those of documents in a folder that says that it holds some."""
_FIELD_NAMES = (".json", ".yaml", ".yml")
_OFFICE_NAMES = (".docx", ".docm", ".pptx", ".pptm", ".ppsx", ".xlsx", ".xlsm", ".odt", ".odp", ".ods", ".epub")
_TEXT_NAMES = frozenset(("txt", "text", "rst", "adoc", "org", "tex"))
_DOCUMENT_FOLDER = r"(.*/)?(corpus|corpora|documents?|knowledge([_-]?base)?|kb|passages?|articles|retrieval|rag([_-]\w+)?)/(.*/)?"
_PACKED_TABLE = r".+\.(csv|tsv|jsonl|ndjson)\.(gz|bz2|xz|zst|zip)"
_SETTINGS_NAMES = frozenset(("yaml", "yml", "json", "json5", "toml", "ini", "cfg", "conf", "env", "properties"))
_IMAGE_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")

_DEPENDENCIES = (
    r"(requirements|constraints)[\w.-]*\.(txt|in)|pyproject\.toml|setup\.cfg|\.python-version|pipfile(\.lock)?|(poetry|uv|pdm|pixi|conda)[\w.-]*\.lock|pylock[\w.-]*\.toml"
    r"|(conda-)?environment[\w.-]*\.ya?ml|conda[\w.-]*\.ya?ml|meta\.yaml|package(-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml"
)
_DEPLOYMENTS = r"(.+\.)?(dockerfile|containerfile)(\..+)?|(docker-)?compose[\w.-]*\.ya?ml|chart\.yaml|kustomization\.ya?ml|.+\.tf|.+\.bicep"
_AGENTS = (
    r"claude(\.local)?\.md|agents?\.md|gemini\.md|skill\.md|\.cursorrules|\.windsurfrules|\.clinerules|copilot-instructions\.md|\.?mcp\.json|.+\.mdc"
    r"|.+\.(prompt|prompty)(\.\w+)?|(system|user|assistant|developer)[_-]?prompt[\w.-]*\.(txt|md|j2|jinja2?|ya?ml|json)"
)
_PROMPT_FOLDER = r"(.*/)?(\.?prompts?|prompt[_-]templates?|system[_-]prompts?)/(.*/)?"
_PROMPT_TEXT = frozenset(("txt", "md", "j2", "jinja", "jinja2", "mustache", "hbs", "tmpl"))
_OTHER_SETTINGS = (
    r"\.env(rc)?(\..+)?|jenkinsfile|\.gitlab-ci\.yml|(gnu)?makefile|procfile|\.netrc|_netrc|\.pypirc|\.npmrc|pip\.conf|\.git-credentials|\.pgpass"
    r"|\.dockercfg|\.htpasswd|\.condarc|credentials|id_(rsa|dsa|ecdsa|ed25519)|.+\.(pem|key|mk)"
    r"|.+\.(service|bat|cmd|ps1|sbatch|slurm|tfvars)|\.flaskenv|\.gitconfig|justfile|(.+\.)?caddyfile|\.htaccess|(.*nginx.*|default)\.(conf\.)?(template|tmpl|j2|tpl|erb)"
)
_KUBERNETES = rb"(?m)^apiVersion:[ \t]*\S"
_KUBERNETES_KIND = rb"(?m)^kind:[ \t]*\S"
_PATH_FILE_CODE = rb"(?m)^import[ \t]"
"""A line of a path file that every start of Python runs."""
_PRIVATE_KEY = rb"-----BEGIN ([A-Z0-9]+ ){0,4}PRIVATE KEY|PuTTY-User-Key-File-"
"""A key is one under whatever name."""
_SHEBANG = rb"#![^\n]{0,80}\b(python[0-9.]*|bash|sh|zsh|ksh|dash)\b"

_FEWEST_RECORDS, _MANY_RECORDS = 10, 200
"""Objects of a list that make it a table, and those that are looked at."""

KEPT_WHEN_IGNORED = frozenset((AssetKind.MODEL_FILE, AssetKind.DATA_SET, AssetKind.NOTEBOOK))
"""What is examined though ``.gitignore`` names it: artifacts are ignored because they are big, not because they do not matter."""


def kind_of(name: str, folder: str, head: bytes, size: int) -> tuple[AssetKind | None, Format | None]:
    """Return the kind of a file, and the format of a model file; (None, None) for what is no asset.

    Parameters
    ----------
    name
        The last part of its path.
    folder
        The rest of its path, relative to the root, ending with ``/`` or empty.
    head, size
        Its first ``recognition.HEAD`` bytes, and its length in bytes.
    """
    form = recognise(head, size, name)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if form is not None and (form is not Format.EXECUTABLE or ending in _MODEL_NAMES or ending in _BINARY_MODEL_NAMES):
        return AssetKind.MODEL_FILE, form
    if ending in _MODEL_NAMES or (ending in _BINARY_MODEL_NAMES and not (head and is_plain_data(head))):
        return AssetKind.MODEL_FILE, None
    return _by_name(name.lower(), ending, folder, head), None


def is_image(head: bytes) -> bool:
    """Tell whether a file that is no asset of its own is a picture: ten of them in one folder are a data set."""
    return head.startswith(_IMAGE_MAGIC) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def is_recording(head: bytes) -> bool:
    """Tell whether a file that is no asset of its own is a recording of sound or film: ten of them in one folder are a data set, which nobody listens to."""
    return (
        head.startswith((b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\x1a\x45\xdf\xa3"))
        or head[4:8] == b"ftyp"
        or (head[:4] in (b"RIFF", b"FORM") and head[8:12] in (b"WAVE", b"AVI ", b"AIFF"))
    )


def is_text(name: str) -> bool:
    """Tell whether ``name`` is that of a plain text: ten of them in one folder, or one in a folder that is declared as documents, are documents."""
    return name.rpartition(".")[2].lower() in _TEXT_NAMES and "." in name


def is_numbers(head: bytes) -> bool:
    """Tell whether a plain text holds numbers alone, as the boxes of a picture (YOLO) and matrices do: nothing that a model could be told by it."""
    return re.fullmatch(rb"[\s\d.,;:eE+-]*", head) is not None


def is_office(name: str, form: Format | None) -> bool:
    """Tell whether a zip goes by the name of an office document: a document besides, since loaders of models open any zip."""
    return form is Format.ZIP and name.lower().endswith(_OFFICE_NAMES)


def holds_fields(name: str, folder: str) -> bool:
    """Tell whether a file of settings stands in a folder of documents: a document besides, whose fields a model reads."""
    return name.lower().endswith(_FIELD_NAMES) and re.fullmatch(_DOCUMENT_FOLDER, folder.lower()) is not None


def holds_records(name: str, head: bytes) -> bool:
    """Tell whether a JSON file is a list of objects that are alike: rows of a table. Settings are no such list, or one of a few."""
    if not name.lower().endswith(".json") or not re.match(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{", head):
        return False
    import json

    text = head.decode("utf-8-sig", errors="replace")
    keys: list[frozenset[str]] = []
    at = text.index("[") + 1
    decoder = json.JSONDecoder()
    try:
        while len(keys) < _MANY_RECORDS:
            row, at = decoder.raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip(" \t\r\n,")))
            keys.append(frozenset(row) if isinstance(row, dict) else frozenset())
    except (ValueError, RecursionError):
        pass  # the end of the list, or of the head
    alike = [found for found in keys if found & keys[0]] if keys else []
    return len(keys) >= _FEWEST_RECORDS and len(alike) == len(keys) and len(set(keys)) <= len(keys) / 2


def is_workbook(name: str) -> bool:
    """Tell whether a zip goes by the name of a workbook of tables."""
    return name.lower().endswith((".xlsx", ".xlsm", ".xlsb", ".ods"))


def is_packed_table(name: str) -> bool:
    """Tell whether a packed file goes by the name of a table: a data set besides, since loaders of models unpack it, too."""
    return re.fullmatch(_PACKED_TABLE, name.lower()) is not None


def _by_name(name: str, ending: str, folder: str, head: bytes) -> AssetKind | None:
    if ending == "ipynb" or (ending in ("json", "") and head[:1] == b"{" and b'"cells"' in head and b'"cell_type"' in head):
        return AssetKind.NOTEBOOK
    if ending in _DATA_NAMES or head.startswith(_DATA_MAGIC) or is_packed_table(name):
        return AssetKind.DATA_SET
    if re.fullmatch(_DEPENDENCIES, name):
        return AssetKind.DEPENDENCY_SET
    if re.fullmatch(_AGENTS, name) or (ending in _PROMPT_TEXT and re.fullmatch(_PROMPT_FOLDER, folder.lower())):
        return AssetKind.PROMPT
    if ending in _SOURCE_NAMES or (head[:2] == b"#!" and re.match(_SHEBANG, head)) or (ending == "pth" and re.search(_PATH_FILE_CODE, head)):
        return AssetKind.SOURCE_FILE
    if re.fullmatch(_DEPLOYMENTS, name) or (ending in ("yaml", "yml") and re.search(_KUBERNETES, head) and re.search(_KUBERNETES_KIND, head)):
        return AssetKind.DEPLOYMENT
    if ending in _SETTINGS_NAMES or re.fullmatch(_OTHER_SETTINGS, name) or re.match(_PRIVATE_KEY, head):
        return AssetKind.CONFIGURATION
    if (
        ending in _DOCUMENT_NAMES
        or head.startswith(b"%PDF-")
        or (ending in (_TEXT_NAMES | _FOLDER_NAMES) and re.fullmatch(_DOCUMENT_FOLDER, folder.lower()))
    ):
        return AssetKind.DOCUMENT
    return None
