"""A university's login, as OpenID Connect lays it down: discovery, keys, a code, a signed token."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "hand-in", "what only the two know"


@dataclass
class University:
    """Who has logged in, and what its tokens claim besides; a test may let it lie."""

    issuer: str
    claims: dict[str, Any] = field(default_factory=dict)
    signs_with: RSAKey | None = None  # another key than the one that it publishes
    asked: dict[str, dict[str, str]] = field(default_factory=dict)  # by code
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k"}))

    def answer(self, path: str, given: dict[str, str], authorization: str) -> Any:
        """What is told at an address; a string is another address."""
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }  # fmt: skip
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        if path == "/authorize":
            code = secrets.token_urlsafe(8)
            self.asked[code] = given
            back = urlencode({"code": code, "state": given["state"]})
            return f"{given['redirect_uri']}?{back}"
        assert path == "/token", path
        asked = self.asked.pop(given["code"])
        known = base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "%20").encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        assert authorization in (f"Basic {known}", f"Basic {plain}")
        proof = hashlib.sha256(given["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(proof).decode().rstrip("=") == asked["code_challenge"]
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "1", "aud": CLIENT, "iat": now, "exp": now + 60,
            "nonce": asked["nonce"], **self.claims,
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "k"}, claims, self.signs_with or self.key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": token}


@contextmanager
def university() -> Iterator[University]:
    """It, at work on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(parse_qs(urlsplit(self.path).query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._say(parse_qs(body.decode()))

        def _say(self, given: dict[str, list[str]]) -> None:
            told = found.answer(
                urlsplit(self.path).path, {k: v[0] for k, v in given.items()},
                self.headers.get("Authorization", ""),
            )  # fmt: skip
            self.send_response(302 if isinstance(told, str) else 200)
            if isinstance(told, str):
                self.send_header("Location", told)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"" if isinstance(told, str) else json.dumps(told).encode())

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = University(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
