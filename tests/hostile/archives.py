"""Archives: innocent names, nesting, escapes, bombs, and files that are two things at once."""

# ruff: noqa: A001, E501, E731, RUF100 (one sample, one line; `id` is what it is)

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

from tests.hostile.assembler import Call, plain, running, stream
from tests.hostile.sample import INCOMPLETE, REVIEW, Sample, carrier
from tests.hostile.torch_files import saved, tarred, zipped

G = "archives"
NOTES = b"These are the weights of the model. Nothing to see here.\n" * 40
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def samples() -> Iterator[Sample]:
    yield from wrapped()
    yield from nested()
    yield from escapes()
    yield from bombs()
    yield from polyglots()
    yield from odd_zips()
    yield from odd_tars()


def wrapped() -> Iterator[Sample]:
    for name in (
        "model.pkl",
        "notes.txt",
        "weights.bin",
        "picture.jpg",
        "data",
        "config.json",
        "a/b/c/d.npy",
        ".hidden",
        "trailing.",
        "weights.safetensors",
        "README.md",
        "__pycache__/x.pyc",
    ):
        slug = name.strip(".").replace("/", "-").replace(".", "-")
        yield carrier(
            f"zip-{slug}",
            G,
            f"a pickle called {name} in a zip",
            lambda c, n=name: zipped({"readme.txt": NOTES, n: plain(c)}, zipfile.ZIP_DEFLATED),
            suffix=".zip",
            loader="archive",
        )
        yield carrier(
            f"tar-{slug}",
            G,
            f"a pickle called {name} in a tar",
            lambda c, n=name: tarred({"readme.txt": NOTES, n: plain(c)}),
            suffix=".tar",
            loader="archive",
        )
    yield carrier("zip-torch", G, "a torch archive in a zip", lambda c: zipped({"model.pt": saved(c)}), suffix=".zip", loader="")
    yield carrier(
        "zip-unknown-class",
        G,
        "a pickle for review in a zip",
        lambda c: zipped({"a": b"\x80\x02cacme.nets\nModel\n)\x81."}),
        suffix=".zip",
        verdict=REVIEW,
        loader="",
    )


def nested() -> Iterator[Sample]:
    def layers(content: bytes, *packers: object) -> bytes:
        for pack_up in packers:
            content = pack_up(content)  # type: ignore[operator]
        return content

    in_zip = lambda b: zipped({"inner": b}, zipfile.ZIP_DEFLATED)
    in_tar = lambda b: tarred({"inner": b})
    chains = {
        "zip-zip": (in_zip, in_zip), "zip-zip-zip": (in_zip, in_zip, in_zip), "tar-gz": (in_tar, gzip.compress), "tar-bz2": (in_tar, bz2.compress), "tar-xz": (in_tar, lzma.compress),
        "gz-gz-gz": (gzip.compress, gzip.compress, gzip.compress), "zip-tar-zip": (in_zip, in_tar, in_zip), "tar-tar": (in_tar, in_tar), "xz-zip": (lzma.compress, in_zip), "zlib-tar": (zlib.compress, in_tar),
        "lzma-zip-gz": (lambda b: lzma.compress(b, lzma.FORMAT_ALONE), in_zip, gzip.compress), "deep": (in_zip,) * 7,
    }  # fmt: skip
    for id, packers in chains.items():
        yield carrier(f"nested-{id}", G, f"nested: {id}", lambda c, p=packers: layers(plain(c), *p), suffix=".dat", loader="")
    yield carrier(
        "nested-too-deep", G, "nested forty times", lambda c: layers(plain(c), *[in_zip] * 40), suffix=".zip", verdict=INCOMPLETE, loader=""
    )


