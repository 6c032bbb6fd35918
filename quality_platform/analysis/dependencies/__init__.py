"""What a project says that it needs: manifests and lock files, read and never run.

Does not belong here: whether a version is vulnerable or old, which no file of the project says.
"""
