"""PyTorch's formats: zips whose readers disagree, legacy and tar files, TorchScript, and what hides beside the tensors."""

# ruff: noqa: A001, E501, E731, RUF100 (one sample, one line; `id` is what it is)

from __future__ import annotations

import io
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Iterator

from tests.hostile.assembler import Call, called, listed, mapped, named, new, number, old, pack, plain, put, running, stream, text
from tests.hostile.sample import INCOMPLETE, REVIEW, Sample, carrier

G = "torch"
MAGIC = 0x1950A86A20F9469CFC6C


def tensor(key: str = "0", count: int = 4) -> bytes:
    """One tensor, as ``torch.save`` writes it into data.pkl."""
    storage = pack(text("storage"), named("torch", "FloatStorage"), text(key), text("cpu"), number(count)) + b"Q"
    return called(
        "torch._utils", "_rebuild_tensor_v2", storage, number(0), pack(number(count)), pack(number(1)), b"\x89", called("collections", "OrderedDict")
    )


def old_tensor() -> bytes:
    """The same in the legacy format: its ids have a sixth item, for views."""
    return tensor().replace(number(4) + b"tQ", number(4) + b"NtQ")


def hostile_pickle(c: Call) -> bytes:
    return stream(mapped(weight=tensor(), hook=running(c)), protocol=2)


HONEST = stream(mapped(weight=tensor()), protocol=2)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED, before: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return before + buffer.getvalue()


def model(data: bytes = HONEST, prefix: str = "archive", **more: bytes) -> dict[str, bytes]:
    records = {"data.pkl": data, "byteorder": b"little", "data/0": struct.pack("<4f", 1, 2, 3, 4), "version": b"3\n", **more}
    return {f"{prefix}/{name}": content for name, content in records.items()}


def saved(c: Call, **more: bytes) -> bytes:
    return zipped(model(hostile_pickle(c), **more))