def escapes() -> Iterator[Sample]:
    for id, name in {
        "parent": "../../evil.sh",
        "absolute": "/etc/cron.d/evil",
        "windows": "..\\..\\evil.bat",
        "drive": "C:\\evil.bat",
        "deep": "a/b/../../../evil",
        "dots": "./../evil",
    }.items():
        yield carrier(f"slip-zip-{id}", G, f"a zip that unpacks to {name}", lambda c, n=name: zipped({n: b"echo\n"}), suffix=".zip", loader="")
        yield carrier(f"slip-tar-{id}", G, f"a tar that unpacks to {name}", lambda c, n=name: tarred({n: b"echo\n"}), suffix=".tar", loader="")
    links = {
        "symlink": (tarfile.SYMTYPE, "/etc/passwd"),
        "hardlink": (tarfile.LNKTYPE, "../../etc/passwd"),
        "up": (tarfile.SYMTYPE, "../.."),
        "device": (tarfile.CHRTYPE, ""),
        "fifo": (tarfile.FIFOTYPE, ""),
    }
    for id, (kind, target) in links.items():
        yield carrier(f"slip-tar-{id}", G, f"a tar with a {id}", lambda c, k=kind, t=target: _link(k, t), suffix=".tar", loader="")
    yield carrier("slip-zip-symlink", G, "a zip with a link out of it", lambda c: _zip_link("../../etc/passwd"), suffix=".zip", loader="")
    yield carrier(
        "slip-npz",
        G,
        "an npz whose member leaves the folder",
        lambda c: zipped({"../a.npy": b"\x93NUMPY\x01\x00\x46\x00{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }            \n\x00"}),
        suffix=".npz",
        loader="",
    )


