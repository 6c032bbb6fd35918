"""Renderers: a `Message` in, text of one format out. Pure; nothing here sends or draws."""
