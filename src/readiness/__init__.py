"""Audits a backend repository for production readiness: facts, rules, verdicts, score, report."""

__version__ = "0.1.0"
