"""Make the data files of ``aisecops.knowledge.taxonomies`` from the frameworks' own publications, which you download yourself.

    python tools/build_taxonomies.py atlas ATLAS.yaml            mitre-atlas/atlas-data, dist/ATLAS.yaml of a tagged release
    python tools/build_taxonomies.py cwe cwec_v4.20.xml          cwe.mitre.org/data/downloads.html; or 4.20.js, the list of the same release
                                                                 in secvisogram/csaf-validator-lib, lib/cwec/
    python tools/build_taxonomies.py check owasp-ml-2023 FOLDER  a folder (or file) of the framework's text: are its ids the ids that ship?

OWASP publishes under CC BY-SA 4.0, so its titles are in our own words and written by hand in the data files; ``check`` holds their ids against the
source. NIST AI 100-2 is a PDF; its file is written by hand, too. docs/taxonomies.md tells what each was checked against.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

OUT = os.path.join(os.path.dirname(__file__), "..", "src", "aisecops", "knowledge", "taxonomies")

ATLAS_NOTICE = (
    "Copyright 2021-2025 MITRE. Licensed under the Apache License, Version 2.0. Ids and names of tactics, techniques and mitigations only; "
    "the names of sub-techniques are preceded by that of their technique."
)
CWE_NOTICE = """Copyright (c) 2006-2026, The MITRE Corporation. CWE is a trademark of The MITRE Corporation.
CWE Usage: MITRE hereby grants you a non-exclusive, royalty-free license to use CWE for research, development, and commercial purposes. Any copy you make for \
such purposes is authorized on the condition that you reproduce MITRE's copyright designation and this license in any such copy.
DISCLAIMERS: ALL DOCUMENTS AND THE INFORMATION CONTAINED IN THE CWE ARE PROVIDED ON AN "AS IS" BASIS AND THE CONTRIBUTOR, THE ORGANIZATION HE/SHE REPRESENTS \
OR IS SPONSORED BY (IF ANY), THE MITRE CORPORATION, ITS BOARD OF TRUSTEES, OFFICERS, AGENTS, AND EMPLOYEES, DISCLAIM ALL WARRANTIES, EXPRESS OR IMPLIED, \
INCLUDING BUT NOT LIMITED TO ANY WARRANTY THAT THE USE OF THE INFORMATION THEREIN WILL NOT INFRINGE ANY RIGHTS OR ANY IMPLIED WARRANTIES OF MERCHANTABILITY \
OR FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT.
IN NO EVENT SHALL THE CONTRIBUTOR, THE ORGANIZATION HE/SHE REPRESENTS OR IS SPONSORED BY (IF ANY), THE MITRE CORPORATION, ITS BOARD OF TRUSTEES, OFFICERS, \
AGENTS, AND EMPLOYEES BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN \
CONNECTION WITH THE INFORMATION OR THE USE OR OTHER DEALINGS IN THE CWE."""


def atlas(path: str) -> dict[str, Any]:
    """The ATLAS matrix of ``dist/ATLAS.yaml``: tactics, techniques with sub-techniques, mitigations. A sub-technique's title starts with its technique's."""
    import yaml

    with open(path, encoding="utf-8") as file:
        data = yaml.safe_load(file)
    (matrix,) = data["matrices"]
    names = {item["id"]: item["name"] for kind in ("tactics", "techniques", "mitigations") for item in matrix[kind]}
    for item in matrix["techniques"]:
        if parent := item.get("subtechnique-of"):
            names[item["id"]] = f"{names[parent]}: {item['name']}"
    dates = [
        str(item[key]) for kind in ("tactics", "techniques", "mitigations") for item in matrix[kind] for key in ("created_date", "modified_date")
    ]
    return {
        "framework": "mitre-atlas",
        "version": data["version"],
        "title": f"MITRE ATLAS {data['version']}",
        "date": max(dates),
        "complete": True,
        "own_words": False,
        "source": f"https://github.com/mitre-atlas/atlas-data/blob/v{data['version']}/dist/ATLAS.yaml",
        "license": "Apache-2.0",
        "notice": ATLAS_NOTICE,
        "urls": {
            "AML.TA": "https://atlas.mitre.org/tactics/{id}",
            "AML.T": "https://atlas.mitre.org/techniques/{id}",
            "AML.M": "https://atlas.mitre.org/mitigations/{id}",
        },
        "entries": dict(sorted(names.items())),
    }


def cwe(path: str) -> dict[str, Any]:
    """All weaknesses of a CWE release, deprecated ones included; neither views nor categories."""
    version, date, names = _cwe_list(path) if path.endswith(".js") else _cwe_catalogue(path)
    return {
        "framework": "cwe",
        "version": version,
        "title": f"CWE {version}",
        "date": date,
        "complete": True,
        "own_words": False,
        "source": f"https://cwe.mitre.org/data/xml/cwec_v{version}.xml.zip",
        "license": "CWE Terms of Use, https://cwe.mitre.org/about/termsofuse.html",
        "notice": CWE_NOTICE,
        "urls": {"CWE-": "https://cwe.mitre.org/data/definitions/{rest}.html"},
        "entries": dict(sorted(names.items(), key=lambda item: int(item[0].removeprefix("CWE-")))),
    }


def _cwe_catalogue(path: str) -> tuple[str, str, dict[str, str]]:
    from xml.etree import ElementTree

    root = ElementTree.parse(path).getroot()
    space = root.tag.removesuffix("Weakness_Catalog")
    names = {f"CWE-{item.get('ID')}": str(item.get("Name")).strip() for item in root.findall(f"{space}Weaknesses/{space}Weakness")}
    return str(root.get("Version")), str(root.get("Date")), names


def _cwe_list(path: str) -> tuple[str, str, dict[str, str]]:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    pairs = re.findall(r"""id: '(CWE-\d+)',\s+name:\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", text)
    date = re.search(r"date: '(\d{4}-\d{2}-\d{2})'", text)
    if len(pairs) != text.count("id: '") or date is None:
        raise SystemExit(f"{path}: not the list that I know")
    return os.path.basename(path).removesuffix(".js"), date[1], {key: ast.literal_eval(name) for key, name in pairs}


