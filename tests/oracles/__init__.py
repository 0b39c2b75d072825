"""Models are tiny here: threads would cost more than they save, above all where several tests share a machine. Said before any library starts its own."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
