"""Where pages are served; light to import, for every command's parser has it."""

from __future__ import annotations

import ipaddress

LOOPBACK = "127.0.0.1"


def is_loopback(host: str) -> bool:
    """True where nobody but this machine comes in."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own_names(host: str, port: int) -> frozenset[str]:
    """How a browser on this machine may call a loopback address, as ``Host`` has it."""
    names = {LOOPBACK, "localhost", "[::1]", f"[{host}]" if ":" in host else host}
    return frozenset(f"{name}:{port}" for name in names)
