"""Takes uploads of images and videos, looks at them, and makes fitting copies."""
