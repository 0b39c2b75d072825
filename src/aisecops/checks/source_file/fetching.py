"""What surrounds the fetching of models and files: folders of the program's own, offline mode, commands that download."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.surroundings import last_name
from aisecops.codebase.dataflow.program import Module
from aisecops.codebase.syntax.walking import walk
from aisecops.core.finding import Location
from aisecops.core.text import inert

_SAVERS = frozenset(("save_pretrained", "save_model", "save_to_disk", "save", "makedirs", "mkdir", "copytree", "unpack_archive", "isdir", "exists"))
_FOLDERS = frozenset(("output_dir", "save_dir", "local_dir", "save_path", "output_path", "save_directory", "model_dir"))
_OFFLINE = frozenset(("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"))
_LONGEST = 4000
_FETCHERS = r"(?:^|[\s;&|(])(?:wget|curl|aria2c|axel)\s[^;&|\n]{0,500}?"
_FILE = r"[^\s\"'?]{1,500}\.(?:pth?|pkl|bin|safetensors|onnx|ckpt|h5|keras|joblib|np[yz]|gguf|tar|tgz|t?gz|zip|bz2|xz|csv|parquet|jsonl|pb|tflite|model|whl|sh|py)\b"
_LOCAL = r"(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|\[)"
_PLAIN = _FETCHERS + rf"[\"']?(http://(?!{_LOCAL}){_FILE})"
_BRANCH = (
    _FETCHERS
    + r"[\"']?(https?://(?:huggingface\.co/[^\s\"']{1,300}/resolve/(?:main|master)/|raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/(?:main|master)/)"
    + _FILE
    + ")"
)
_HUB = r"(?:^|[\s;&|(])(?:huggingface-cli|hf)\s+download\s+(?![^;&|\n]*--revision[ =]+[0-9a-f]{40})((?!\S*[$<{])[\w.-]+/[\w.-]+)"
_CLONE = r"(?:^|[\s;&|(])git\s+(?:lfs\s+)?clone\s[^;&|\n]{0,300}?(https://(?:huggingface\.co|hf\.co)/[\w./-]+)"
_CHECKED_OUT = r"git\s[^;&|\n]{0,300}(?:checkout|reset\s+--hard|switch\s+--detach)\s[^;&|\n]{0,100}\b[0-9a-f]{40}\b"
_COMPARED = r"(?:sha(?:256|512|1)?sum|shasum|md5sum|b2sum|openssl\s+dgst|cosign\s+verify|gpg\s+--verify)"
_KINDS = (
    (_PLAIN, "over plain http anybody on the way replaces the file, and no digest is compared"),
    (_BRANCH, "the address names a branch, which holds something else tomorrow, and no digest is compared"),
    (_HUB, "without --revision <40 hexadecimal digits> the newest state of the repository is fetched"),
    (_CLONE, "the newest state of the repository is fetched; check a commit out by its full hash"),
)


@lru_cache(maxsize=1)
def local_folders(module: Module) -> frozenset[str]:
    """The constant paths that the program itself makes, fills or looks for."""
    found: set[str] = set()
    for node in walk(module.tree):
        if isinstance(node, ast.Call):
            arguments = node.args if last_name(node.func) in _SAVERS else []
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call) and last_name(node.func) in _SAVERS:
                arguments = [*arguments, *node.func.value.args]  # Path("a/b").mkdir()
            arguments = [*arguments, *(k.value for k in node.keywords if k.arg in _FOLDERS)]
            found.update(text for argument in arguments if (text := _constant(argument, module)))
    return frozenset(found)


def _constant(node: ast.expr, module: Module) -> str:
    if isinstance(node, ast.Name):
        return module.member(node.id).text or ""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def is_offline(module: Module) -> bool:
    """Whether the program forbids its libraries to fetch anything."""
    for call in module.calls:
        key, value = call.arguments.get("key", 0), call.arguments.get("value", 1)
        if (
            call.path.startswith("os.environ")
            and key is not None
            and key.text in _OFFLINE
            and value is not None
            and value.text in ("1", "true", "True", "TRUE")
        ):
            return True
    return False


def fetched_by_commands(file: SourceFile) -> Iterator[tuple[Location, str, str]]:
    """Yield the commands of ``file`` that fetch what may change: place, what, and why."""
    lines: list[tuple[Location, str]] = []
    for command in file.commands:
        at = Location(path=file.asset.path, line=command.place.line, column=command.place.column, cell=command.place.cell)
        lines.append((at, " ".join(word.text for word in command.words)))
    if any(re.search(_COMPARED, text) for _, text in lines):
        return
    pinned = any(re.search(_CHECKED_OUT, text[:_LONGEST]) for _, text in lines)
    told: set[tuple[int | None, int | None]] = set()
    for place, text in lines:
        for pattern, why in _KINDS:
            match = re.search(pattern, text[:_LONGEST])
            if match and not (pinned and pattern == _CLONE) and (place.cell, place.line) not in told:
                told.add((place.cell, place.line))
                yield place, inert(match[1], 120), why
