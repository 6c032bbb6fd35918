"""What the files of a tree say of how a project is kept: the checks of OpenSSF Scorecard that need nothing else.

Names and risks are Scorecard's (https://github.com/ossf/scorecard/blob/main/docs/checks.md); the points are this
project's own where Scorecard asks a server. Belongs here: a check from paths and texts. Does not belong here: reading
a repository (`collectors/`), checks that need history or advisories (the mart).
"""
