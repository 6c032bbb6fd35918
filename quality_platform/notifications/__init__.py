"""Words to people: rendering a `Message` and handing it over. One file per format, one per channel.

Belongs here: formats, plots, channels, the guarded outgoing request. Does not belong here: when something is
said and to whom, retries and the outbox (`alerting/`), or what a report contains (`reports/`).
"""
