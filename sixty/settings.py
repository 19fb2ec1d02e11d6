"""What a deployment decides: the only reader of the environment.

Every setting is an environment variable named ``SIXTY_`` plus the field's name in capitals, such as
``SIXTY_RASA_PORT``. Nothing else in the project reads the environment, so this page is the whole list.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseSettings, Field, ValidationError, validator
from pydantic.env_settings import SettingsError as UnreadableSettingError
from pydantic.fields import ModelField

from sixty.errors import OperatorError
from sixty.identity.api_keys import LOCAL
from sixty.identity.merchant_keys import read_merchant_keys

MINIMUM_SECRET_LENGTH = 32
"""HMAC-SHA256 wants a key at least as long as its digest."""

_ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")
_FACTORY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
_API_KEY_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class SettingsError(OperatorError):
    """A setting is missing or wrong. The message names the variable."""


def project_root() -> Path:
    """The folder that holds ``pyproject.toml``, or the current one when the package is installed apart from it."""
    beside_the_package = Path(__file__).resolve().parent.parent
    if (beside_the_package / "pyproject.toml").is_file():
        return beside_the_package
    return Path.cwd()


class Settings(BaseSettings):
    """The settings of this deployment; see :func:`get_settings`."""

    environment: Literal["development", "production"] = "development"
    """``production`` refuses to start without a secret of its own and never plays the demo shop's customers."""

    var: Path = Path("var")
    """Where what the running bot writes is kept. Relative to the project, as every path here."""

    playbook: Path = Path("playbook")
    """The merchant's files."""

    model: Path = Path("models/sixty.tar.gz")
    """The trained model that ``sixty up`` starts."""

    endpoints: Path = Path("endpoints.yml")
    credentials: Path = Path("credentials.yml")
    """Rasa's files, where another pair shall be used."""

    database_url: str = ""
    """The shop's database; ``sixty.db`` in the ``var`` folder when nothing is said."""

    secret: str = Field(default="", repr=False)
    """Signs who a customer is. In development one is made once and kept in ``var/secret``."""

    demo: bool = None  # type: ignore[assignment]  # decided by the environment
    """Whether the demo page may choose which demo customer it is. Only in development."""

    control_share: float = Field(default=None, ge=0, le=0.5)
    """The share of conversations in which the bot offers nothing by itself, so that it can be seen what offering does.
    0.05 in production, else 0."""

    rasa_host: str = "127.0.0.1"
    rasa_port: int = Field(default=5005, ge=1, le=65535)
    actions_port: int = Field(default=5055, ge=1, le=65535)
    desk_host: str = "127.0.0.1"
    desk_port: int = Field(default=8600, ge=1, le=65535)

    worker_port: int = Field(default=5056, ge=1, le=65535)
    """Where ``sixty worker`` tells, on this machine, that it is alive."""

    outreach: bool = True
    """Whether the bot speaks first; without it the worker does everything else."""

    public_rasa_url: str = ""
    """Where a customer's browser finds Rasa's channel; ``http://localhost:<rasa_port>`` when nothing is said."""

    public_desk_url: str = ""
    """Where a browser finds the desk and its page; ``http://localhost:<desk_port>`` when nothing is said."""

    shop_gateway: Literal["sql", "http"] = "sql"
    """Where orders are read: ``sql`` from our own tables, ``http`` from the merchant's system."""

    shop_name: str = Field(default="shop", regex=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    """What the merchant's system is called in events that are polled; the same as in its webhook's address."""

    shop_title: str = Field(default="六拾优选", min_length=1, max_length=32)
    """What people call the shop; the workbench shows it."""

    shop_api_url: str = ""
    """Where the merchant's system speaks the normal form over HTTP."""

    shop_api_token: str = Field(default="", repr=False)
    """Sent to that system as a bearer token."""

    shop_api_timeout: float = Field(default=2.0, gt=0, le=4)
    """Seconds to wait for that system; tried twice, it must leave a turn the time to apologise."""

    webhook_secrets: dict[str, str] = Field(default={}, repr=False)
    """The shops that may send events, as JSON: name to secret; two secrets with a blank between, to change one."""

    sms_provider: str = "outbox"
    """Who carries SMS: ``outbox`` sends nothing and keeps what it would have sent; else ``package.module:factory``,
    a function without arguments that makes one; see docs/outreach.md."""

    sms_secrets: dict[str, str] = Field(default={}, repr=False)
    """The SMS providers that may report what was delivered and answered, as JSON: name to secret; two secrets with a
    blank between, to change one."""

    merchant_keys: dict[str, str] = Field(default={}, repr=False)
    """The keys with which the merchant's site signs who its customer is, as JSON: key id (``kid``) to shared secret
    (HS256) or to public RSA key in PEM form (RS256). Several count at once, so that one can be replaced."""

    api_keys: dict[str, str] = Field(default={}, repr=False)
    """The servers that may speak for customers over the api channel, as JSON: name to secret; two secrets with a
    blank between, to change one. In development there is ``local`` besides, for the project's own tools."""

    api_reply_urls: dict[str, str] = {}
    """Where what the bot says over the api channel is posted to, as JSON: name of the key to address."""

    proxies: int = Field(default=0, ge=0, le=9)
    """How many proxies of your own stand before Rasa. Each must add to ``X-Forwarded-For``; limits count by address."""

    widget_origins: str = ""
    """The sites whose pages may show the chat, with blanks between: ``https://shop.example https://*.shop.example``.
    The desk's own pages always may, others never."""

    redis_url: str = ""
    """Lets several Rasa servers share their web sockets: ``redis://…``. One server needs none."""

    ledger_keep_days: int = Field(default=1095, ge=0)
    """How long what was said is kept; three years, as long as the law wants records of a trade. 0 keeps it for ever."""

    ledger_personal_days: int = Field(default=180, ge=0)
    """After how long phones, addresses and the like are masked in it for good, and Rasa forgets the conversation.
    0 for never."""

    ledger_event_days: int = Field(default=180, ge=0)
    """How long is kept what was understood and done at each step, and what the outbox has sent. 0 for ever."""

    oidc_issuer: str = ""
    """Where the people of the desk may sign in: an OpenID Connect provider's issuer, as in its discovery document."""

    oidc_client_id: str = ""
    """What that provider calls this desk. To be registered there: ``<public_desk_url>/api/desk/oidc/back``."""

    oidc_client_secret: str = Field(default="", repr=False)
    """What it knows this desk by; none for a public client, which PKCE protects alone."""

    oidc_label: str = Field(default="公司账号", min_length=1, max_length=32)
    """What the button on the sign-in page calls it."""

    oidc_scopes: str = "openid profile email"
    """What is asked for."""

    oidc_login_claim: str = "preferred_username"
    """The claim that says somebody's login; of an address, what stands in front of the one allowed domain."""

    oidc_name_claim: str = "name"
    """The claim that says what colleagues and customers read."""

    oidc_domains: str = ""
    """Only who has a verified address of one of these domains, with blanks between, may sign in there."""

    oidc_accounts: Literal["linked", "by_login", "create"] = "by_login"
    """For whom there is an account: ``linked`` who was linked before, ``by_login`` also who has the login of an account
    that is linked to nobody, ``create`` everybody, made at the first sign-in."""

    oidc_role_claim: str = ""
    """The claim that says what somebody may do, at every sign-in. Without it the desk decides; newcomers are agents."""

    oidc_roles: dict[str, Literal["agent", "supervisor", "trainer", "admin"]] = {}
    """What it means, as JSON: value to role. The first one that somebody has counts; who has none is refused."""

    oidc_groups_claim: str = ""
    """The claim that says for which groups of ``routing.yml`` somebody answers."""

    oidc_groups: dict[str, str] = {}
    """What it means, as JSON: value to group."""

    password_sign_in: bool = True
    """Whether the people of the desk may also sign in by login and password."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"
    log_format: Literal["text", "json"] = "text"

    class Config:
        """How pydantic reads them."""

        env_prefix = "SIXTY_"
        validate_all = True
        allow_mutation = False

    @validator("var", "playbook", "model", "endpoints", "credentials")
    def _inside_the_project(cls, path: Path) -> Path:
        return project_root() / path

    @validator("database_url")
    def _a_database(cls, url: str, values: dict[str, Any]) -> str:
        if not url:
            return f"sqlite:///{values['var'] / 'sixty.db'}" if "var" in values else url
        scheme, separator, path = url.partition(":///")
        if separator and scheme.startswith("sqlite") and path and not path.startswith((":", "file:")):
            return f"{scheme}:///{project_root() / path}"
        return url

    @validator("public_rasa_url", "public_desk_url")
    def _a_public_address(cls, url: str, values: dict[str, Any], field: ModelField) -> str:
        own_port = values.get("rasa_port" if field.name == "public_rasa_url" else "desk_port")
        return url.rstrip("/") or f"http://localhost:{own_port}"

    @validator("secret")
    def _a_secret(cls, secret: str, values: dict[str, Any]) -> str:
        if secret:
            if len(secret) < MINIMUM_SECRET_LENGTH:
                raise ValueError(f"is too short; give it at least {MINIMUM_SECRET_LENGTH} random characters")
            return secret
        if values.get("environment") == "production":
            raise ValueError(
                "is missing, and production needs one that is its own: "
                'python -c "import secrets; print(secrets.token_urlsafe(48))" makes one'
            )
        if "var" not in values or "environment" not in values:
            return secret  # Another setting is wrong already; its error is the one to show.
        return _kept_secret(values["var"] / "secret")

    @validator("shop_api_url")
    def _a_shop_address(cls, url: str, values: dict[str, Any]) -> str:
        if not url and values.get("shop_gateway") == "http":
            raise ValueError("is missing: SIXTY_SHOP_GATEWAY=http needs the address of the merchant's system")
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// or http://")
        return url.rstrip("/")

    @validator("shop_api_token")
    def _a_shop_token(cls, token: str, values: dict[str, Any]) -> str:
        if values.get("shop_api_url") and not token:
            raise ValueError("is missing: the merchant's system must know that it is us who ask")
        return token

    @validator("sms_provider")
    def _a_provider(cls, chosen: str) -> str:
        if chosen != "outbox" and not _FACTORY.fullmatch(chosen):
            raise ValueError(f"is {chosen!r}, which is neither outbox nor a path such as my_shop.sms:provider")
        return chosen

    @validator("webhook_secrets", "sms_secrets")
    def _long_secrets(cls, secrets_of: dict[str, str]) -> dict[str, str]:
        for name, kept in secrets_of.items():
            if not kept.split() or min(len(each) for each in kept.split()) < MINIMUM_SECRET_LENGTH:
                raise ValueError(f"has a secret for {name!r} that is shorter than {MINIMUM_SECRET_LENGTH} characters")
        return secrets_of

    @validator("merchant_keys")
    def _usable_keys(cls, keys: dict[str, str]) -> dict[str, str]:
        read_merchant_keys(keys)
        return keys

    @validator("api_keys")
    def _names_and_secrets(cls, secrets_of: dict[str, str]) -> dict[str, str]:
        for name, kept in secrets_of.items():
            if not _API_KEY_NAME.fullmatch(name) or name == LOCAL:
                raise ValueError(f"has a name that cannot be: {name!r}; 1 to 32 of a-z, 0-9, hyphen, and not {LOCAL!r}")
            if not kept.split() or min(len(each) for each in kept.split()) < MINIMUM_SECRET_LENGTH:
                raise ValueError(f"has a secret for {name!r} that is shorter than {MINIMUM_SECRET_LENGTH} characters")
        return secrets_of

    @validator("api_reply_urls")
    def _reply_addresses(cls, urls: dict[str, str], values: dict[str, Any]) -> dict[str, str]:
        for name, url in urls.items():
            if "api_keys" in values and name not in values["api_keys"]:
                raise ValueError(f"names {name!r}, which is no key of SIXTY_API_KEYS")
            if not url.startswith(("https://", "http://")):
                raise ValueError(f"has an address for {name!r} that does not begin with https:// or http://")
        return urls

    @validator("widget_origins")
    def _sites(cls, origins: str) -> str:
        for origin in origins.split():
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"has {origin!r}, which is no site: https://shop.example, with a port where there is one "
                    "and *. in front for all below, without a path"
                )
        return " ".join(origins.split())

    @validator("oidc_issuer")
    def _an_issuer(cls, issuer: str) -> str:
        address = urlsplit(issuer)
        local = address.scheme == "http" and address.hostname in ("localhost", "127.0.0.1", "::1")
        if (issuer and not ((address.scheme == "https" or local) and address.hostname)) or address.query:
            raise ValueError("must be an address that begins with https:// and has no question mark")
        return issuer

    @validator("oidc_client_id")
    def _a_client_of_it(cls, client_id: str, values: dict[str, Any]) -> str:
        if values.get("oidc_issuer") and not client_id:
            raise ValueError("is missing: the provider of SIXTY_OIDC_ISSUER must know who asks")
        return client_id

    @validator("oidc_scopes")
    def _with_openid(cls, scopes: str) -> str:
        if "openid" not in scopes.split():
            raise ValueError("must have openid among them, or there is no id token")
        return scopes

    @validator("oidc_domains")
    def _domains(cls, domains: str) -> str:
        for each in domains.split():
            if "@" in each or "." not in each:
                raise ValueError(f"has {each!r}, which is no domain such as shop.example")
        return " ".join(domains.lower().split())

    @validator("oidc_roles")
    def _of_the_claim(cls, roles: dict[str, str], values: dict[str, Any]) -> dict[str, str]:
        if values.get("oidc_role_claim") and not roles:
            raise ValueError('is missing: say what SIXTY_OIDC_ROLE_CLAIM means, such as {"desk-agents": "agent"}')
        return roles

    @validator("password_sign_in")
    def _some_way_in(cls, allowed: bool, values: dict[str, Any]) -> bool:
        if not allowed and not values.get("oidc_issuer"):
            raise ValueError("leaves nobody a way in: give SIXTY_OIDC_ISSUER first")
        return allowed

    @validator("redis_url")
    def _a_redis(cls, url: str) -> str:
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis:// or rediss://")
        return url

    @validator("control_share", pre=True)
    def _a_control_group_in_production(cls, share: Any, values: dict[str, Any]) -> Any:
        in_production = values.get("environment") == "production"
        return (0.05 if in_production else 0.0) if share is None else share

    @validator("demo", pre=True)
    def _a_demo_by_default(cls, demo: Any, values: dict[str, Any]) -> Any:
        return values.get("environment") == "development" if demo is None else demo

    @validator("demo")
    def _no_demo_in_production(cls, demo: bool, values: dict[str, Any]) -> bool:
        if demo and values.get("environment") == "production":
            raise ValueError("lets anybody be any customer, so production cannot have it: leave it out")
        return demo

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads the environment now.

        Raises:
            SettingsError: Something is missing or wrong.
        """
        try:
            return cls()
        except ValidationError as error:
            first = error.errors()[0]
            name = f"SIXTY_{str(first['loc'][0]).upper()}"
            raise SettingsError(f"{name} {first['msg']}") from None
        except UnreadableSettingError as error:
            name = str(error).rpartition('"')[0].rpartition('"')[2].upper().removeprefix("SIXTY_")
            raise SettingsError(f"SIXTY_{name} is no JSON, such as " + '{"shop": "a secret"}') from None
        except OSError as error:
            raise SettingsError(f"SIXTY_VAR is not a folder that can be written: {error}") from None


def _kept_secret(path: Path) -> str:
    """The secret in that file, made when it is not there. Several processes starting at once agree on one."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes the file readable by its owner only; the link makes the whole content appear at once or, when
    # another process was faster, fails.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    return path.read_text(encoding="ascii").strip()


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once. Tests that change the environment call ``get_settings.cache_clear()``.

    Raises:
        SettingsError: Something is missing or wrong.
    """
    return Settings.from_environment()
