"""Models behind an address: the client, the two protocols, and how large a batch may be."""
