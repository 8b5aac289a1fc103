"""Finds what was lost and sends it again."""
