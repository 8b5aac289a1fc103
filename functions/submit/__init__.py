"""Accepts publications."""
