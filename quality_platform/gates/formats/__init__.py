"""Verdicts for those who read them: pull requests, CI servers, code scanners. Does not belong here: judging."""
