"""What a hostile model tries, and that the suite sees it where a door is left open."""

from __future__ import annotations

import sys

import pytest

from aisecops.isolation.errors import WeakIsolation
from aisecops.isolation.escapes import Held, attempt_all
from aisecops.isolation.escapes.attempts import ATTEMPTS
from aisecops.isolation.quarantine import Quarantine
from aisecops.isolation.strength import Guarantee, Mechanism

linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's mechanisms")
NAMESPACES = ("user-namespace", "pid-namespace", "network-namespace", "ipc-namespace", "uts-namespace", "mount-view")


@pytest.fixture(scope="module")
def whole():
    """The strength of this machine; tests of what holds make no sense on one that cannot hold."""
    with Quarantine("aisecops.isolation.echo:serve", {}, allow_weak=True) as quarantine:
        if not quarantine.strength.sufficient:
            pytest.skip(f"isolation is weak here: {quarantine.strength.missing}")
        return quarantine.strength


def escaped(**settings):
    return {result.name for result in attempt_all(**settings) if result.verdict is Held.ESCAPED}


@linux
def test_nothing_gets_out(whole):
    results = list(attempt_all())
    assert {r.name: r.detail for r in results if r.verdict is not Held.HELD} == {}
    assert len(results) == len(ATTEMPTS)
    assert {r.guarantee for r in results} == set(Guarantee)


@linux
@pytest.mark.slow
def test_nothing_gets_out_where_there_are_no_namespaces(whole):
    """As in a container that forbids them."""
    assert [r for r in attempt_all(without=NAMESPACES) if r.verdict is not Held.HELD] == []


@linux
@pytest.mark.slow
def test_nothing_of_the_user_gets_out_where_there_is_no_landlock(whole):
    assert escaped(without=("landlock-files", "landlock-network", "landlock-scopes")) == set()


HOLES = [
    (("mount-view", "landlock-files"), {"read-file", "list-folder", "write-file", "follow-links", "read-system"}),
    (("mount-view", "landlock-files", "seccomp"), {"change-mode"}),
    (("seccomp", "network-namespace", "landlock-network", "landlock-scopes"), {"connect-tcp", "send-udp", "connect-abstract"}),
    (("seccomp", "mount-view", "landlock-files"), {"connect-unix", "run-programs"}),
    (("seccomp",), {"fork", "make-namespaces", "call-kernel", "use-keyring"}),
    (("seccomp", "pid-namespace", "landlock-scopes"), {"kill-process"}),
    (("user-namespace", "pid-namespace", "mount-view", "landlock-files", "landlock-scopes", "no-capabilities"), {"read-environments"}),
    (("resource-limits", "supervisor"), {"memory-bomb", "large-file", "spin"}),
    (("resource-limits", "supervisor", "mount-view"), {"many-files"}),
    (("seccomp", "supervisor"), {"shared-memory-bomb", "stack-memory-bomb", "memory-file-bomb"}),
]


@linux
@pytest.mark.slow
@pytest.mark.parametrize(("without", "out"), HOLES, ids=lambda value: "+".join(sorted(value)) if isinstance(value, tuple) else "")
def test_an_open_door_is_seen(whole, without, out):
    assert escaped(without=without, only=sorted(out)) == out


@linux
@pytest.mark.slow
@pytest.mark.parametrize(
    "without", [("seccomp",), ("landlock-files", "mount-view"), ("resource-limits",), ("seccomp", "pid-namespace"), ("supervisor",)], ids="+".join
)
def test_the_strength_promises_nothing_that_an_attempt_breaks(whole, without):
    """Whatever escapes belongs to a guarantee that the report calls broken."""
    with Quarantine("aisecops.isolation.echo:serve", {}, allow_weak=True, without=without) as quarantine:
        broken = set(quarantine.strength.broken)
    assert broken
    assert {ATTEMPTS[name].guarantee for name in escaped(without=without)} <= broken


@linux
def test_a_weak_machine_is_refused_before_anything_is_loaded(whole, tmp_path):
    with pytest.raises(WeakIsolation) as caught:
        Quarantine("served:serve", {"raise": "loaded"}, readable=[str(tmp_path)], without=[Mechanism.SECCOMP])
    assert "--allow-weak-isolation" in caught.value.fix
    assert "files" not in caught.value.what.split("(")[0]  # the view holds that
    assert "network, processes" in caught.value.what
    assert "seccomp: switched off" in caught.value.what
