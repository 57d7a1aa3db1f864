"""Readers of source files: tree-sitter syntax to `readiness.source` modules, one file per language."""
