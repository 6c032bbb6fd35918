"""Who has been told what, what is due to be told next, and the messages in the outbox.

Does not belong here: the rules of routing (`routing/`), sending (`delivery/`).
"""
