"""Writes report.schema.json. Run after a change to `readiness.report`."""

from readiness.schema import FILE, generate

FILE.write_text(generate(), encoding="utf-8", newline="\n")
