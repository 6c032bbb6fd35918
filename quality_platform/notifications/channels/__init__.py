"""Senders, one module per channel type: `build` makes a `Sender` from its configuration, `send` delivers once.

Belongs here: a channel's protocol and how it says yes or no. Does not belong here: how a message looks
(`formats/`), whether and when it is tried again (`alerting/`). A sender is a closure, so that its `repr` shows no
secret.
"""
