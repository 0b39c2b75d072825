"""The nearest evasion of a tree ensemble, proven: exact search over the boxes of its leaves."""
