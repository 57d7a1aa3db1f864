"""Facts: typed, frozen answers about the target, one module per kind of source."""
