"""Reports: one file per output format, each a function from the run record to bytes."""
