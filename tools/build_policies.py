"""Compile the policies that ship: from the YAML that people read to the JSON that a scan loads without a YAML parser.

Run it after every change of a policy: ``python tools/build_policies.py``. A test fails while the two disagree.
"""

from __future__ import annotations

import msgspec

from aisecops.core.policy import Policy
from aisecops.core.yaml_text import parse_yaml
from aisecops.knowledge import policies


def compiled(name: str) -> bytes:
    """Return the JSON of the policy ``name``: all defaults written out, one value a line, so that a change is seen in review."""
    with open(policies.source(name), "rb") as file:
        policy = parse_yaml(file.read(), Policy, source=f"{name}.yaml")
    return msgspec.json.format(msgspec.json.encode(policy, order="deterministic"), indent=1) + b"\n"


def main() -> None:
    """Write the JSON beside every YAML."""
    for name in policies.NAMES:
        with open(policies.compiled(name), "wb") as file:
            file.write(compiled(name))
        print(f"{name}: {policies.compiled(name)}")


if __name__ == "__main__":
    main()