def _link(kind: bytes, target: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("weights")
        info.type, info.linkname = kind, target
        archive.addfile(info)
    return buffer.getvalue()


def _zip_link(target: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("weights")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, target)
    return buffer.getvalue()


def bombs() -> Iterator[Sample]:
    zeros = bytes(40 << 20)
    yield carrier(
        "bomb-gzip",
        G,
        "gzip in gzip: a payload, then 40 MiB of nothing out of a few hundred bytes",
        lambda c: gzip.compress(gzip.compress(plain(c)) + gzip.compress(zeros, 9)),
        suffix=".gz",
        loader="",
    )
    yield carrier("bomb-xz", G, "xz of 40 MiB of zeros", lambda c: lzma.compress(zeros), verdict=INCOMPLETE, suffix=".pkl.xz", loader="")
    yield carrier(
        "bomb-zip",
        G,
        "a zip member of 40 MiB of opcodes out of 40 kB, payload behind",
        lambda c: zipped({"a.pkl": b"\x80\x04" + b"N0" * (10 << 19) + running(c) + b"."}, zipfile.ZIP_DEFLATED),
        suffix=".zip",
        loader="",
    )
    yield carrier("bomb-overlap", G, "members that overlap", lambda c: _overlapping(), verdict=INCOMPLETE, suffix=".zip", loader="")
    yield carrier(
        "bomb-members",
        G,
        "twenty thousand members, the payload in the last",
        lambda c: zipped({**{f"{i}": b"x" for i in range(20_000)}, "last": plain(c)}),
        suffix=".zip",
        loader="",
    )


def _overlapping() -> bytes:
    content = zipped({"a": zlib.compress(bytes(5000)), "b": b"y"})
    second = content.rindex(b"PK\x01\x02")
    return content[: second + 42] + struct.pack("<L", 0) + content[second + 46 :]


def polyglots() -> Iterator[Sample]:
    inner = lambda c: zipped({"a.pkl": plain(c)})
    yield carrier("poly-text-zip", G, "text in front of a zip", lambda c: NOTES + inner(c), suffix=".txt", loader="archive")
    yield carrier(
        "poly-text-zip-as-zip",
        G,
        "text in front of a zip, named .zip: pandas opens it",
        lambda c: NOTES + zipped({"only": plain(c)}),
        suffix=".zip",
        loader="pandas",
    )
    yield carrier("poly-long-text-zip", G, "a megabyte of text in front of a zip", lambda c: NOTES * 500 + inner(c), suffix=".txt", loader="archive")
    yield carrier("poly-picture-zip", G, "a picture in front of a zip", lambda c: PICTURE + inner(c), suffix=".png", loader="archive")
    yield carrier(
        "poly-picture-zip-in-zip", G, "the same in a zip", lambda c: zipped({"cat.png": PICTURE + inner(c)}), suffix=".zip", loader="archive"
    )
    yield carrier(
        "poly-picture-zip-in-packed-zip",
        G,
        "the same in a compressed zip",
        lambda c: zipped({"cat.png": PICTURE + inner(c)}, zipfile.ZIP_DEFLATED),
        suffix=".zip",
        loader="archive",
    )
    yield carrier(
        "poly-picture-zip-in-tar", G, "the same in a tar", lambda c: tarred({"cat.png": PICTURE + inner(c)}), suffix=".tar", loader="archive"
    )
    yield carrier(
        "poly-pickle-zip", G, "an honest pickle in front of a hostile zip", lambda c: stream(b"N") + inner(c), suffix=".pkl", loader="archive"
    )
    yield carrier(
        "poly-zip-comment", G, "a zip with a long comment behind it", lambda c: _comment(inner(c), b"c" * 60_000), suffix=".zip", loader="archive"
    )
    yield carrier(
        "poly-safetensors-zip",
        G,
        "safetensors in front of a zip",
        lambda c: struct.pack("<Q", 2) + b"{}" + inner(c),
        suffix=".safetensors",
        loader="archive",
    )
    yield carrier(
        "poly-gguf-pickle",
        G,
        "GGUF, which is BINFLOAT for an unpickler",
        lambda c: b"GGUF\3\0\0\0\0" + b"0" + plain(c),
        suffix=".gguf",
        loader="pickle",
    )
    yield carrier(
        "poly-picture-pickle",
        G,
        "a picture's first bytes are opcodes: GIF89a is BINFLOAT",
        lambda c: b"GIF89a\1\0\1" + b"0" + plain(c),
        suffix=".gif",
        loader="pickle",
    )
    yield carrier(
        "poly-bitmap-pickle",
        G,
        "BM, a bitmap, is BINBYTES",
        lambda c: b"BM" + bytes([3, 0, 0]) + b"x" * (0x34D + 0) + b"0" + plain(c),
        suffix=".bmp",
        loader="",
    )
    yield carrier("poly-tar-pickle", G, "a tar header that is a string for an unpickler", lambda c: _tar_pickle(c), suffix=".tar", loader="pickle")
    yield carrier(
        "poly-hdf-user-block",
        G,
        "HDF5 behind a pickle",
        lambda c: plain(c).ljust(512, b"\0") + b"\x89HDF\r\n\x1a\n" + bytes(100),
        suffix=".h5",
        loader="pickle",
    )
    yield carrier(
        "poly-script-pickle",
        G,
        "a pickle with the shape of a configuration",
        lambda c: b"I1\n0S'[settings]'\n0" + plain(c),
        suffix=".cfg",
        loader="pickle",
    )
    yield carrier("poly-json", G, "a pickle called config.json", plain, suffix=".json", loader="pickle")
    yield carrier("poly-csv", G, "a pickle called data.csv", plain, suffix=".csv", loader="pickle")
    yield carrier("poly-python", G, "a pickle called model.py", plain, suffix=".py", loader="pickle")
    yield carrier("poly-lfs", G, "a Git LFS pointer in front of a zip", lambda c: _POINTER + inner(c), suffix=".zip", loader="archive")
    yield carrier(
        "poly-dvc", G, "a pickle that reads as a DVC pointer", lambda c: plain(c) + b"\nouts:\n- path: not-there\n", suffix=".dvc", loader=""
    )


_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"


def _comment(content: bytes, comment: bytes) -> bytes:
    return content[:-2] + struct.pack("<H", len(comment)) + comment


def _tar_pickle(c: Call) -> bytes:
    body = b"0" + plain(c)
    info = tarfile.TarInfo("X" + struct.pack("<I", 507).decode("latin-1").rstrip("\0"))
    info.size = len(body)
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[:5] = b"X" + struct.pack("<I", 507)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + body.ljust(512, b"\0") + bytes(1024)


def odd_zips() -> Iterator[Sample]:
    yield carrier(
        "zip-lazy-deflate",
        G,
        "a nested zip whose first bytes come out of the compressor late",
        lambda c: _deflated_late(zipped({"a": plain(c)}), 2),
        suffix=".zip",
        loader="",
    )
    yield carrier(
        "zip-lazy-tar",
        G,
        "a nested tar whose first bytes come out late",
        lambda c: _deflated_late(tarred({"a": plain(c)}), 100),
        suffix=".zip",
        loader="",
    )
    yield carrier(
        "zip-no-directory",
        G,
        "a zip without a central directory",
        lambda c: (z := zipped({"a.pkl": plain(c)}))[: z.index(b"PK\x01\x02")],
        suffix=".zip",
        loader="",
    )
    yield carrier(
        "zip-broken-directory",
        G,
        "a central directory with a broken signature",
        lambda c: zipped({"a.pkl": plain(c)}).replace(b"PK\x01\x02", b"PK\x01\x09"),
        suffix=".zip",
        loader="",
    )
    yield carrier(
        "zip-encrypted", G, "an encrypted member", lambda c: _encrypted(zipped({"a.pkl": plain(c)})), verdict=INCOMPLETE, suffix=".zip", loader=""
    )
    yield carrier(
        "zip-method",
        G,
        "a member compressed by a method that we lack",
        lambda c: _method(zipped({"a.pkl": plain(c)}), 93),
        verdict=INCOMPLETE,
        suffix=".zip",
        loader="",
    )
    yield carrier("zip-descriptor", G, "streamed members with data descriptors", lambda c: _streamed(plain(c)), suffix=".zip", loader="archive")
    yield carrier(
        "zip-offset-shift",
        G,
        "bytes in front, offsets not corrected",
        lambda c: b"#!/bin/sh\nexit\n" + zipped({"a.pkl": plain(c)}),
        suffix=".zip",
        loader="archive",
    )
    yield carrier(
        "zip-directory-pickle",
        G,
        "a member whose name ends like a folder's, with content",
        lambda c: zipped({"folder/": plain(c)}),
        suffix=".zip",
        loader="",
    )
    yield carrier(
        "zip-nul-name",
        G,
        "a NUL in a member's name",
        lambda c: zipped({"a.txtXpkl": plain(c)}).replace(b"a.txtX", b"a.txt\0"),
        suffix=".zip",
        loader="",
    )
    yield carrier(
        "zip-keras-pickle",
        G,
        "a Keras archive with a pickle in it",
        lambda c: zipped({"config.json": b"{}", "metadata.json": b"{}", "assets/tokenizer": plain(c)}),
        suffix=".keras",
        loader="",
    )
    yield carrier(
        "zip-skops",
        G,
        "a skops archive with a pickle in it",
        lambda c: zipped({"schema.json": b"{}", "140.npy": plain(c)}),
        suffix=".skops",
        loader="",
    )


def _deflated_late(content: bytes, first: int) -> bytes:
    """``content`` deflated so that ``first`` bytes come out of the first 8 kB and more of the compressed data."""
    empty = b"\x00\x00\x00\xff\xff"
    stored = lambda b, last=0: bytes([last]) + struct.pack("<HH", len(b), 0xFFFF ^ len(b)) + b
    rest = content[first:]
    body = stored(content[:first]) + empty * 4000 + b"".join(stored(rest[i : i + 60_000]) for i in range(0, len(rest), 60_000)) + stored(b"", 1)
    outer = zipped({"inner": content})
    name, crc = b"inner", zlib.crc32(content)
    sizes = struct.pack("<LLL", crc, len(body), len(content))
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 0x21) + sizes + struct.pack("<HH", len(name), 0) + name + body
    central = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0x21) + sizes + struct.pack("<HHHHHLL", len(name), 0, 0, 0, 0, 0, 0) + name
    assert outer
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local), 0)


