"""The system calls that numerical Python needs, by number.

Each reads ``name=number`` on x86-64, then ``/number`` on those that share the generic table (64-bit ARM, RISC-V); the older calls are x86's alone. What is not here does
not exist inside: ptrace, process_vm_*, mounts, keyrings, bpf, perf events, io_uring, userfaultfd, pidfd, execve, sockets, modules, clocks, owners and modes.
"""

from __future__ import annotations

from typing import Final

_PERMITTED: Final = """
# Files. What a path may lead to is the view's and Landlock's to say; owners, modes, times and attributes cannot be changed at all.
    read=0/63 write=1/64 readv=19/65 writev=20/66 pread64=17/67 pwrite64=18/68 preadv=295/69 pwritev=296/70 preadv2=327/286 pwritev2=328/287 open=2
    openat=257/56 openat2=437/437 creat=85 close=3/57 close_range=436/436 lseek=8/62 stat=4 lstat=6 fstat=5/80 newfstatat=262/79 statx=332/291
    access=21 faccessat=269/48 faccessat2=439/439 readlink=89 readlinkat=267/78 getdents=78 getdents64=217/61 getcwd=79/17 chdir=80/49 fchdir=81/50
    statfs=137/43 fstatfs=138/44 mkdir=83 mkdirat=258/34 rmdir=84 unlink=87 unlinkat=263/35 rename=82 renameat=264/38 renameat2=316/276 symlink=88
    symlinkat=266/36 truncate=76/45 ftruncate=77/46 fallocate=285/47 fsync=74/82 fdatasync=75/83 copy_file_range=326/285 sendfile=40/71 flock=73/32
    umask=95/166 fadvise64=221/223
# Descriptors that are there already, pipes and waiting. No socket can be made.
    dup=32/23 dup2=33 dup3=292/24 pipe=22 pipe2=293/59 eventfd2=290/19 poll=7 ppoll=271/73 select=23 pselect6=270/72 epoll_create1=291/20
    epoll_ctl=233/21 epoll_wait=232 epoll_pwait=281/22 recvfrom=45/207 recvmsg=47/212 sendto=44/206 sendmsg=46/211 shutdown=48/210 getsockopt=55/209
    getsockname=51/204 getpeername=52/205
# Memory. `mmap` is looked at more closely.
    mprotect=10/226 munmap=11/215 brk=12/214 mremap=25/216 madvise=28/233 mincore=27/232 msync=26/227 membarrier=324/283 mbind=237/235
    get_mempolicy=239/236 set_mempolicy=238/237 mlock=149/228 munlock=150/229
# Signals to oneself.
    rt_sigaction=13/134 rt_sigprocmask=14/135 rt_sigreturn=15/139 rt_sigpending=127/136 rt_sigsuspend=130/133 rt_sigtimedwait=128/137
    sigaltstack=131/132 pause=34 setitimer=38/103 getitimer=36/102 alarm=37 restart_syscall=219/128
# What a process may know of itself and the machine.
    getpid=39/172 gettid=186/178 getppid=110/173 getuid=102/174 geteuid=107/175 getgid=104/176 getegid=108/177 getgroups=115/158 getpgrp=111
    getpgid=121/155 getsid=124/156 getresuid=118/148 getresgid=120/150 getrlimit=97/163 getrusage=98/165 times=100/153 sysinfo=99/179 uname=63/160
    getcpu=309/168 getpriority=140/141 capget=125/90 sched_getaffinity=204/123 sched_getparam=143/121 sched_getscheduler=145/120
    sched_get_priority_max=146/125 sched_get_priority_min=147/126 sched_rr_get_interval=148/127 clock_gettime=228/113 clock_getres=229/114
    gettimeofday=96/169 time=201 getrandom=318/278
# Threads and their locks. `clone` is looked at more closely.
    sched_yield=24/124 clock_nanosleep=230/115 nanosleep=35/101 futex=202/98 futex_waitv=449/449 set_robust_list=273/99 set_tid_address=218/96
    rseq=334/293 arch_prctl=158 exit=60/93 exit_group=231/94 wait4=61/260 waitid=247/95
"""
_LOOKED_AT: Final = """
    mmap=9/222 clone=56/220 clone3=435/435 prctl=157/167 prlimit64=302/261 kill=62/129 tgkill=234/131 ioctl=16/29 fcntl=72/25
    sched_setaffinity=203/122
"""


def permitted(machine: str) -> tuple[int, ...]:
    """The numbers of the calls that are harmless whatever their arguments, on ``machine`` (as ``os.uname`` says)."""
    return tuple(_numbers(_PERMITTED, machine).values())


def looked_at(machine: str) -> dict[str, int]:
    """The calls whose arguments decide, by name."""
    return _numbers(_LOOKED_AT, machine)


def _numbers(table: str, machine: str) -> dict[str, int]:
    words = [word for line in table.splitlines() if not line.startswith("#") for word in line.split()]
    numbers: dict[str, int] = {}
    for word in words:
        name, _, both = word.partition("=")
        own, _, generic = both.partition("/")
        number = own if machine == "x86_64" else generic
        if number:
            numbers[name] = int(number)
    return numbers
