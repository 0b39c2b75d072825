"""Tables, texts and images from files: what is read, and what is said about files that are broken."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

from aisecops.datasets.domain import ColumnType
from aisecops.datasets.reading import MissingExtraError, read_images, read_table, read_texts, scan_table
from aisecops.datasets.sources import explained
from aisecops.datasets.table import Table, TableError

polars = pytest.importorskip("polars")

CSV = "age,job,paid,score\n31,clerk,true,0.5\n,baker,false,1.5\n44,clerk,true,\n"


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl", "arrow"])
def test_every_format_gives_the_same_table(tmp_path, ending):
    frame = polars.read_csv(CSV.encode())
    path = str(tmp_path / f"t.{ending}")
    {"csv": frame.write_csv, "parquet": frame.write_parquet, "jsonl": frame.write_ndjson, "arrow": frame.write_ipc}[ending](path)
    table = read_table(path)
    assert [(c.name, c.type, c.categories) for c in table.layout()] == [
        ("age", ColumnType.INTEGER, ()),
        ("job", ColumnType.CATEGORY, ("baker", "clerk")),
        ("paid", ColumnType.BOOLEAN, ()),
        ("score", ColumnType.REAL, ()),
    ]
    assert np.array_equal(table.matrix(), [[31, 1, 1, 0.5], [np.nan, 0, 0, 1.5], [44, 1, 1, np.nan]], equal_nan=True)
    assert table.texts("age") == ("31", "", "44")
    assert table.texts("job") == ("clerk", "baker", "clerk")
    assert table.labels("paid").classes == ("False", "True")
    assert table.without("age", "score").names == ("job", "paid")


def test_separators_quotes_and_chosen_columns(tmp_path):
    path = written(tmp_path, "t.csv", 'a;b;"c;d"\n1;"x;y";3\n2;"z";4\n')
    table = read_table(path, columns=("c;d", "b"))
    assert table.names == ("c;d", "b")
    assert table.texts("b") == ("x;y", "z")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("long.csv", "a,b\n1,2\n3,4,5\n", r"long.csv:3: 3 fields, the header has 2"),
        ("short.csv", "a,b\n1,2\n3\n4,5\n", r"short.csv:3: 1 fields, the header has 2"),
        ("late.csv", "a,b\n" + "1,2\n" * 11_000 + "x,4\n", r"late.csv:11002: column `a` holds numbers, and here a text of the shape `x`"),
        ("mixed.csv", "a,b\n1,2\n2,n.a.\n3,5\n4,6\n", r"mixed.csv:3: column `b` holds numbers, and here a text of the shape `x.x.`"),
        ("latin.csv", "a,b\n1,2\nä,3\n".encode("latin-1"), r"latin.csv:3: not UTF-8 text; save it as UTF-8"),
        ("twice.csv", "a,a\n1,2\n", r"twice.csv:1: two columns are named `a`"),
        ("index.csv", ",Unnamed: 0\n1,2\n", r"index.csv:1: two columns are named `Unnamed: 0`"),
        ("empty.csv", "", r"empty.csv: the file is empty"),
        ("table.xls", "x", r"table.xls: the name does not say which format"),
        ("none.parquet", "not parquet at all", r"none.parquet: not a whole parquet file"),
        ("bad.jsonl", '{"a":1}\n{"a":2\n', r"bad.jsonl:2: this line is not a JSON object"),
        ("big.csv", "id,b\n9007199254740995,2\n", r"big.csv: column `id` holds whole numbers above 2\^53"),
        ("nested.jsonl", '{"a":[1]}\n', r"nested.jsonl: column `a` holds List"),
        ("endless.csv", "a,b\n1,inf\n", r"endless.csv: column `b` has an infinite value in row 1"),
    ],
)
def test_a_broken_file_is_refused_in_one_line(tmp_path, name, content, message):
    with pytest.raises(TableError) as wrong:
        read_table(written(tmp_path, name, content))
    assert re.search(message, str(wrong.value))
    assert "\n" not in str(wrong.value) and wrong.value.fix


def test_columns_without_a_name_are_called_as_pandas_calls_them(tmp_path):
    pandas = pytest.importorskip("pandas")
    written(tmp_path, "r.csv", '"","a",""\n"1",2,\n"2",3,\n')
    pandas.DataFrame({"a": [2, 3]}).to_csv(tmp_path / "pandas.csv")
    for name in ("r.csv", "pandas.csv"):
        theirs = pandas.read_csv(tmp_path / name)
        assert list(read_table(str(tmp_path / name)).names) == list(theirs.columns)
        index = read_table(str(tmp_path / name), columns=("Unnamed: 0",)).matrix()
        assert index[:, 0].tolist() == theirs["Unnamed: 0"].tolist()


def test_a_cut_off_parquet_file(tmp_path):
    path = tmp_path / "t.parquet"
    polars.DataFrame({"a": list(range(1000))}).write_parquet(path)
    whole = path.read_bytes()
    for length in (4, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(TableError, match="not a whole parquet file"):
            read_table(str(path))


def test_what_is_not_there_is_named_with_what_is(tmp_path):
    path = written(tmp_path, "t.csv", CSV)
    with pytest.raises(TableError, match=r"there is no column `jobs`; did you mean `job`\?"):
        read_table(path, columns=("jobs",))
    with pytest.raises(TableError, match=r"no such file"):
        read_table(str(tmp_path / "none.csv"))
    with pytest.raises(TableError, match=r"column `age` misses 1 of 3 values, the first in row 2"):
        read_table(path).matrix(missing=False)
    with pytest.raises(TableError, match=r"the label `age` is missing in 1 row, first in row 2"):
        read_table(path).labels("age")
    with pytest.raises(TableError, match=r"holds real numbers, not classes"):
        Table.of_matrix(np.array([[0.5], [1.0]]), ["y"]).labels("y")


def test_labels_are_numbered_as_scikit_learn_sorts_them():
    labels = Table.of_matrix(np.array([[10.0], [2.0], [10.0], [-1.0]]), ["y"]).labels("y")
    assert labels.classes == ("-1", "2", "10")
    assert labels.codes.tolist() == [2, 1, 2, 0]


def test_batches_are_the_table_in_parts_with_the_same_categories(tmp_path):
    rows = [f"{i},{'abc'[i % 3] if i < 90 else 'z'}" for i in range(100)]
    path = written(tmp_path, "t.csv", "n,kind\n" + "\n".join(rows) + "\n")
    whole, parts = read_table(path), list(scan_table(path).batches(rows=17))
    assert max(part.rows for part in parts) <= 17 and len(parts) >= 6
    assert all(part.layout() == whole.layout() for part in parts)
    assert np.array_equal(np.concatenate([part.matrix() for part in parts]), whole.matrix())


def test_polars_is_an_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError, match=r"needs Polars, which is not installed; pip install 'aisecops\[data\]'"):
        read_table(written(tmp_path, "t.csv", CSV))


def test_texts_with_and_without_labels(tmp_path):
    path = written(tmp_path, "m.csv", 'label,text\nspam,"win\nnow"\nham,123\nham,456\nham,789\n')
    read = read_texts(path, label="label")
    assert read.texts == ("win\nnow", "123", "456", "789")
    assert read.labels == ("spam", "ham", "ham", "ham")
    assert read_texts(written(tmp_path, "m.txt", "one\n\ntwo\n")).texts == ("one", "two")
    with pytest.raises(TableError, match=r"which column holds the texts\? there are label, text"):
        read_texts(path)
    with pytest.raises(TableError, match=r"misses 1 of 2 values"):
        read_texts(written(tmp_path, "n.jsonl", '{"text":"a"}\n{"text":null}\n'))


def test_images_from_an_archive_and_a_folder(tmp_path):
    pixels = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
    np.savez(tmp_path / "i.npz", pixels=pixels, kind=np.array(["cat", "dog"]))
    images, labels = read_images(str(tmp_path / "i.npz"), label="kind")
    assert images.dtype == np.float64 and np.array_equal(images, pixels) and labels == ("cat", "dog")
    for name, picture in zip(("cat", "dog"), pixels, strict=True):
        (tmp_path / "folder" / name).mkdir(parents=True)
        np.save(tmp_path / "folder" / name / "0.npy", picture)
    images, labels = read_images(str(tmp_path / "folder"))
    assert np.array_equal(images, pixels) and labels == ("cat", "dog")


def test_broken_images_are_refused(tmp_path):
    np.savez(tmp_path / "o.npz", images=np.array([{"a": 1}] * 2, dtype=object))
    with pytest.raises(TableError, match=r"not a whole \.npz archive of plain arrays"):
        read_images(str(tmp_path / "o.npz"))
    np.savez(tmp_path / "l.npz", images=np.zeros((3, 2, 2)), y=np.zeros(2))
    with pytest.raises(TableError, match=r"3 images, and labels of shape \(2,\)"):
        read_images(str(tmp_path / "l.npz"), label="y")
    with pytest.raises(TableError, match=r"there is no array `z`; it holds images, y"):
        read_images(str(tmp_path / "l.npz"), label="z")
    whole = (tmp_path / "l.npz").read_bytes()
    with pytest.raises(TableError, match=r"not a whole \.npz"):
        read_images(written(tmp_path, "cut.npz", whole[: len(whole) // 2]))
    with pytest.raises(TableError, match=r"cannot be read"):
        read_images(str(tmp_path / "none.npz"))
    for label, shape in (("a", (2, 2)), ("b", (2, 3))):
        (tmp_path / "f" / label).mkdir(parents=True)
        np.save(tmp_path / "f" / label / "0.npy", np.zeros(shape))
    with pytest.raises(TableError, match=r"an image of shape \(2, 3\), the first is \(2, 2\)"):
        read_images(str(tmp_path / "f"))


def test_memory_that_runs_out_is_not_taken_for_a_broken_file():
    with pytest.raises(MemoryError), explained("a.parquet"):
        raise OSError(12, "Cannot allocate memory")
    with pytest.raises(TableError, match="not a whole parquet file"), explained("a.parquet"):
        raise OSError(5, "Input/output error")
