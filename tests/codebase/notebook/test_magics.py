"""What IPython understands, as the calls that IPython makes of it."""

from __future__ import annotations

import ast

import pytest

from aisecops.codebase.notebook import read_notebook
from tests.codebase.notebook.documents import notebook


def python(source: str, **metadata: object) -> str:
    read = read_notebook(notebook(source, **metadata))
    assert read.gaps == ()
    assert read.python.text.content == source
    return ast.unparse(read.python.tree)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("!ls -l", "get_ipython().system('ls -l')"),
        ("!!ls", "get_ipython().getoutput('ls')"),
        ("if x:\n    !ls {d}", "if x:\n    get_ipython().system(f'ls {d}')"),
        ("x = !ls {d} $e.f", "x = get_ipython().getoutput(f'ls {d} {e.f}')"),
        ("x = %env HOME", "x = get_ipython().run_line_magic('env', 'HOME')"),
        ("%pip install {name}", "get_ipython().run_line_magic('pip', f'install {name}')"),
        ("pip install torch", "get_ipython().run_line_magic('pip', 'install torch')"),
        ("!echo {x['a']}", "get_ipython().system('echo ' + str(x['a']))"),
        ("!echo {a!r:>4}", "get_ipython().system(f'echo {a!r}')"),
        ("!awk '{print $1}' f", "get_ipython().system(\"awk '{print $1}' f\")"),
        ("!find . -exec rm {} ;", "get_ipython().system('find . -exec rm {} ;')"),
        ("!echo $$PATH '$x' {{y}}", "get_ipython().system(\"echo $PATH '$x' {y}\")"),
        ("!a \\\n  b\ny", "get_ipython().system('a    b')\ny"),
        ("?f", "get_ipython().run_line_magic('pinfo', 'f')"),
        ("f.g??", "get_ipython().run_line_magic('pinfo2', 'f.g')"),
        ("/f 1, 2", "f(1, 2)"),
        (",f a b", "f('a', 'b')"),
        (";f a b", "f('a b')"),
        ("%time x = f()", "x = f()"),
        ("x = %timeit -n 10 -o f()", "x = f()"),
        ("%%time\nx = f()", "x = f()"),
        ("%%capture out\n%%time\nx = f()", "x = f()"),
        ("%%bash -s $x\nls {y}\n", "get_ipython().run_cell_magic('bash', f'-s {x}', 'ls {y}\\n')"),
        ("%%sql\nselect {{x}}", "get_ipython().run_cell_magic('sql', '', f'select {x}')"),
        ("%%system\nls {x}", "get_ipython().getoutput(f'ls {x}')"),
        ("%sh\nls", "get_ipython().run_cell_magic('sh', '', 'ls')"),
        (">>> a\n... b", "a\nb"),
        ("In [3]: a", "a"),
        ("In [1]: for i in x:\n   ...:     print(i)\n   ...: ", "for i in x:\n    print(i)"),
        ("%timeit f(a,\n  b)\ny", "f(a, b)\ny"),
    ],
)
def test_magics_become_the_calls_that_they_are(source, expected):
    assert python(source) == expected


@pytest.mark.parametrize(
    "source", ["x = (a\n%b)", "'''\n!ls\n%%bash\n'''", "x = a \\\n% b", "x %= 2", "x != y", "# why?", "f(a,\nb)", "x = '%s' % y"]
)
def test_python_stays_python(source):
    assert python(source) == ast.unparse(ast.parse(source))


def test_databricks_cells_have_the_language_of_their_first_line():
    assert python("%sql\nselect 1", **{"application/vnd.databricks.v1+notebook": {}}) == "get_ipython().run_cell_magic('sql', '', 'select 1')"
    assert python("%python\nx = 1", **{"application/vnd.databricks.v1+notebook": {}}) == "x = 1"


def test_lines_stay_where_they_are():
    read = read_notebook(notebook("%%bash\na\nb", "!x \\\n y\nlast"))
    bash, _, last = read.python.tree.body
    assert (bash.lineno, bash.end_lineno) == (1, 3)
    assert last.lineno == 6
    assert [(magic.kind, magic.name, magic.line, magic.cell) for magic in read.magics] == [("cell", "bash", 1, 1), ("system", "", 4, 2)]


def test_commands_tell_what_is_put_into_them():
    (magic,) = read_notebook(notebook("!run {a + b} $c")).magics
    assert magic.command == "run {a + b} $c"
    assert magic.interpolations == ("a + b", "c")
