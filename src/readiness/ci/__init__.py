"""Follows CI definitions to the tools that they run. Judges nothing."""
