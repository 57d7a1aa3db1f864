"""Reads migration histories: which files they are, in what order, and whether that order is sound."""
