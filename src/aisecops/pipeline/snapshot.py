"""The tree as the last run has seen it, in one piece: what was known of each asset, and what that rested on.

The cache (``aisecops.pipeline.recall``) answers for one asset at a time, whatever run it comes from, and reads for that what each rests on: of a large tree, thousands
of names for each of thousands of files. A run that follows another on the same tree asks less: which assets differ from those of last time, and whose results rest on
one of them. By induction, what was true at the last run and rests on nothing that has changed since is true now.

Often what has changed in a file is nothing that others can see: a comment. Assets tell by their *shape* (``AssetFacts.shape``): the results of those that rest on an
asset's shape alone (``~`` in ``AssetFacts.depends``) hold as long as it stays the same, as in build systems with early cut-off (Mokhov, Mitchell and Peyton Jones,
*Build systems à la carte*, 2018). It is known once the asset was examined again, so such results are decided on afterwards.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from typing import NamedTuple

import msgspec

from aisecops.core.asset import Asset, AssetKind
from aisecops.core.decoding import UNDECODABLE
from aisecops.core.depends import BODIES, CONTENT, NAMES, SHAPE, Shape, sums_of
from aisecops.pipeline.engine import SUBJECT, TaskResult

MOST_ASSETS = 20_000
"""Assets of which there is a snapshot: all of it is held in memory, and written anew after each run that has changed something."""
_ABSENT = "-"
_DAY = 86_400
_encoder = msgspec.msgpack.Encoder(order="deterministic")


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """What all steps said of one asset with this digest and size. ``steps`` stands for which steps these were (``Keys.all_steps``).

    ``content`` and ``shapes``: the assets (places in ``Snapshot.names``) on whose content and shape it rests; ``kinds``: the kinds of which it rests on every asset;
    ``bodies``: the sums of the bodies of functions that matter of the latter. ``names``: whether it rests on which source files there are.
    """

    digest: str
    size: int
    steps: bytes
    said: tuple[TaskResult, ...] = ()
    content: bytes = b""
    shapes: bytes = b""
    bodies: bytes = b""
    kinds: tuple[str, ...] = ()
    names: bool = False

    @property
    def shape(self) -> bytes:
        """What others can see of the asset; empty if that is all of it."""
        return next((result.facts.shape for result in self.said if result.check == SUBJECT and result.facts), b"")


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """``names`` and ``digests`` of all assets of the run, and of those that were looked for and not there; what is known of most of them, by id."""

    day: int = 0
    names: list[str] = []
    digests: list[str] = []
    entries: dict[str, Entry] = {}

    @staticmethod
    def decoded(data: bytes) -> Snapshot:
        """Return what ``encoded`` has written today; an empty one for anything else: once a day, all that is still needed is looked up where it is kept for longer."""
        try:
            snapshot = msgspec.msgpack.decode(data, type=Snapshot)
        except (*UNDECODABLE, TypeError):
            return Snapshot()
        return snapshot if snapshot.day == _today() else Snapshot()

    def encoded(self) -> bytes:
        """Return it as the cache keeps it."""
        return _encoder.encode(self)


class Hold(Enum):
    """Whether what was known of an asset still holds."""

    YES = auto()
    NO = auto()
    PERHAPS = auto()
    """If what it rests on has kept its shape."""


class Visible(NamedTuple):
    """What others can see of a change: the assets (places) of which any part may have changed, those of which bodies of functions have, and the sums of these."""

    wholly: set[int]
    partly: set[int]
    bodies: set[int]


class Comparison:
    """A snapshot beside the assets of this run; and the snapshot that this run will leave."""

    def __init__(self, before: Snapshot, assets: Sequence[Asset]) -> None:
        self._before = before
        now = {asset.id: asset.digest for asset in assets}
        known = set(before.names)
        self._names = before.names + [name for name in now if name not in known]
        self._places = {name: place for place, name in enumerate(self._names)}
        self._digests = [now.get(name, _ABSENT) for name in self._names]
        then = before.digests + [_ABSENT] * (len(self._names) - len(before.names))
        self._changed = {place for place, (old, new) in enumerate(zip(then, self._digests, strict=True)) if old != new}
        self._kinds = {self._names[place].partition(":")[0] for place in self._changed}
        source = AssetKind.SOURCE_FILE.value + ":"
        self._others = any(self._names[place].startswith(source) and _ABSENT in (then[place], self._digests[place]) for place in self._changed)
        """Whether a source file has come or gone."""
        self._entries: dict[str, Entry] = {}
        self._grown = bool(self._changed)

    def hold(self, asset: Asset, steps: bytes) -> Hold:
        """Whether what was known of ``asset`` still holds, as far as can be told before anything was examined."""
        entry = self._before.entries.get(asset.id)
        if entry is None or (entry.digest, entry.size, entry.steps) != (asset.digest, asset.size, steps):
            return Hold.NO
        if not self._changed:
            return Hold.YES
        if (entry.names and self._others) or not self._kinds.isdisjoint(entry.kinds) or _touches(entry.content, self._changed):
            return Hold.NO
        return Hold.PERHAPS if _touches(entry.shapes, self._changed) else Hold.YES

    def outlines(self) -> Iterator[tuple[str, bytes]]:
        """Yield what assets that are as they were have left for those who read them."""
        digests = dict(zip(self._names, self._digests, strict=True))
        for name, entry in self._before.entries.items():
            if entry.digest == digests.get(name):
                yield from ((name, result.facts.outline) for result in entry.said if result.facts and result.facts.outline)

    def visible(self) -> Visible:
        """What looks different to others than last time, once the assets that have changed were examined again."""
        wholly, bodies = set[int](), set[int]()
        for place in self._changed:
            before, now = self._before.entries.get(self._names[place]), self._entries.get(self._names[place])
            changed = Shape.decoded(now.shape).changed(Shape.decoded(before.shape)) if now and before and now.shape and before.shape else None
            if changed is None:
                wholly.add(place)
            else:
                bodies |= changed
        partly = self._changed - wholly if bodies else set[int]()
        return Visible(wholly, partly, bodies)

    def rests_on(self, asset: Asset, changed: Visible) -> bool:
        """Whether what was known of ``asset`` rests on something of it."""
        entry = self._before.entries[asset.id]
        if _touches(entry.shapes, changed.wholly):
            return True
        return _touches(entry.shapes, changed.partly) and _touches(entry.bodies, changed.bodies)

    def take_over(self, asset: Asset) -> tuple[TaskResult, ...]:
        """What was known of ``asset`` holds: return what it says."""
        entry = self._entries[asset.id] = self._before.entries[asset.id]
        return entry.said

    def add(self, asset: Asset, steps: bytes, said: Sequence[TaskResult]) -> None:
        """All steps of ``asset`` are done, and ``said`` is what they found."""
        if any(result.attachments for result in said):
            return  # files, which somebody may remove
        depends = [word for result in said for word in (*(result.facts.depends if result.facts else ()), *result.depends)]
        said = tuple(result for result in map(_without_depends, said) if not result.silent)
        shapes = [word[1:] for word in depends if word[:1] == SHAPE]
        told = b"".join(_encoder.encode(result) for result in said if not _only_facts(result)) if shapes else b""
        content = [word[1:] for word in depends if word[:1] == CONTENT]
        if told:  # where something stands in another file is part of what it says
            content += [name for name in shapes if name.partition(":")[2].encode("utf-8", "backslashreplace") in told]
        self._grown = True
        self._entries[asset.id] = Entry(
            asset.digest,
            asset.size,
            steps,
            said,
            self._placed(content),
            self._placed(shapes),
            b"".join([sums_of(word) for word in depends if word[:1] == BODIES]),
            tuple(word[1:] for word in depends if word[:1] == "#"),
            any(word[:1] == NAMES for word in depends),
        )

    def _placed(self, names: Iterable[str]) -> bytes:
        places = []
        for name in names:
            if (place := self._places.get(name)) is None:
                place = self._places[name] = len(self._names)
                self._names.append(name)
                self._digests.append(_ABSENT)
            places.append(place)
        return array("I", places).tobytes()

    def after(self) -> Snapshot | None:
        """Return the snapshot that this run leaves; None if it is the one that was there."""
        if not self._grown or len(self._entries) > MOST_ASSETS:
            return None
        return Snapshot(_today(), self._names, self._digests, self._entries)


def _touches(places: bytes, some: set[int]) -> bool:
    return bool(places) and not some.isdisjoint(array("I", places))


def _only_facts(result: TaskResult) -> bool:
    return not (result.weaknesses or result.readings or result.not_examined)


def _without_depends(result: TaskResult) -> TaskResult:
    facts = msgspec.structs.replace(result.facts, depends=()) if result.facts and result.facts.depends else result.facts
    return msgspec.structs.replace(result, facts=facts, depends=(), stamp=b"", settled=0)


def _today() -> int:
    return int(time.time()) // _DAY
