"""Answers everything but submissions."""
