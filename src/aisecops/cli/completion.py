"""Write the completion of a shell: verbs, flags, and what a flag takes; source it, or put it where the shell looks.

bash: aisecops completion bash > ~/.local/share/bash-completion/completions/aisecops
zsh:  aisecops completion zsh > ~/.zfunc/_aisecops       (with ~/.zfunc in fpath)
fish: aisecops completion fish > ~/.config/fish/completions/aisecops.fish
"""

from __future__ import annotations

import argparse
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from importlib import import_module

import msgspec

from aisecops.cli.pipe import unless_gone

_WORDS = re.compile(r"[A-Za-z0-9._/-]+")
"""What stands in a script without quotes: everything here is ours, and this holds it to that."""


class _Flag(msgspec.Struct, frozen=True):
    """A flag of a verb: its names, its first line of help, whether it takes a value, and the values if they are a list."""

    names: tuple[str, ...]
    help: str
    takes: bool
    values: tuple[str, ...]


class _Verb(msgspec.Struct, frozen=True):
    name: str
    help: str
    flags: tuple[_Flag, ...]
    arguments: tuple[str, ...]
    """What the first argument can be, where it is a list and no file."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the argument of ``completion``."""
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")


def run(args: Namespace) -> int:
    """Write the script to standard output, and return 0."""
    script = {"bash": _bash, "zsh": _zsh, "fish": _fish}[args.shell](list(_verbs()))
    with unless_gone(sys.stdout):
        sys.stdout.write(script)
    return 0


def _verbs() -> Iterator[_Verb]:
    from aisecops.checks import load_all
    from aisecops.cli import VERBS
    from aisecops.cli.parser import Parser

    checks = tuple(sorted(load_all().checks))
    for name, text in VERBS.items():
        module = import_module(f"aisecops.cli.{name}")
        parser = Parser(prog=f"aisecops {name}", description="")
        module.add_arguments(parser)
        actions = parser._actions  # noqa: SLF001 argparse has no other way to list them
        flags = tuple(_flag(action, checks) for action in actions if action.option_strings)
        choices = next((tuple(action.choices) for action in actions if not action.option_strings and action.choices), ())
        yield _Verb(name, text, flags, choices or (checks if name == "explain" else ()))


def _flag(action: argparse.Action, checks: tuple[str, ...]) -> _Flag:
    names = tuple(action.option_strings)
    text = re.sub(r" \([^)]*\)", "", action.help or "").replace("%%", "%")
    return _Flag(names, "" if text == argparse.SUPPRESS else text, action.nargs != 0, _values(action, names[-1], checks))


def _values(action: argparse.Action, name: str, checks: tuple[str, ...]) -> tuple[str, ...]:
    from aisecops.report.interface import built_in

    if action.choices:
        return tuple(map(str, action.choices))
    known = {"--format": built_in(), "--policy": ("baseline", "standard", "strict"), "--select": checks, "--ignore": checks}
    return tuple(word for word in known.get(name, ()) if _WORDS.fullmatch(word))


# ---------------------------------------------------------------- the shells


def _bash(verbs: list[_Verb]) -> str:
    cases = "\n".join(_bash_case(verb) for verb in verbs)
    return f"""# aisecops completion for bash
_aisecops() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} flags="" first=""
    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W "{" ".join(verb.name for verb in verbs)} --help --version" -- "$current"))
        return
    fi
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$flags" -- "$current"))
    elif [[ -n $first ]]; then
        COMPREPLY=($(compgen -W "$first" -- "$current"))
    else
        compopt -o filenames 2>/dev/null
        local IFS=$'\\n'
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}}
complete -F _aisecops aisecops
"""


def _bash_case(verb: _Verb) -> str:
    values = "".join(
        f"""                {"|".join(flag.names)}) COMPREPLY=($(compgen -W "{" ".join(flag.values)}" -- "$current")); return ;;\n"""
        for flag in verb.flags
        if flag.values
    )
    inner = f"            case $previous in\n{values}            esac\n" if values else ""
    flags = " ".join(name for flag in verb.flags for name in flag.names)
    return f'''        {verb.name})
            flags="{flags}" first="{" ".join(verb.arguments)}"
{inner}            ;;'''


def _zsh(verbs: list[_Verb]) -> str:
    named = "\n".join(f"        {_single(f'{verb.name}:{verb.help}')}" for verb in verbs)
    return f"""#compdef aisecops
_aisecops() {{
    local -a verbs flags first
    verbs=(
{named}
    )
    if (( CURRENT == 2 )); then
        _describe 'verb' verbs
        return
    fi
    case ${{words[2]}} in
{"".join(map(_zsh_case, verbs))}    esac
    if [[ ${{words[CURRENT]}} == -* ]]; then
        _describe -o 'flag' flags
    elif (( ${{#first}} )); then
        compadd -- $first
    else
        _files
    fi
}}
if [[ ${{funcstack[1]}} == _aisecops ]]; then _aisecops "$@"; else compdef _aisecops aisecops; fi
"""


def _zsh_case(verb: _Verb) -> str:
    flags = "\n".join(f"                {_single(f'{name}:{flag.help}')}" for flag in verb.flags for name in flag.names)
    values = "".join(f"                {'|'.join(flag.names)}) compadd -- {' '.join(flag.values)}; return ;;\n" for flag in verb.flags if flag.values)
    inner = f"            case ${{words[CURRENT-1]}} in\n{values}            esac\n" if values else ""
    return (
        f"        {verb.name})\n            flags=(\n{flags}\n            )\n            first=({' '.join(verb.arguments)})\n{inner}            ;;\n"
    )


def _single(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish(verbs: list[_Verb]) -> str:
    lines = ["# aisecops completion for fish"]
    lines += [f"complete -c aisecops -f -n __fish_use_subcommand -a {verb.name} -d {_fish_text(verb.help)}" for verb in verbs]
    for verb in verbs:
        seen = f"-n '__fish_seen_subcommand_from {verb.name}'"
        lines += [f"complete -c aisecops {seen} {_fish_flag(flag)}" for flag in verb.flags]
        lines += [f"complete -c aisecops -f {seen} -a '{' '.join(verb.arguments)}'"] if verb.arguments else []
    return "\n".join(lines) + "\n"


def _fish_flag(flag: _Flag) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names)
    values = f" -x -a '{' '.join(flag.values)}'" if flag.values else " -r" if flag.takes else ""
    return f"{names}{values} -d {_fish_text(flag.help)}"


def _fish_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
