"""The scanners that the audit runs (Bandit, Semgrep, detect-secrets), each behind functions of ours. Judges nothing."""
