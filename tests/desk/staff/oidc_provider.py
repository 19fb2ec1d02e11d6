"""A small identity provider over real HTTP, with real keys, which can be told to misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT_ID = "sixty-desk"
CLIENT_SECRET = "the secret that only both of us know"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def rsa_key() -> Key:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def ec_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Provider:
    """Signs in whoever `claims` are.

    Attributes:
        key: Signs id tokens; `published` are the public halves that everybody finds, by key id.
        twist: Changes a token's claims before it is signed.
        header: Goes into its header.
        algorithm: Signs it.
        asked: The paths that were asked for.
        gone: Answers nothing but 503.
    """

    key: Key
    issuer: str = ""
    kid: str = "key-1"
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "li", "name": "小荔"})
    twist: Callable[[dict[str, Any]], None] = lambda claims: None
    metadata: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Key] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)
    gone: bool = False

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            **self.metadata,
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [_public(kid, key) for kid, key in (self.published or {self.kid: self.key}).items()]}

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent, with a code."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Gives a token for a code, once."""
        self.proofs.append(authorization)
        known = self.codes.pop(form.get("code", ""), None)
        if authorization != _basic():
            return 401, {"error": "invalid_client"}
        challenge = _challenge(form.get("code_verifier", ""))
        if known is None or known["code_challenge"] != challenge or known["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": known["nonce"],
            **self.claims,
        }
        self.twist(claims)
        signed = jwt.encode(claims, self.key, algorithm=self.algorithm, headers={"kid": self.kid})
        return 200, {"access_token": "of no use here", "token_type": "Bearer", "id_token": signed}


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """Serves a provider."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            provider.asked.append(address.path)
            if provider.gone:
                self._says(503, {"error": "gone"})
            elif address.path == "/.well-known/openid-configuration":
                self._says(200, provider.document())
            elif address.path == "/keys":
                self._says(200, provider.keys())
            elif address.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(address.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._says(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            provider.asked.append(self.path)
            form = {name: values[0] for name, values in parse_qs(body).items()}
            if provider.gone:
                self._says(503, {"error": "gone"})
            else:
                self._says(*provider.token(form, self.headers.get("Authorization", "")))

        def _says(self, status: int, answer: dict[str, Any]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *about: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def _basic() -> str:
    return "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _public(kid: str, key: Key) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
        return {**shown, "kid": kid, "use": "sig", "alg": "RS256"}
    shown = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return {**shown, "kid": kid, "use": "sig", "alg": "ES256"}
