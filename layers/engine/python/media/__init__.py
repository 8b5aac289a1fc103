"""Uploaded images and videos: what is known of them, and where they lie. Stands on `publishing` alone."""
