"""Sends thousands of replies with guessed nonces before any call is made.

Stopped from level: limits.
"""
import json
import os
import struct
import sys


def worker_and_request():
    """The worker and the request that it serves, from the stack."""
    frame, worker, header = sys._getframe(), None, {}
    while frame is not None:
        worker = frame.f_locals.get("self") if "Worker" in str(type(frame.f_locals.get("self"))) else worker
        header = frame.f_locals.get("header", header)
        frame = frame.f_back
    return worker, header


worker, _ = worker_and_request()
for guess in range(3000):
    worker._send({"op": "reply", "id": "%032x" % guess, "outcomes": [{}], "found": []})

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
