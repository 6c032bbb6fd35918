"""Renderers, one module per format: a `Message` in, text or JSON of that format out.

Belongs here: a format's markup, escaping and limits. Does not belong here: sending (`channels/`), drawing
(`plots/`), or what must go from text whatever the format (`plain.py`).
"""
