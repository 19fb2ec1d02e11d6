"""Which provider carries SMS is a setting, and one that cannot be had is refused at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from sixty.outreach.contacts import OutboxProvider, Sms
from sixty.outreach.sms_providers import sms_provider
from sixty.outreach.ticking import ticker_of
from sixty.settings import Settings, SettingsError
from sixty.worker.running import run

HERE = "tests.outreach.test_sms_providers"


class Carrier:
    """A provider as somebody may write one."""

    name = "carrier"
    knows_keys = False

    def send(self, sms: Sms) -> str:
        return f"no {sms.key}"


def carrier() -> Carrier:
    return Carrier()


def nameless() -> object:
    return object()


def the_outbox_again() -> OutboxProvider:
    return OutboxProvider()


def undecided() -> Carrier:
    made = Carrier()
    made.knows_keys = None  # type: ignore[assignment]
    return made


def speechless() -> Carrier:
    made = Carrier()
    made.send = None  # type: ignore[assignment, method-assign]
    return made


def unlucky() -> Carrier:
    raise OSError("no key")


def settings(folder: Path, chosen: str) -> Settings:
    return Settings(secret="k" * 40, var=folder, database_url=f"sqlite:///{folder / 'shop.db'}", sms_provider=chosen)


def test_the_outbox_by_default(tmp_path: Path) -> None:
    chosen = Settings(secret="k" * 40, var=tmp_path)
    assert isinstance(ticker_of(chosen).provider, OutboxProvider)


def test_another_one_by_its_path(tmp_path: Path) -> None:
    made = ticker_of(settings(tmp_path, f"{HERE}:carrier")).provider
    assert (made.name, made.knows_keys) == ("carrier", False)


@pytest.mark.parametrize(
    ("factory", "said"),
    [
        (f"{HERE}:nobody", "AttributeError"),
        ("no_such_package:make", "ModuleNotFoundError"),
        (f"{HERE}:unlucky", "OSError: no key"),
        (f"{HERE}:nameless", "its name"),
        (f"{HERE}:the_outbox_again", "its name"),
        (f"{HERE}:undecided", "knows_keys"),
        (f"{HERE}:speechless", "no send"),
    ],
)
def test_one_that_cannot_be_had_is_refused_at_the_start(tmp_path: Path, factory: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"^SIXTY_SMS_PROVIDER {factory} .*{said}"):
        sms_provider(factory)
    with pytest.raises(SettingsError, match=r"^SIXTY_SMS_PROVIDER "):
        run(settings(tmp_path, factory))
