"""From a file's name and content to what it says: which reader is for which file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from aisecops.codebase.configuration.facts import Container, ContainerKind, Facts, Gap, Setting
from aisecops.codebase.text import Place, Text

if TYPE_CHECKING:
    from aisecops.codebase.configuration.kubernetes import Selector

LARGEST = 1 << 20
"""Characters of a file that are read as shell, a Dockerfile or lines."""
_LARGER = {"yaml": 4 << 20, "json": 8 << 20}
_SHELL = frozenset(("sh", "bash", "zsh", "ksh", "ash", "dash", "command", "bat", "cmd", "ps1", "sbatch", "slurm", "pbs"))
_YAML = frozenset(("yaml", "yml"))
_JSON = frozenset(("json", "jsonc", "json5"))
_INI = frozenset(("ini", "cfg", "conf", "properties", "service", "cnf", "npmrc", "condarc"))
_SHEBANG = re.compile(r"#!\s*\S*/(?:env\s+(?:-\S+\s+)*)?(?:ba|z|k|da|a)?sh\b")
_DOCKERFILE = re.compile(r"(?:.+\.)?(?:dockerfile|containerfile)(?:\..+)?|singularity(?:\..+)?")
_REAL_INI = frozenset(("pip.conf", "supervisord.conf", "odbc.conf"))
_DATA = frozenset(("tokenizer.json", "vocab.json", "added_tokens.json"))
"""Files of a model's folder that are as large as its vocabulary, and set nothing."""
_TEMPLATE = re.compile(r"example|sample|template|dist|default")
_WEB_SERVER = re.compile(r"(?:.+\.)?caddyfile|\.htaccess|(?:.*nginx.*|default)\.(?:conf\.)?(?:template|tmpl|j2|tpl|erb)")
_REQUIREMENTS = re.compile(r"(?:requirements|constraints)[\w.-]*\.(?:txt|in)")
_LINE = re.compile(r"line (\d+)")


def read_configuration(name: str, text: Text, elsewhere: Sequence[Selector] = ()) -> Facts:
    """Return what a configuration, shell or deployment file says; gaps say what could not be read.

    Parameters
    ----------
    name
        Its path or name: the last part, and its ending, decide how it is read.
    text
        Its content.
    elsewhere
        Labels of pods that services in other files open to the outside.
    """
    base = name.rpartition("/")[2].lower()
    form = form_of(base, text.content)
    if base in _DATA or not text.content.strip():
        return Facts()
    largest = _LARGER.get(form, LARGEST)
    if len(text.content) > largest:
        return Facts(gaps=(Gap("too-large", f"more than {largest >> 20} Mi characters", Place(1)),))
    try:
        return _read(form, base, text, elsewhere)
    except ValueError as wrong:
        line = _LINE.search(str(wrong))
        return Facts(gaps=(Gap("bad-input", str(wrong)[:300], text.at_line(int(line[1])) if line else Place(1)),))


def opened_by(text: Text) -> tuple[Selector, ...]:
    """Return the labels of the pods that the services in a manifest open to the outside, in whatever file these stand."""
    content = text.content
    if "Service" not in content or not ("LoadBalancer" in content or "NodePort" in content) or len(content) > LARGEST:
        return ()
    from aisecops.codebase.configuration.kubernetes import open_selectors
    from aisecops.codebase.configuration.yaml_tree import read_yaml

    try:
        return tuple(open_selectors(read_yaml(text)))
    except ValueError:
        return ()


def _read(form: str, base: str, text: Text, elsewhere: Sequence[Selector]) -> Facts:
    """Read ``text``. The readers are imported one by one: most scans need few of them."""
    match form:
        case "shell":
            from aisecops.codebase.configuration.shell import commands_in

            return Facts(commands=tuple(commands_in(text.content, text.at)))
        case "dockerfile":
            from aisecops.codebase.configuration.dockerfile import read_dockerfile

            return read_dockerfile(text)
        case "makefile" | "procfile" | "jenkinsfile" | "requirements":
            from aisecops.codebase.configuration import text_files

            return Facts(commands=tuple(text_files.READERS[form](text)))
        case "json" | "yaml":
            return _document(form, text, elsewhere)
        case "environment" | "toml" | "ini":
            return _lines(form, base, text)
        case "terraform":
            from aisecops.codebase.configuration.terraform import read_terraform

            return Facts(settings=tuple(read_terraform(text)))
        case "headers":
            return Facts(settings=_headers(text))
    return Facts()


