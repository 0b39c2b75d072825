"""Documents that people read and machines learn or answer from, as text with what a reader sees of it: nothing is executed, nothing is fetched."""
