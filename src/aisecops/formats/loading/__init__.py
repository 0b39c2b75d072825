"""What loading a file would do: the walked streams, judged by the table of callables, for every loader that would take the file."""
