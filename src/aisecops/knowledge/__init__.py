"""What we know, as versioned data, not code: taxonomies, callables that loaders may call, policies."""
