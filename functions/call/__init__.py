"""Calls strangers."""
