"""Croissant (MLCommons, 1.0): what a JSON-LD document beside the data says of them, read as data, and written."""
