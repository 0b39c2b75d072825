"""One adapter for each framework: from a loaded model, or the file that it is in, to a ``Model``. Each imports its framework late."""
