"""From a folder to assets: the manifest, discovery by content, and digests. Nothing here runs, imports or loads what it finds."""
