"""Time series as pictures (SVG for pages and print, PNG for mail) and as words.

Belongs here: how a `Plot` looks and what is said about it. Does not belong here: where it stands in a message
(`formats/`, `reports/`). Nothing that users wrote enters a picture: title, unit and the words of marks are set
as text beside it.
"""
