"""The engine of many machines: tasks mapped over a Ray cluster (``--engine ray``).

Four processes in a row, so that nothing of Ray (threads, signal handlers, prints) gets into the command, and nothing of a check into Ray: the command
(``engine``) starts an interpreter that talks to the cluster (``driver``); a Ray worker on some node (``node``) keeps a fresh interpreter (``bench``) that forks
and watches the workers that checks run in, with the same limits and the same words as on one machine.
"""
