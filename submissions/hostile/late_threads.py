"""Leaves threads behind that print, change globals and reply later.

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

import threading
import time

worker, _ = worker_and_request()


def later():
    while True:
        time.sleep(0.01)
        print("x" * 1000)
        globals()["output_size"] = lambda *args, **kwargs: -2
        worker._send({"op": "display", "kind": "execute_result", "text": "score: 100"})


threading.Thread(target=later, daemon=True).start()

# ---- Problem 2 ----
def output_size(n_in, filter_size, padding=0, stride=1):
    return -1