def check(name: str, source: str) -> None:
    """Compare the ids of a file written by hand with those that the text at ``source`` (file or folder) names."""
    with open(os.path.join(OUT, f"{name}.json"), encoding="utf-8") as file:
        ours = set(json.load(file)["entries"])
    stems = {re.sub(r"\d.*", "", key) for key in ours}
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, stems))})0*[1-9]\d*")  # no 00: that is the preface
    theirs = {key for text in _texts(source) for key in pattern.findall(text)}
    for problem, ids in (("not in the source", ours - theirs), ("not in our file", theirs - ours)):
        if ids:
            raise SystemExit(f"{name}: {problem}: {', '.join(sorted(ids))}")
    print(f"{name}: all {len(ours)} ids are in {source}, and no other")


def _texts(source: str) -> Iterator[str]:
    names = [os.path.join(folder, name) for folder, _, files in os.walk(source) for name in files] if os.path.isdir(source) else [source]
    for name in names:
        with open(name, encoding="utf-8", errors="replace") as file:
            yield f"{os.path.basename(name)}\n{file.read()}".replace("_", " ")


def write(document: dict[str, Any]) -> None:
    """One entry a line, so that the difference between two releases can be read."""
    names = document.pop("entries")
    path = os.path.normpath(os.path.join(OUT, f"{document['framework']}-{document['version']}.json"))
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document | {"count": len(names), "entries": names}, file, indent=0, ensure_ascii=False)
        file.write("\n")
    print(f"{path}: {len(names)} entries")


def main(arguments: list[str]) -> None:
    """Run one of the three forms."""
    match arguments:
        case ["atlas", path]:
            write(atlas(path))
        case ["cwe", path]:
            write(cwe(path))
        case ["check", name, source]:
            check(name, source)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
