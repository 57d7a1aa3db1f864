"""Report formats, one module each. They know `readiness.model` and the report, nothing of facts."""
