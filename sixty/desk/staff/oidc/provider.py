"""The identity provider, over HTTP: where to send people, and who it says has come back.

Nothing is asked of it before somebody signs in, so that a desk starts while it is down. What it says of itself and its
keys is kept for some minutes; a key that is not among them is looked for anew, because providers change theirs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken

from sixty.desk.staff.oidc.begun import Begun
from sixty.desk.staff.oidc.troubles import OidcError

ALGORITHMS = ("RS256", "ES256")
"""What id tokens may be signed with; what a token itself says of it counts only within these."""

KEPT_FOR = timedelta(minutes=5)
WITHIN_SECONDS = 5.0
LEEWAY = timedelta(seconds=60)
"""By how much the provider's clock may be off."""

_DISCOVERY = "/.well-known/openid-configuration"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class IdentityProvider:
    """One provider, as it describes itself.

    Args:
        issuer: Its issuer identifier, below which its discovery document lies.
        client_id: What it calls this desk.
        client_secret: What it knows this desk by; empty for a public client.
        scopes: What is asked for, with blanks between.
        back_to: The desk's own address to which it sends people back.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        scopes: str,
        back_to: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = scopes
        self._back_to = back_to
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    @property
    def issuer(self) -> str:
        """Its issuer identifier."""
        return self._issuer

    def address(self, begun: Begun) -> str:
        """Where to send somebody who wants to sign in.

        Raises:
            OidcError: The provider does not answer, or not as one does.
        """
        session = self._session(self._metadata())
        url, _ = session.create_authorization_url(
            self._metadata()["authorization_endpoint"],
            state=begun.state,
            code_verifier=begun.verifier,
            nonce=begun.nonce,
        )
        return str(url)

    def claims_for(self, code: str, begun: Begun, now: datetime) -> Mapping[str, Any]:
        """Who has come back with a code.

        Args:
            code: What the provider gave the browser.
            begun: The sign-in that it belongs to.
            now: The present moment.

        Returns:
            The claims of the id token, which is this provider's, for this desk, for this sign-in, and in time.

        Raises:
            OidcError: The provider does not answer, refuses the code, or what it says cannot be trusted.
        """
        metadata = self._metadata()
        try:
            answer = self._session(metadata).fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=begun.verifier,
                timeout=WITHIN_SECONDS,
                allow_redirects=False,
            )
        except OAuthError as error:
            raise OidcError("invalid", f"the token endpoint refuses the code: {error.error}") from None
        except requests.RequestException as error:
            raise OidcError("down", f"the token endpoint does not answer: {type(error).__name__}") from None
        except ValueError:
            raise OidcError("invalid", "the token endpoint answers with something else than a JSON object") from None
        raw = answer.get("id_token")
        if not isinstance(raw, str):
            raise OidcError("invalid", "the token endpoint gives no id_token; openid must be among the scopes")
        return self._checked(raw, str(answer.get("access_token") or ""), begun, now)

    def _checked(self, raw: str, access_token: str, begun: Begun, now: datetime) -> Mapping[str, Any]:
        """The claims of an id token, once all is well with it (OpenID Connect Core, 3.1.3.7)."""
        try:
            header = jwt.get_unverified_header(raw)
            verified = jwt.decode(
                raw,
                self._key(header.get("kid")),
                algorithms=list(ALGORITHMS),
                audience=self._client_id,
                issuer=self._issuer,
                # Times are compared below, with the moment that was passed in.
                options={
                    "require": ["iss", "sub", "aud", "exp", "iat"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            params = {"nonce": begun.nonce, "client_id": self._client_id, "access_token": access_token}
            claims = CodeIDToken(verified, header, None, params)
            claims.validate(now=int(now.timestamp()), leeway=int(LEEWAY.total_seconds()))
        except OidcError:
            raise
        except Exception as error:  # Two libraries, each with errors of its own: whatever it is, nobody is let in.
            raise OidcError("invalid", f"the id_token is not to be trusted: {type(error).__name__}: {error}") from None
        return dict(claims)

    def _key(self, kid: Any) -> jwt.PyJWK:
        for fresh in (False, True):
            document = self._document(str(self._metadata()["jwks_uri"]), fresh=fresh)
            keys = jwt.PyJWKSet.from_dict(dict(document)).keys
            fitting = [each for each in keys if each.key_id == kid] if kid is not None else keys
            if len(fitting) == 1:
                return fitting[0]
        raise OidcError("invalid", "the id_token is signed with a key that the provider does not publish")

    def _metadata(self) -> Mapping[str, Any]:
        found = self._document(self._issuer.rstrip("/") + _DISCOVERY)
        if found.get("issuer") != self._issuer:
            raise OidcError("invalid", f"the discovery document is of another issuer: {str(found.get('issuer'))[:100]}")
        for name in _NEEDED:
            if not _safe(str(found.get(name) or ""), self._issuer):
                raise OidcError("invalid", f"the discovery document has no {name} that can be used")
        return found

    def _document(self, url: str, fresh: bool = False) -> Mapping[str, Any]:
        now = self._clock()
        with self._lock:
            kept = self._kept.get(url)
        if kept is not None and not fresh and now - kept[0] < KEPT_FOR.total_seconds():
            return kept[1]
        try:
            answer = requests.get(url, timeout=WITHIN_SECONDS, headers={"Accept": "application/json"})
            answer.raise_for_status()
            document = answer.json()
        except requests.JSONDecodeError:
            raise OidcError("invalid", f"{url} is no JSON") from None
        except requests.RequestException as error:
            raise OidcError("down", f"{url} does not answer: {type(error).__name__}") from None
        if not isinstance(document, dict):
            raise OidcError("invalid", f"{url} is no JSON object")
        with self._lock:
            self._kept[url] = now, document
        return document

    def _session(self, metadata: Mapping[str, Any]) -> OAuth2Session:
        return OAuth2Session(
            self._client_id,
            self._client_secret or None,
            token_endpoint_auth_method=self._way_to_prove_itself(metadata),
            scope=self._scopes,
            redirect_uri=self._back_to,
            code_challenge_method="S256",
        )

    def _way_to_prove_itself(self, metadata: Mapping[str, Any]) -> str:
        if not self._client_secret:
            return "none"
        # What a provider that says nothing of it accepts: OpenID Connect Discovery, 3.
        ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"


def _safe(url: str, issuer: str) -> bool:
    """Whether codes and secrets may be sent there: over TLS, or to this machine if the issuer is there, too."""
    address = urlsplit(url)
    if address.scheme == "https" and address.hostname:
        return True
    local = urlsplit(issuer)
    return address.scheme == "http" and address.hostname in _LOCAL and local.hostname in _LOCAL