def _lines(form: str, base: str, text: Text) -> Facts:
    from aisecops.codebase.configuration import lines

    if form == "environment":
        found = lines.read_environment(text)
        to_fill_in = _TEMPLATE.search(base)
        return Facts(settings=tuple(setting for setting in found if setting.value or not to_fill_in))
    if form == "toml":
        from aisecops.codebase.configuration.documents import with_variables

        return Facts(settings=tuple(with_variables(lines.read_toml(text))))
    settings = tuple(lines.read_ini(text, blanks=base.endswith(".conf") and base not in _REAL_INI)) + _headers(text)
    if base.endswith(".service") or "supervisor" in base:
        from aisecops.codebase.configuration.text_files import read_unit

        return Facts(tuple(read_unit(settings, text)), settings)
    return Facts(settings=settings)


def _headers(text: Text) -> tuple[Setting, ...]:
    if "ccess-control-allow-origin" not in text.content.lower():
        return ()
    from aisecops.codebase.configuration.headers import read_headers

    return tuple(read_headers(text))


def _document(form: str, text: Text, elsewhere: Sequence[Selector]) -> Facts:
    from aisecops.codebase.configuration import documents

    if form == "json":
        from aisecops.codebase.configuration.json_tree import read_json

        return documents.facts_of(read_json(text), text)
    from aisecops.codebase.configuration.yaml_tree import read_yaml

    roots = read_yaml(text)
    facts = documents.facts_of(roots, text, elsewhere)
    for name, content in documents.files_inside(roots, text):
        inner = form_of(name.lower(), content.content)
        if inner != "yaml":  # no manifest in a manifest: their number is not bounded
            found = read_configuration(name, content)
            settings = tuple(msgspec.structs.replace(setting, scope=name) for setting in found.settings)
            inside = Container(kind=ContainerKind.CLUSTER, place=content.at(0), name=name, own_command=True)
            commands = tuple(msgspec.structs.replace(command, container=command.container or inside) for command in found.commands)
            facts = Facts(facts.commands + commands, facts.settings + settings, facts.gaps + found.gaps)
    return facts


def form_of(base: str, content: str) -> str:
    """Return which reader a file with the name ``base`` (small letters) needs; empty if none fits."""
    ending = base.rpartition(".")[2]
    if _DOCKERFILE.fullmatch(base) and ending not in _YAML | _JSON | _SHELL:
        return "dockerfile"
    if _REQUIREMENTS.fullmatch(base):
        return "requirements"
    if base in ("makefile", "gnumakefile") or ending == "mk":
        return "makefile"
    if base.startswith("procfile"):
        return "procfile"
    if base.startswith("jenkinsfile") or ending == "groovy":
        return "jenkinsfile"
    if base == ".env" or base.startswith((".env.", "env.")) or ending in ("env", "envrc") or base in (".flaskenv", ".envrc"):
        return "environment"
    if ending in ("tf", "tofu"):
        return "terraform"
    if _WEB_SERVER.fullmatch(base):
        return "headers"
    if ending in _YAML or base == ".condarc":
        return "yaml"
    if ending in _JSON:
        return "json"
    if ending == "toml" or base in ("pipfile", "poetry.lock"):
        return "toml"
    if ending in _INI or base in (".npmrc", ".gitconfig", "pip.conf", ".dvc/config", "config", ".wgetrc", ".curlrc"):
        return "ini"
    if ending in _SHELL or _SHEBANG.match(content) or base in (".bashrc", ".profile", ".zshrc", ".bash_profile", "justfile"):
        return "shell"
    return ""
