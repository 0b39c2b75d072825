"""Passwords and tokens that a script makes of what can be guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aisecops.checks.configuration.scripts import SCRIPTS, Script, script_lines
from aisecops.checks.references import WEAK_PRNG, WEAK_RANDOM_VALUES
from aisecops.core.check import Context, check
from aisecops.core.finding import Fix, Location, Weakness
from aisecops.core.taxonomy import Confidence, Severity, Stage, Threat

_NAME = r"(?i:[A-Za-z_]*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|SECRET_?KEY|API_?KEY|(?<!NUM_)TOKEN|OTP|SALT))"
_ASSIGNED = re.compile(rf"(?:^|[\s;'\"{{(-])({_NAME})\s*(?:=|:=|\?=|:)\s*(.*)")
_GUESSED = re.compile(
    r"\$\{?RANDOM\b|\$\$RANDOM\b|%RANDOM%|(?:\$\(|`)\s*date\b[^|)`]*\|[^)`]*\b(?:md5|sha\d*|b2|shasum|base64|openssl dgst|cksum)|\bGet-Random\b"
)
_DRAWN = re.compile(r"/dev/u?random|openssl rand|uuidgen|pwgen|secrets\.|gpg --gen-random|RandomNumberGenerator")


@check(
    id="configuration/weak-randomness",
    title="Scripts draw secrets from a secure generator",
    inputs=SCRIPTS,
    stage=Stage.DEPLOY,
    threat=Threat.INSECURE_OPERATION,
    categories=("weak-randomness",),
    refs=(WEAK_PRNG, WEAK_RANDOM_VALUES),
)
def weak_randomness(file: Script, ctx: Context) -> Iterator[Weakness]:
    """Find passwords, tokens and keys that a script makes of ``$RANDOM`` or of the time.

    What it finds
        ``PASSWORD=$RANDOM$RANDOM``, ``TOKEN=$(date +%s | md5sum | head -c 16)`` and the like in shell scripts, Makefiles, Dockerfiles and workflows.

    Why it matters
        ``$RANDOM`` is one of 32,768 numbers and follows from the one before; the second at which a server was set up stands in its logs. Whoever tries them all is in.

    Example
        ``JUPYTER_TOKEN=$RANDOM jupyter lab --ip 0.0.0.0``

    How to fix
        ``openssl rand -hex 32``, or ``python -c "import secrets; print(secrets.token_urlsafe(32))"``.

    Limits
        It goes by the name that the value gets: password, secret, token, key, salt. Ports, delays and names of runs may be what they are.

    References
        CWE-330; CWE-338.
    """
    content = file.text.content
    if "RANDOM" not in content and "date" not in content and "Get-Random" not in content:
        return
    for number, line in script_lines(file):
        found = _ASSIGNED.search(line)
        if found and _GUESSED.search(found[2]) and not _DRAWN.search(found[2]):
            yield Weakness(
                category="weak-randomness",
                identity=("script", found[1]),
                title="A secret can be guessed",
                message=f"{found[1][:60]} is made of what can be guessed: trying all that it can be takes seconds.",
                severity=Severity.HIGH,
                confidence=Confidence.HIGH,
                locations=(Location(path=file.asset.path, line=number, column=found.start(1) + 1),),
                root_cause="weak-randomness: script",
                fix=Fix("Use openssl rand -hex 32."),
            )
