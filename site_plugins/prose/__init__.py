"""Ordinary pages: Markdown beside the documents, the guide, and files that could not be read at all."""
