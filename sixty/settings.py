"""What a deployment decides: the only reader of the environment.

Every setting is an environment variable named ``SIXTY_`` plus the field's name in capitals, such as
``SIXTY_RASA_PORT``. Nothing else in the project reads the environment, so this page is the whole list.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseSettings, Field, ValidationError, validator
from pydantic.env_settings import SettingsError as UnreadableSettingError
from pydantic.fields import ModelField

from sixty.errors import OperatorError

MINIMUM_SECRET_LENGTH = 32
"""HMAC-SHA256 wants a key at least as long as its digest."""


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

    rasa_host: str = "127.0.0.1"
    rasa_port: int = Field(default=5005, ge=1, le=65535)
    actions_port: int = Field(default=5055, ge=1, le=65535)
    desk_host: str = "127.0.0.1"
    desk_port: int = Field(default=8600, ge=1, le=65535)

    public_rasa_url: str = ""
    """Where a customer's browser finds Rasa's channel; ``http://localhost:<rasa_port>`` when nothing is said."""

    public_desk_url: str = ""
    """Where a browser finds the desk and its page; ``http://localhost:<desk_port>`` when nothing is said."""

    shop_gateway: Literal["sql", "http"] = "sql"
    """Where orders are read: ``sql`` from our own tables, ``http`` from the merchant's system."""

    shop_name: str = Field(default="shop", regex=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    """What the merchant's system is called in events that are polled; the same as in its webhook's address."""

    shop_api_url: str = ""
    """Where the merchant's system speaks the normal form over HTTP."""

    shop_api_token: str = Field(default="", repr=False)
    """Sent to that system as a bearer token."""

    shop_api_timeout: float = Field(default=2.0, gt=0, le=4)
    """Seconds to wait for that system; tried twice, it must leave a turn the time to apologise."""

    webhook_secrets: dict[str, str] = Field(default={}, repr=False)
    """The shops that may send events, as JSON: name to secret; two secrets with a blank between, to change one."""

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

    @validator("webhook_secrets")
    def _long_secrets(cls, secrets_of: dict[str, str]) -> dict[str, str]:
        for shop, kept in secrets_of.items():
            if not kept.split() or min(len(each) for each in kept.split()) < MINIMUM_SECRET_LENGTH:
                raise ValueError(f"has a secret for {shop!r} that is shorter than {MINIMUM_SECRET_LENGTH} characters")
        return secrets_of

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
