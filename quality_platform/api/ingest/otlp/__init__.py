"""OpenTelemetry over HTTP: metrics, traces and logs, in protobuf and JSON (OTLP 1.x).

OTLP gives a request no id. A client that got no answer sends the same bytes again, so the hash of the bytes is the
identity, and the drain stores one identity once in the days that it remembers. Two requests with different instants
in them are never the same bytes.

Belongs here: what OTLP means. Does not belong here: other protocols' protobuf (`protobuf.py` beside this folder).
"""
