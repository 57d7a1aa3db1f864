"""Reads what a repository says of its test coverage: settings, thresholds and checked-in results. Judges nothing."""
