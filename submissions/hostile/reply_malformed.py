"""Answers the right request with values of the wrong types everywhere.

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


# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    import numpy as np

    worker, header = worker_and_request()
    worker._send(
        {"op": "reply", "id": header.get("id"), "outcomes": [None, 3, {"error": [1]}, {"error": {"line": "x"}}],
         "found": [[["ret", {}, 1e400], ["kind"]]], "error": "\ud800", "notes": {"a": 1}},
        [np.zeros((0, 3))],
    )
    return -1
