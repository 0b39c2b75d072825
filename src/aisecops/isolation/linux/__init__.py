"""What the Linux kernel offers to confine a process, by its system calls: each module is one mechanism.

All of it is run by a fresh, single-threaded interpreter before it touches anything that is not to be trusted.
"""