def legacy(*pickles: bytes, tail: bytes = b"") -> bytes:
    head = [
        pickle.dumps(MAGIC, 2),
        pickle.dumps(1001, 2),
        pickle.dumps({"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}, 2),
    ]
    return b"".join([*head[: 5 - len(pickles)], *pickles]) + tail


STORAGE = struct.pack("<q4f", 4, 1, 2, 3, 4)


def samples() -> Iterator[Sample]:
    yield from zips()
    yield from disagreements()
    yield from old_formats()
    yield from beside()


def zips() -> Iterator[Sample]:
    yield carrier("torch-zip", G, "a call in data.pkl", saved, suffix=".pt", loader="torch", says="posix.system")
    yield carrier(
        "torch-zip-deflated",
        G,
        "the same, compressed",
        lambda c: zipped(model(hostile_pickle(c)), zipfile.ZIP_DEFLATED),
        suffix=".pth",
        loader="torch",
    )
    for method, name in ((zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "lzma")):
        yield carrier(
            f"torch-zip-{name}",
            G,
            f"the same, compressed with {name}, which torch cannot read and others can",
            lambda c, m=method: zipped(model(hostile_pickle(c)), m),
            suffix=".pt",
            loader="",
        )
    for suffix in (".bin", ".ckpt", ".zip", ".jpg", ""):
        yield carrier(f"torch-zip-as{suffix or '-none'}", G, "the same under another name", saved, suffix=suffix, loader="torch")
    yield carrier(
        "torch-odd-prefix",
        G,
        "an odd name of the folder",
        lambda c: zipped(model(hostile_pickle(c), "my model.v1 (copy)")),
        suffix=".pt",
        loader="torch",
    )
    yield carrier(
        "torch-upper-case",
        G,
        "DATA.PKL, which torch finds without regard to case",
        lambda c: zipped({n.replace("data.pkl", "DATA.PKL"): b for n, b in model(hostile_pickle(c)).items()}),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-frame-desync",
        G,
        "readers of frames disagree about data.pkl",
        lambda c: zipped(model(b"\x80\x04\x95" + struct.pack("<Q", 9) + b"B" + struct.pack("<I", 9) + b"xx" + b"N" * 7 + running(c) + b".")),
        suffix=".pt",
        advisory="python/cpython#154848",
        loader="",
    )
    yield carrier(
        "torch-pickle-in-storage",
        G,
        "a pickle where a tensor's bytes should be",
        lambda c: zipped({**model(), "archive/data/0": stream(running(c))}),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-persistent-call",
        G,
        "a call among the items of a persistent id",
        lambda c: zipped(model(stream(pack(text("storage"), running(c), text("0"), text("cpu"), number(4)) + b"Q", protocol=2))),
        suffix=".pt",
        loader="torch",
    )
    yield carrier(
        "torch-storage-class",
        G,
        "the storage's class is something else",
        lambda c: zipped(model(stream(pack(text("storage"), named("os", "system"), text("0"), text("cpu"), number(4)) + b"Q", protocol=2))),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-whole-module-hooks",
        G,
        "a hook of a whole module",
        lambda c: zipped(
            model(
                stream(
                    new("torch.nn.modules.linear", "Identity"),
                    mapped(_forward_hooks=called("collections", "OrderedDict") + number(0) + named(c.module, c.name) + b"s", training=b"\x88"),
                    b"b",
                    protocol=2,
                )
            )
        ),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-rebuild-parameter-state",
        G,
        "state of a parameter holds a callable",
        lambda c: zipped(
            model(
                stream(
                    called(
                        "torch._utils",
                        "_rebuild_parameter_with_state",
                        tensor(),
                        b"\x88",
                        called("collections", "OrderedDict"),
                        mapped(hook=named(c.module, c.name)),
                    ),
                    protocol=2,
                )
            )
        ),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-nested-load",
        G,
        "_load_from_bytes of a second archive",
        lambda c: zipped(model(stream(called("torch.storage", "_load_from_bytes", b"B" + struct.pack("<I", len(saved(c))) + saved(c)), protocol=3))),
        suffix=".pt",
        loader="torch",
    )
    yield carrier(
        "torch-setitem-tensor",
        G,
        "SETITEM on what a call made, inside weights_only's reach",
        lambda c: zipped(model(stream(tensor() + number(0) + number(5) + b"s", protocol=2))),
        suffix=".pt",
        advisory="CVE-2026-24747",
        loader="",
    )


def patched(content: bytes, at: int, new_bytes: bytes) -> bytes:
    return content[:at] + new_bytes + content[at + len(new_bytes) :]


def disagreements() -> Iterator[Sample]:
    central = b"PK\x01\x02"

    def flag(c: Call, bit: int, *, both: bool) -> bytes:
        content = saved(c)
        first = content.index(central)
        content = patched(content, first + 8, struct.pack("<H", bit))
        return patched(content, 6, struct.pack("<H", bit)) if both else content

    for bit in (0x1, 0x20, 0x40, 0x800, 0x2000):
        yield carrier(
            f"torch-flag-{bit:x}",
            G,
            f"flag {bit:#x} in the central directory only",
            lambda c, b=bit: flag(c, b, both=False),
            suffix=".pt",
            advisory="CVE-2025-1945",
            loader="",
        )
        yield carrier(
            f"torch-flag-{bit:x}-both",
            G,
            f"flag {bit:#x} in both headers",
            lambda c, b=bit: flag(c, b, both=True),
            suffix=".pt",
            advisory="GHSA-w8jq-xcqf-f792",
            loader="",
        )
    yield carrier(
        "torch-local-name",
        G,
        "another name in the local header",
        lambda c: saved(c).replace(b"archive/data.pkl", b"archive/data.txt", 1),
        suffix=".pt",
        advisory="CVE-2025-1944",
        loader="",
    )
    yield carrier(
        "torch-central-name",
        G,
        "another name in the central directory",
        lambda c: _last(saved(c), b"archive/data.pkl", b"archive/notes.md"),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-crc",
        G,
        "a wrong checksum: zipfile refuses the member, torch does not",
        lambda c: _crc(saved(c)),
        suffix=".pt",
        advisory="CVE-2025-10156",
        loader="",
    )
    yield carrier("torch-duplicate", G, "data.pkl twice, honest first", lambda c: _twice(HONEST, hostile_pickle(c)), suffix=".pt", loader="")
    yield carrier("torch-duplicate-reversed", G, "data.pkl twice, honest last", lambda c: _twice(hostile_pickle(c), HONEST), suffix=".pt", loader="")
    yield carrier(
        "torch-duplicate-case",
        G,
        "data.pkl and Data.pkl",
        lambda c: zipped({"archive/data.pkl": HONEST, "archive/Data.pkl": hostile_pickle(c), **{n: b for n, b in model().items() if "pkl" not in n}}),
        suffix=".pt",
        loader="",
    )
    yield carrier("torch-stray-member", G, "a member that no directory lists", lambda c: _stray(c), suffix=".pt", loader="")
    yield carrier(
        "torch-two-directories",
        G,
        "a second archive appended: two central directories",
        lambda c: zipped(model()) + saved(c),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-pickle-then-zip", G, "a pickle in front of an honest archive", lambda c: plain(c) + zipped(model()), suffix=".pkl", loader="pickle"
    )
    yield carrier(
        "torch-zip-then-pickle", G, "an archive, a pickle behind it", lambda c: zipped(model()) + plain(c), verdict=REVIEW, suffix=".pt", loader=""
    )
    yield carrier(
        "torch-comment",
        G,
        "a pickle in the comment of the archive",
        lambda c: _comment(zipped(model()), plain(c)),
        verdict=REVIEW,
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-extra-field", G, "a pickle in the extra field of a local header", lambda c: _extra(plain(c)), verdict="clean", suffix=".pt", loader=""
    )
    yield carrier("torch-size-lie", G, "a stored member whose packed size is zero", lambda c: _sizes(saved(c)), suffix=".pt", loader="")
    yield carrier(
        "torch-zip64-lie",
        G,
        "sizes by a zip64 field that the other header lacks",
        lambda c: _last(saved(c), struct.pack("<H", 0) + b"", b""),
        suffix=".pt",
        loader="torch",
    )


def _last(content: bytes, old_bytes: bytes, new_bytes: bytes) -> bytes:
    at = content.rindex(old_bytes)
    return content[:at] + new_bytes + content[at + len(old_bytes) :] if new_bytes else content


def _crc(content: bytes) -> bytes:
    at = content.index(b"PK\x01\x02")
    return patched(patched(content, 14, b"\1\2\3\4"), at + 16, b"\1\2\3\4")


def _sizes(content: bytes) -> bytes:
    return patched(content, content.index(b"PK\x01\x02") + 20, struct.pack("<L", 0))


def _twice(first: bytes, second: bytes) -> bytes:
    members = [("archive/data.pkl", first), ("archive/data.pkl", second), *((n, b) for n, b in model().items() if "pkl" not in n)]
    buffer = io.BytesIO()
    import warnings

    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def _stray(c: Call) -> bytes:
    hidden = zipped({"archive/data.pkl": hostile_pickle(c)})
    return hidden[: hidden.index(b"PK\x01\x02")] + zipped(model())


def _comment(content: bytes, comment: bytes) -> bytes:
    return content[:-2] + struct.pack("<H", len(comment)) + comment


def _extra(extra: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in model().items():
            info = zipfile.ZipInfo(name)
            info.extra = struct.pack("<HH", 0x4246, len(extra)) + extra
            archive.writestr(info, content)
    return buffer.getvalue()


def old_formats() -> Iterator[Sample]:
    honest, keys = stream(mapped(weight=old_tensor()), protocol=2), pickle.dumps(["0"], 2)
    hostile_pickle = lambda c: stream(mapped(weight=old_tensor(), hook=running(c)), protocol=2)
    yield carrier(
        "legacy-object",
        G,
        "legacy: a call in the object",
        lambda c: legacy(hostile_pickle(c), keys, tail=STORAGE),
        suffix=".pt",
        loader="torch",
        says="posix.system",
    )
    yield carrier(
        "legacy-first",
        G,
        "legacy: a call in front of the magic number",
        lambda c: (
            stream(running(c), b"0", b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", protocol=2)
            + legacy(pickle.dumps(1001, 2), pickle.dumps({}, 2), honest, keys, tail=STORAGE)
        ),
        suffix=".pt",
        loader="torch",
    )
    yield carrier(
        "legacy-computed-magic",
        G,
        "legacy: the magic number is the result of a call",
        lambda c: (
            stream(called("builtins", "int", text(str(MAGIC))), protocol=2)
            + legacy(pickle.dumps(1001, 2), pickle.dumps({}, 2), hostile_pickle(c), keys, tail=STORAGE)
        ),
        suffix=".pt",
        advisory="GHSA-97f8-7cmv-76j2",
        loader="",
    )
    yield carrier(
        "legacy-keys",
        G,
        "legacy: a call in the list of keys",
        lambda c: legacy(honest, stream(listed(text("0"), running(c)), protocol=2), tail=STORAGE),
        suffix=".pt",
        loader="torch",
    )
    yield carrier(
        "legacy-system-info",
        G,
        "legacy: a call in the third pickle",
        lambda c: legacy(stream(mapped(little_endian=b"\x88", x=running(c)), protocol=2), honest, keys, tail=STORAGE),
        suffix=".pt",
        loader="torch",
    )
    yield carrier(
        "legacy-module",
        G,
        "legacy: a class named by a persistent id",
        lambda c: legacy(
            stream(pack(text("module"), named("subprocess", "Popen"), text("x.py"), text("source")) + b"Q" + pack(text("echo")) + b"R", protocol=2),
            keys,
            tail=STORAGE,
        ),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "legacy-behind",
        G,
        "legacy: a pickle behind the storages",
        lambda c: legacy(honest, keys, tail=STORAGE + plain(c)),
        suffix=".pt",
        verdict=REVIEW,
        loader="",
    )
    yield carrier(
        "legacy-broken-keys", G, "legacy: the payload in a file without storages", lambda c: legacy(hostile_pickle(c)), suffix=".pt", loader="torch"
    )
    yield carrier(
        "legacy-as-pickle",
        G,
        "legacy: for pickle.load the first pickle is all",
        lambda c: stream(running(c), b"0", b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", protocol=2),
        suffix=".pkl",
        loader="pickle",
    )
    yield carrier(
        "legacy-persid-first",
        G,
        "legacy: the object's stream begins with PERSID",
        lambda c: legacy(b"P0\n0" + plain(c), keys),
        verdict=REVIEW,
        suffix=".pt",
        loader="",
    )
    members = {
        "sys_info": pickle.dumps({"little_endian": True}, 2),
        "tensors": pickle.dumps(0, 2),
        "storages": pickle.dumps(0, 2) + pickle.dumps([], 2),
    }
    yield carrier(
        "torch-tar",
        G,
        "the tar of before 0.1.10: a call in its pickle",
        lambda c: tarred({**members, "pickle": stream(running(c), protocol=2)}),
        suffix=".pt",
        loader="torch",
    )
    yield carrier(
        "torch-tar-sys-info",
        G,
        "the tar: a call in sys_info",
        lambda c: tarred({**members, "sys_info": stream(running(c), protocol=2), "pickle": stream(b"N", protocol=2)}),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-tar-storages",
        G,
        "the tar: a call in storages",
        lambda c: tarred({**members, "storages": stream(running(c), protocol=2), "pickle": stream(b"N", protocol=2)}),
        suffix=".pt",
        loader="torch",
    )
    yield carrier(
        "torch-tar-tensors",
        G,
        "the tar: a call in tensors",
        lambda c: tarred({**members, "tensors": stream(running(c), protocol=2), "pickle": stream(b"N", protocol=2)}),
        suffix=".pt",
        loader="torch",
    )


def tarred(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def beside() -> Iterator[Sample]:
    script = "class M(Module):\n  def forward(self, x):\n    {}\n    return x\n"
    yield carrier(
        "torch-constants",
        G,
        "a call in constants.pkl",
        lambda c: saved(c, **{"constants.pkl": stream(running(c), protocol=2)}),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-attributes",
        G,
        "a call in attributes.pkl",
        lambda c: zipped(model(**{"attributes.pkl": stream(running(c), protocol=2)})),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-other-pickle",
        G,
        "a second pickle with an odd name",
        lambda c: zipped(model(**{"extra/optimizer.bin": hostile_pickle(c)})),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-other-odd-name",
        G,
        "a member with a name that no scanner takes for a pickle",
        lambda c: zipped(model(**{"config.p": plain(c)})),
        suffix=".pt",
        advisory="CVE-2025-1889",
        loader="",
    )
    for id, code in {
        "save": 'torch.save([x], "/tmp/x")',
        "load": 'y = torch.load("/tmp/x")',
        "from-file": 'y = torch.from_file("/etc/passwd", False, 10)',
        "spaced": 'torch. save ([x], "/tmp/x")',
        "aten": 'ops.aten.save(x, "/tmp/x")',
        "image": 'ops.image.write_file("/tmp/x", x)',
    }.items():
        yield carrier(
            f"torchscript-{id}",
            G,
            f"TorchScript that reaches a file: {id}",
            lambda c, code=code: zipped(model(**{"constants.pkl": stream(b")", protocol=2), "code/__torch__.py": script.format(code).encode()})),
            verdict=REVIEW,
            suffix=".pt",
            loader="",
        )
    yield carrier(
        "torch-pt2",
        G,
        "a call in the sample inputs of an exported program",
        lambda c: zipped(
            {
                "m/archive_format": b"pt2",
                "m/archive_version": b"0",
                "m/models/model.json": b"{}",
                "m/data/sample_inputs/model.pt": saved(c),
                "m/data/weights/model.pt": zipped(model()),
            }
        ),
        suffix=".pt2",
        loader="",
    )
    yield carrier(
        "torch-package",
        G,
        "torch.package: code and pickles in an archive",
        lambda c: zipped(
            {"p/.data/version": b"6", "p/model/model.pkl": hostile_pickle(c), "p/.data/extern_modules": b"os\n", "p/acme/__init__.py": b"import os\n"}
        ),
        suffix=".pt",
        loader="",
    )
    yield carrier(
        "torch-mar",
        G,
        "an archive of TorchServe with a hostile model",
        lambda c: zipped({"MAR-INF/MANIFEST.json": b"{}", "model.pt": saved(c), "handler.py": b"print(1)\n"}),
        suffix=".mar",
        loader="",
    )
    yield carrier(
        "torch-nemo",
        G,
        "a NeMo archive with hostile weights",
        lambda c: tarred({"./model_config.yaml": b"a: 1\n", "./model_weights.ckpt": saved(c)}),
        suffix=".nemo",
        loader="",
    )
    yield carrier(
        "torch-7z",
        G,
        "a 7z archive named like a model",
        lambda c: b"7z\xbc\xaf'\x1c\x00\x04" + bytes(200),
        verdict=INCOMPLETE,
        suffix=".pt",
        advisory="nullifAI",
        loader="",
    )
    yield carrier("torch-gzipped", G, "a torch archive in gzip", lambda c: __import__("gzip").compress(saved(c)), suffix=".pt.gz", loader="")
    yield carrier(
        "torch-old-name",
        G,
        "data.pkl of protocol 0",
        lambda c: zipped(model(old("collections", "OrderedDict") + b")R" + put(0) + b"0" + plain(c))),
        suffix=".pt",
        loader="torch",
    )
