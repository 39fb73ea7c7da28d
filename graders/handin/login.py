"""The university's login by OpenID Connect: whom its server says to be who, if they are in the roster."""

from __future__ import annotations

from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from graders.errors import GraderError
from graders.handin.settings import Provider
from graders.messages import M

BACK = "/login/back"
_NAME = "university"
_SECONDS = 600  # between here and there
_PATIENCE = 15  # seconds until the login answers


class Login:
    """A login elsewhere. `address`: ours, as students reach it."""

    def __init__(self, provider: Provider, address: str) -> None:
        self._provider, self._address = provider, address
        clients: Any = OAuth()  # Authlib has no annotations
        clients.register(
            _NAME, client_id=provider.client_id, client_secret=provider.secret,
            server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256",
                           "timeout": _PATIENCE},
        )  # fmt: skip
        self._client: Any = clients.create_client(_NAME)

    def behind(self, app: ASGIApp, key: str, secure: bool) -> ASGIApp:
        """The application with the cookie in which it is kept what was asked for there."""
        return SessionMiddleware(
            app, key, session_cookie="scratchgrade-login", max_age=_SECONDS, https_only=secure
        )

    async def begin(self, request: Request) -> Response:
        """To the login's own page.

        Raises:
            GraderError: it is not there.
        """
        try:
            answer: Response = await self._client.authorize_redirect(request, self._address + BACK)
        except (httpx2.HTTPError, ValueError, KeyError, RuntimeError) as error:
            raise GraderError(_AWAY) from error
        return answer

    async def name(self, request: Request) -> str:
        """Who came back from there, by the claim that the roster is looked up by; "" for who may not be believed.

        Raises:
            GraderError: the login is not there.
        """
        options = {
            "iss": {"essential": True, "values": [self._provider.issuer]},
            "aud": {"essential": True, "values": [self._provider.client_id]},
        }
        try:
            token = await self._client.authorize_access_token(request, claims_options=options)
        except (OAuthError, JoseError):
            return ""
        except (httpx2.HTTPError, ValueError, KeyError, RuntimeError) as error:
            raise GraderError(_AWAY) from error
        claims = token.get("userinfo") or {}
        if self._provider.claim == "email" and claims.get("email_verified") is False:
            return ""
        told = claims.get(self._provider.claim)
        return told if isinstance(told, str) else ""


_AWAY = M("the login can't be reached; come again in a while")
