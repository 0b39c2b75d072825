"""What a program declares rather than computes decides like a constant: defaults of options, fields, environment variables, entries of a configuration."""

from __future__ import annotations

import ast

import pytest

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dependencies import NO_VERSIONS
from aisecops.core.taxonomy import Severity
from aisecops.knowledge.libraries import Libraries
from aisecops.knowledge.libraries.model import Absent, Entry, Equal, Group, Made, Unknown

OFF = Entry(
    id="off",
    library="net",
    sink="tls-disabled",
    calls=("net.get",),
    arguments=("url",),
    safe=(Group({"verify": Equal(True)}), Group({"verify": Absent()}), Group({"verify": Unknown()}), Group({"url": Made(("net.local()",))})),
    severity=Severity.HIGH,
)


class NoFiles:
    def exists(self, path: str) -> bool:
        return False

    def tree(self, path: str) -> ast.Module | None:
        return None


def reported(text: str) -> bool:
    program = Program(NoFiles(), Libraries.of([OFF]), lambda path: NO_VERSIONS)
    return bool(program.examine("example.py", ast.parse(text), NO_VERSIONS).hits)


ARGPARSE = """
import argparse, net
def options():
    parser = argparse.ArgumentParser()
    group = parser.add_argument_group("network")
    group.add_argument("--verify", {how})
    return parser.parse_args()
def main(args):
    net.get("https://example.com", verify=args.verify)
if __name__ == "__main__":
    main(options())
"""


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        ("action='store_true'", True),
        ("action='store_false'", False),
        ("default=False", True),
        ("default=True", False),
        ("default=compute()", False),
        ("dest='other', action='store_true'", False),
    ],
)
def test_the_default_of_a_command_line_option_holds_wherever_the_options_are_handed_to(how: str, wanted: bool) -> None:
    assert reported(ARGPARSE.format(how=how)) is wanted


FIELDS = """
import net
{imports}
{decorator}
class Settings{base}:
    verify: bool = {value}
settings = {made}
net.get("https://example.com", verify=settings.verify)
"""


@pytest.mark.parametrize("good", [True, False])
@pytest.mark.parametrize(
    ("imports", "decorator", "base", "value", "made"),
    [
        ("from dataclasses import dataclass, field", "@dataclass", "", "field(default={})", "Settings()"),
        ("from pydantic import BaseModel, Field", "", "(BaseModel)", "Field({}, description='x')", "Settings()"),
        ("import tyro", "", "", "{}", "tyro.cli(Settings)"),
        ("from transformers import HfArgumentParser", "", "", "{}", "HfArgumentParser(Settings).parse_args_into_dataclasses()[0]"),
    ],
)
def test_the_default_of_a_field_holds(imports: str, decorator: str, base: str, value: str, made: str, good: bool) -> None:
    text = FIELDS.format(imports=imports, decorator=decorator, base=base, value=value.format(good), made=made)
    assert reported(text) is not good


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("os.environ.get('VERIFY', '0') == '1'", True),
        ("os.getenv('VERIFY', '1') == '1'", False),
        ("os.getenv('VERIFY', 'no').lower() in ('yes', 'true')", True),
        ("bool(int(os.getenv('VERIFY', '0')))", True),
        ("os.getenv('VERIFY') == '1'", False),
    ],
)
def test_the_default_of_an_environment_variable_holds(value: str, wanted: bool) -> None:
    assert reported(f"import os, net\nnet.get('https://example.com', verify={value})\n") is wanted


PASSED = """
import net
def fetch(config, **more):
    return net.get("https://example.com", verify={value})
fetch({given})
"""


@pytest.mark.parametrize(
    ("value", "given", "wanted"),
    [
        ("config['verify']", "{'verify': False}", True),
        ("config['verify']", "{'verify': True}", False),
        ("config['net']['verify']", "{'net': {'verify': False}}", True),
        ("config.get('verify', False)", "{}", True),
        ("config.get('verify', True)", "{}", False),
        ("more.get('verify', False)", "{}", True),
        ("more.get('verify', False)", "{}, verify=True", True),  # what nobody says is judged, too
        ("more.get('verify', True)", "{}, verify=False", True),
        ("more.get('verify', True)", "{}", False),
    ],
)
def test_an_entry_of_a_configuration_is_what_the_caller_has_put_there(value: str, given: str, wanted: bool) -> None:
    assert reported(PASSED.format(value=value, given=given)) is wanted


CONSTRUCTED = """
import net
class Client:
    def __init__(self, verify={}):
        self.verify = verify
    def get(self, url):
        net.get(url, verify=self.verify)
"""


def test_what_a_constructor_keeps_is_its_default_in_other_methods() -> None:
    assert reported(CONSTRUCTED.format(False))
    assert not reported(CONSTRUCTED.format(True))


def test_the_options_of_click_are_defaults_of_the_function() -> None:
    text = "import click, net\n@click.command()\n@click.option('--verify/--no-verify', default={})\ndef main(verify):\n    net.get('https://a', verify=verify)\n"
    assert reported(text.format(False))
    assert not reported(text.format(True))


def test_only_what_is_surely_made_so_is_spared() -> None:
    assert not reported("import net\nnet.get(net.local(), verify=False)\n")
    assert reported("import net\ndef get(url):\n    net.get(url, verify=False)\n")
    assert reported("import net\nnet.get(net.remote(), verify=False)\n")


def test_a_function_without_a_name_is_examined() -> None:
    assert reported("import net\nget = lambda url: net.get(url, verify=False)\n")