def _encrypted(content: bytes) -> bytes:
    at = content.index(b"PK\x01\x02")
    content = content[:6] + b"\x01\x00" + content[8:]
    return content[: at + 8] + b"\x01\x00" + content[at + 10 :]


def _method(content: bytes, method: int) -> bytes:
    at = content.index(b"PK\x01\x02")
    content = content[:8] + struct.pack("<H", method) + content[10:]
    return content[: at + 10] + struct.pack("<H", method) + content[at + 12 :]


class _Stream(io.RawIOBase):
    """A file that cannot be sought: zipfile writes data descriptors into it."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.content += bytes(data)
        return len(data)


def _streamed(content: bytes) -> bytes:
    target = _Stream()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("a.pkl", content)
        archive.writestr("b.txt", NOTES)
    return target.content


def odd_tars() -> Iterator[Sample]:
    yield carrier("tar-long-name", G, "a GNU long name", lambda c: tarred({"d/" * 90 + "a": plain(c)}), suffix=".tar", loader="archive")
    yield carrier("tar-v7", G, "the oldest format, without a magic number", lambda c: _v7(plain(c)), suffix=".dat", loader="archive")
    yield carrier("tar-contiguous", G, "a contiguous file", lambda c: _typed(b"7", plain(c)), suffix=".tar", loader="archive")
    yield carrier(
        "tar-unknown-type", G, "a type that nobody knows, which readers unpack as a file", lambda c: _typed(b"Z", plain(c)), suffix=".tar", loader=""
    )
    yield carrier("tar-no-end", G, "no end mark", lambda c: tarred({"a": plain(c)}).rstrip(b"\0") + bytes(300), suffix=".tar", loader="")
    yield carrier(
        "tar-behind-end",
        G,
        "a second archive behind the end mark",
        lambda c: tarred({"a": NOTES}) + tarred({"b": plain(c)}),
        suffix=".tar",
        loader="",
    )
    yield carrier("tar-pax-size", G, "pax says another size than the header", lambda c: _pax(plain(c)), suffix=".tar", loader="archive")
    yield carrier("tar-link-data", G, "a hard link with data behind it", lambda c: _typed(b"1", plain(c)), verdict=REVIEW, suffix=".tar", loader="")
    yield carrier("tar-sparse", G, "a sparse member", lambda c: _typed(b"S", plain(c)), verdict=INCOMPLETE, suffix=".tar", loader="")
    yield carrier("tar-global-path", G, "a global pax header renames what follows", lambda c: _global(plain(c)), suffix=".tar", loader="")


def _v7(content: bytes) -> bytes:
    archive = bytearray(_typed(b"\0", content))
    archive[257:512] = bytes(255)
    archive[148:156] = b" " * 8
    archive[148:156] = b"%06o\0 " % sum(archive[:512])
    return bytes(archive)


def _typed(kind: bytes, content: bytes) -> bytes:
    info = tarfile.TarInfo("weights")
    info.size = len(content)
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[156:157] = kind
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + content.ljust(-(-len(content) // 512) * 512, b"\0") + bytes(1024)


def _pax(content: bytes) -> bytes:
    record = f"size={len(content)}\n"
    line = f"{len(record) + 3} {record}".encode()
    header = tarfile.TarInfo("pax")
    header.size, header.type = len(line), tarfile.XHDTYPE
    info = tarfile.TarInfo("weights")
    info.size = 0
    return (
        header.tobuf(tarfile.USTAR_FORMAT)
        + line.ljust(512, b"\0")
        + info.tobuf(tarfile.USTAR_FORMAT)
        + content.ljust(-(-len(content) // 512) * 512, b"\0")
        + bytes(1024)
    )


def _global(content: bytes) -> bytes:
    line = b"22 path=../../evil.sh\n"
    header = tarfile.TarInfo("pax")
    header.size, header.type = len(line), tarfile.XGLTYPE
    return header.tobuf(tarfile.USTAR_FORMAT) + line.ljust(512, b"\0") + tarred({"a": content})
