"""Reads prose files into sections. Judges none of them."""
