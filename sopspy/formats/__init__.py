"""File formats: texts to documents of leaves with spans, and back. One module each, none imports another's."""
