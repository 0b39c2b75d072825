"""The filter of system calls: right numbers, and right decisions, by running its program on calls that a test makes up."""

from __future__ import annotations

import errno
import os
import re

import pytest

from aisecops.isolation.linux import syscalls
from aisecops.isolation.linux.seccomp import filter_program

ALLOW, KILL, REFUSE, MISSING = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", r"#define __NR_(\w+) (\d+)"),
    "aarch64": ("/usr/include/asm-generic/unistd.h", r"#define __NR(?:3264)?_(\w+) (\d+)"),
}


def decide(program, number, *arguments, architecture):
    """Run the program as the kernel would."""
    words = {0: number, 4: architecture} | {16 + 8 * index: value & 0xFFFFFFFF for index, value in enumerate((*arguments, *[0] * 6)[:6])}
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, constant = program[at]
        at += 1
        match code:
            case 0x20:
                accumulator = words[constant]
            case 0x15:
                at += if_true if accumulator == constant else if_false
            case 0x45:
                at += if_true if accumulator & constant else if_false
            case 0x06:
                return constant


@pytest.fixture(params=ARCHITECTURES)
def judge(request):
    """What the filter says to a call by name."""
    machine = request.param
    numbers = syscalls._numbers(syscalls._PERMITTED + syscalls._LOOKED_AT, machine)
    program = filter_program(machine, 42, own_pids=False)
    return lambda name, *arguments: decide(program, numbers[name], *arguments, architecture=ARCHITECTURES[machine])


@pytest.mark.parametrize(
    ("name", "arguments", "verdict"),
    [
        ("read", (), ALLOW),
        ("futex", (), ALLOW),
        ("clone", (0x3D0F00,), ALLOW),  # what glibc passes for a thread
        ("clone", (0x1200011,), REFUSE),  # what it passes for a fork
        ("clone", (0x10000 | 0x10000000,), REFUSE),
        ("clone3", (), MISSING),
        ("mmap", (0, 0, 0, 0x22), ALLOW),
        ("mmap", (0, 0, 0, 0x01), ALLOW),
        ("mmap", (0, 0, 0, 0x21), REFUSE),
        ("mmap", (0, 0, 0, 0x23), REFUSE),
        ("mmap", (0, 0, 0, 0x122), REFUSE),
        ("kill", (42, 9), ALLOW),
        ("kill", (0, 9), REFUSE),
        ("kill", (-1, 9), REFUSE),
        ("kill", (1, 9), REFUSE),
        ("tgkill", (42, 43, 6), ALLOW),
        ("tgkill", (41, 43, 6), REFUSE),
        ("prlimit64", (0, 2), ALLOW),
        ("prlimit64", (41, 2), REFUSE),
        ("fcntl", (3, 1030), ALLOW),
        ("fcntl", (3, 8), REFUSE),
        ("fcntl", (3, 15), REFUSE),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), REFUSE),  # TIOCSTI: type into the terminal that we run in
        ("prctl", (15,), ALLOW),
        ("prctl", (22,), REFUSE),
        ("sched_setaffinity", (0,), REFUSE),
    ],
)
def test_what_is_permitted(judge, name, arguments, verdict):
    assert judge(name, *arguments) == verdict


def test_another_architecture_ends_the_process():
    """The 32-bit calls of x86 have other numbers: what is `read` here would be `exit` or `fork` there."""
    program = filter_program("x86_64", 42, own_pids=True)
    assert decide(program, 0, architecture=0x40000003) == KILL
    assert decide(program, 0 | 0x40000000, architecture=ARCHITECTURES["x86_64"]) == REFUSE  # x32


def test_all_that_is_not_listed_is_refused():
    for machine, architecture in ARCHITECTURES.items():
        program = filter_program(machine, 42, own_pids=True)
        listed = {*syscalls.permitted(machine), *syscalls.looked_at(machine).values()}
        refused = {number for number in range(600) if decide(program, number, architecture=architecture) == REFUSE}
        assert refused >= set(range(600)) - listed


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_those_of_the_kernel(machine):
    path, pattern = HEADERS[machine]
    if not os.path.exists(path):
        pytest.skip("no kernel headers")
    with open(path) as file:
        kernel = {name: int(number) for name, number in re.findall(pattern, file.read())}
    kernel["newfstatat"] = kernel.get("newfstatat", kernel.get("fstatat"))
    numbers = syscalls._numbers(syscalls._PERMITTED + syscalls._LOOKED_AT, machine)
    assert {name: kernel.get(name) for name in numbers} == numbers
