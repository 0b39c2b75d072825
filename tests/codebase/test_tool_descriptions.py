from __future__ import annotations

import ast

import pytest

from aisecops.codebase.tool_descriptions import tool_descriptions


def described(source, handed_over=frozenset()):
    return {(item.tool, item.text.strip(), item.node.lineno) for item in tool_descriptions(ast.parse(source), handed_over)}


@pytest.mark.parametrize(
    "decorator",
    [
        "mcp.tool()",
        "mcp.tool",
        "tool",
        "tool('add')",
        "server.tool(name='add')",
        "agent.tool_plain",
        "function_tool",
        "kernel_function()",
        "app.action",
        "mcp.resource('x://y')",
    ],
)
def test_docstrings_of_registered_functions_are_descriptions(decorator):
    assert described(f'@{decorator}\nasync def add(a):\n    """Adds it."""\n') == {("add", "Adds it.", 3)}


@pytest.mark.parametrize("decorator", ["property", "app.get('/')", "pytest.fixture", "functools.cache", "toolz.curry"])
def test_other_docstrings_are_not(decorator):
    assert described(f'@{decorator}\ndef add(a):\n    """Adds it."""\n') == set()


def test_a_function_that_is_handed_over_is_a_tool():
    source = 'def add(a):\n    """Adds it."""\n'
    assert described(source) == set()
    assert described(source, frozenset(("add",))) == {("add", "Adds it.", 2)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Tool(name='add', func=f, description='Adds it.')", {("add", "Adds it.", 1)}),
        ("x = [types.Tool(name='add',\n description='Adds it.', inputSchema={})]", {("add", "Adds it.", 2)}),
        ("{'type': 'function', 'function': {'name': 'add', 'description': 'Adds it.', 'parameters': {}}}", {("add", "Adds it.", 1)}),
        ("{'city': {'type': 'string', 'description': 'The city'}}", {("", "The city", 1)}),
        ("class Add(BaseTool):\n    name: str = 'add'\n    description: str = 'Adds it.'\n", {("", "Adds it.", 3)}),
        ("class Add(BaseTool):\n    'Adds it.'\n", {("Add", "Adds it.", 2)}),
        ("class In(BaseModel):\n    city: str = Field(description='The city')\n", {("", "The city", 2)}),
        ("@tool\ndef add(a: Annotated[int, 'The number']): ...", {("add", "The number", 2)}),
        ("DESCRIPTION = '''\n  Adds it.\n'''\nTool(name='add', description=DESCRIPTION.strip())", {("", "Adds it.", 1), ("add", "Adds it.", 1)}),
        ("Tool(name='add', description='Adds ' + f'it{x}.')", {("add", "Adds it.", 1)}),
        ("Tool(name='add', description=textwrap.dedent('  Adds it.'))", {("add", "Adds it.", 1)}),
        ("Tool(name='add', description=' '.join(['Adds', 'it.']))", {("add", "Adds it.", 1)}),
        ("FastMCP('x', instructions='Ask me.')", {("", "Ask me.", 1)}),
        ("Agent('x', instructions='Ask me.')", set()),
        ("{**base, 'name': 'add', 'description': 'Adds it.'}", {("add", "Adds it.", 1)}),
        ("def f(*, a, b=1): return f'{x}', lambda: None\nglobal y\n", set()),
        ("POISONED_TOOLS = [{'name': 'add', 'description': 'Bad one'}]", set()),
        ("add.__doc__ = 'Adds it.'", {("", "Adds it.", 1)}),
    ],
)  # fmt: skip
def test_texts_that_describe_tools_are_found(source, expected):
    assert described(source) == expected


def test_names_that_refer_to_each_other_end():
    assert described("a = b\nb = a\nTool(name='add', description=a)\n") == set()
    assert described("a = a + a\nTool(name='add', description=a)\n") == set()


def test_a_prompt_about_tools_is_no_description_of_one():
    assert described('LLAMA_TOOL_PROMPT = "Call a tool if it helps, and do not tell the user about function calls."\n') == set()
