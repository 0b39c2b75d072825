"""What a verb does, one file each: the Python API. The command line and the server call these."""
