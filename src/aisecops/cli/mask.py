"""Write a pseudonymised copy of a data set, and say what risk is left in it.

The key is read from a file or the environment: python -c 'import secrets; print(secrets.token_hex(32))' > mask.key
Without --column each column gets what its values and its name call for: --plan shows it and writes nothing. The `mask` section of a data set in
aisecops.yaml says the same for good. Methods: keep, drop, redact, token, email, phone, card, iban, ip, name, digits, text, shift, year, generalise.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

import msgspec

from aisecops.cli.parser import add_list, nearest, positive, whole
from aisecops.cli.progress import progress_on
from aisecops.cli.screen import show
from aisecops.core.errors import UserError
from aisecops.core.text import inert, inert_path
from aisecops.datasets.masking import MaskSettings, Method
from aisecops.datasets.roles import ColumnRoles
from aisecops.report.masking import plan_lines, report_lines
from aisecops.workflows.mask import KEY_VARIABLE, MaskRequest, mask, plan, read_key

if TYPE_CHECKING:
    from collections.abc import Sequence


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the flags of ``mask``."""
    parser.add_argument("data", metavar="DATA", help="the table: CSV, Parquet, Arrow or JSON lines")
    parser.add_argument("--output", metavar="MASKED", default="", help="what to write, in the same format; it must not exist")
    parser.add_argument("--key-file", metavar="FILE", default="", help="the file that holds the key")
    parser.add_argument("--key-env", metavar="NAME", default=KEY_VARIABLE, help=f"the environment variable that holds it instead ({KEY_VARIABLE})")
    parser.add_argument("--domain", metavar="NAME", default=None, help="copies of different domains cannot be linked")
    parser.add_argument("--column", metavar="NAME=METHOD", action="append", default=[], help="what to do with a column (repeatable)")
    parser.add_argument(
        "--subject", metavar="NAME", default=None, help="the column that says whose row it is: days are shifted and persons counted by it"
    )
    parser.add_argument(
        "--k", metavar="N", type=whole, default=None, help="persons who share each combination of quasi-identifiers at least (5; 1: none)"
    )
    parser.add_argument("--l", metavar="N", type=whole, default=None, help="different values of each sensitive column in a class at least")
    parser.add_argument(
        "--t", metavar="D", type=positive, default=None, help="distance of a sensitive column's distribution in a class from the whole, at most"
    )
    add_list(parser, "--sensitive", "NAMES", "columns that nobody must learn of a person")
    parser.add_argument("--population", metavar="N", type=whole, default=None, help="how many persons the rows were drawn from, for an estimate")
    parser.add_argument("--plan", action="store_true", help="show what would be done, and write nothing")
    parser.add_argument("--report", metavar="FILE", default="", help="write the report there, as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress, and no report on the terminal")


def run(args: Namespace) -> int:
    """Write the masked copy, tell what risk is left, and return 0."""
    settings, roles = _declared(args.data)
    settings = _with_flags(settings, args)
    if not args.output and not args.plan:
        raise UserError("nothing says where the copy goes", fix="give --output MASKED, or --plan to see what would be done")
    if args.report and os.path.lexists(args.report):
        raise UserError("it exists already", where=inert_path(args.report), fix="choose a new name: nothing is overwritten")
    if args.plan:
        show(plan_lines(plan(args.data, settings, roles)))
        return 0
    key, key_from, warning = read_key(args.key_file, args.key_env)
    request = MaskRequest(data=args.data, output=args.output, key=key, key_from=key_from, settings=settings, roles=roles)
    report = mask(request, progress_on(sys.stderr, quiet=args.quiet))
    report = msgspec.structs.replace(report, warnings=(*report.warnings, *filter(None, (warning,))))
    if args.report:
        with open(args.report, "xb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    if not args.quiet:
        show(report_lines(report))
    return 0


def _declared(data: str) -> tuple[MaskSettings, ColumnRoles]:
    """Return what the manifest that governs ``data`` says of it."""
    from aisecops.project.manifest import load_manifest
    from aisecops.project.state import find_manifest

    found = find_manifest((data,))
    if found:
        folder = os.path.dirname(os.path.realpath(found))
        for asset in load_manifest(found).assets:
            if os.path.realpath(os.path.join(folder, asset.path)) == os.path.realpath(data):
                return asset.mask or MaskSettings(), asset.columns()
    return MaskSettings(), ColumnRoles()


def _with_flags(settings: MaskSettings, args: Namespace) -> MaskSettings:
    given = {name: value for name in ("domain", "subject", "k", "l", "t", "population") if (value := getattr(args, name)) is not None}
    if args.sensitive:
        given["sensitive"] = tuple(args.sensitive)
    columns = {**settings.columns, **dict(_column(text) for text in args.column)}
    try:
        return msgspec.structs.replace(settings, columns=columns, **given)
    except ValueError as wrong:
        raise UserError(str(wrong), fix="see aisecops mask --help") from None


def _column(text: str) -> tuple[str, Method]:
    name, _, method = text.rpartition("=")
    known: Sequence[str] = [one.value for one in Method]
    if not name or method not in known:
        raise UserError(
            f"--column {inert(text, 80)}: there is no method {inert(method, 40)!r}", fix=nearest(method, known) or f"methods: {', '.join(known)}"
        )
    return name, Method(method)
