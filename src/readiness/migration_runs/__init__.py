"""What applies a migration history: the runs of CI, and the tests. Reads facts; rules on migrations read it."""
