"""Running what must not be trusted: a quarantined process without network, with limits and one writable folder."""
