"""Reads `playbook/promotions.yml` and `playbook/campaigns.yml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Extra, Field, root_validator, validator

from sixty.errors import OperatorError
from sixty.shop.located import Located, Problem, read_document, read_soundly
from sixty.shop.pricing.phases import PHASES, Campaign, CampaignTime, PhaseName, PlannedPhase
from sixty.shop.pricing.postage import Postage, PostageRule
from sixty.shop.pricing.promotions import ITEM_KINDS, KINDS, PromotionKind
from sixty.shop.pricing.rules import Rules
from sixty.shop.pricing.stacking import USUAL, Mode, Stacking
from sixty.shop.written_values import Amount

RULES_FILE = "promotions.yml"
CAMPAIGNS_FILE = "campaigns.yml"


class PricesPlaybookError(OperatorError):
    """The playbook's files about prices can't be used; the message names every place."""


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class StackingEntry(_Entry):
    """How promotions go together."""

    mode: Mode
    order: list[PromotionKind]
    exclusive: list[list[PromotionKind]] = []
    several: list[PromotionKind] = []

    @validator("order")
    def _is_whole(cls, order: list[PromotionKind]) -> list[PromotionKind]:
        twice = [kind for kind in order if order.count(kind) > 1]
        if twice:
            raise ValueError(f"{twice[0]} stands here twice")
        missing = [kind for kind in KINDS if kind not in order]
        if missing:
            raise ValueError(f"{', '.join(missing)} missing: every kind has its place")
        late = [kind for kind in ITEM_KINDS if order.index(kind) >= len(ITEM_KINDS)]
        if late:
            raise ValueError(
                f"{late[0]} must come before what counts for the order; first come {', '.join(ITEM_KINDS)}"
            )
        return order

    @validator("exclusive", each_item=True)
    def _excludes_something(cls, group: list[PromotionKind]) -> list[PromotionKind]:
        if len(set(group)) < 2:
            raise ValueError("a group needs two kinds at least")
        return group

    @validator("several", each_item=True)
    def _may_be_several(cls, kind: PromotionKind) -> PromotionKind:
        if kind in ITEM_KINDS:
            raise ValueError(f"an article has one {kind} at most")
        return kind

    def made(self) -> Stacking:
        """The rules that it says."""
        return Stacking(
            self.mode,
            tuple(self.order),
            tuple(frozenset(group) for group in self.exclusive),
            frozenset(self.several),
        )


class PostageEntry(_Entry):
    """What a parcel costs."""

    fee: Amount
    free_from: Amount | None = None

    def made(self) -> PostageRule:
        """The rule that it says."""
        return PostageRule(self.fee, self.free_from)


class RegionalPostageEntry(PostageEntry):
    """What a parcel costs, and what differs in some regions."""

    regions: dict[str, PostageEntry] = {}


class RulesEntry(_Entry):
    """`playbook/promotions.yml`."""

    stacking: StackingEntry
    postage: RegionalPostageEntry


class PhaseEntry(_Entry):
    """When a phase is."""

    starts: CampaignTime = Field(alias="from")
    ends: CampaignTime = Field(alias="until")

    @validator("starts", "ends", pre=True)
    def _is_a_time(cls, value: Any) -> CampaignTime:
        return value if isinstance(value, CampaignTime) else CampaignTime.parse(str(value))

    @root_validator(skip_on_failure=True)
    def _ends_after_it_starts(cls, values: dict[str, Any]) -> dict[str, Any]:
        starts, ends = values["starts"], values["ends"]
        if (starts.year is None) != (ends.year is None):
            raise ValueError("give both times with a year, or both without")
        in_order = (starts.year, *_clock(starts)) < (ends.year, *_clock(ends))
        if starts.year is not None and not in_order:
            raise ValueError("ends before it starts")
        if _clock(starts) == _clock(ends) and starts.year == ends.year:
            raise ValueError("ends when it starts")
        return values

    class Config:
        """How pydantic reads it."""

        arbitrary_types_allowed = True


class CampaignEntry(_Entry):
    """A campaign and its phases."""

    name: str = Field(min_length=1, max_length=32)
    aliases: list[str] = []
    phases: dict[PhaseName, PhaseEntry]

    @validator("phases")
    def _has_a_sale(cls, phases: dict[PhaseName, PhaseEntry]) -> dict[PhaseName, PhaseEntry]:
        if "sale" not in phases:
            raise ValueError("a campaign needs the phase “sale”")
        return phases


class CampaignsEntry(_Entry):
    """`playbook/campaigns.yml`."""

    zone: str = "Asia/Shanghai"
    campaigns: list[CampaignEntry]

    @validator("zone")
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"{zone!r} is no zone such as Asia/Shanghai") from error
        return zone

    @validator("campaigns")
    def _have_names_of_their_own(cls, campaigns: list[CampaignEntry]) -> list[CampaignEntry]:
        seen: set[str] = set()
        for each in campaigns:
            for name in (each.name, *each.aliases):
                if name.casefold() in seen:
                    raise ValueError(f"two campaigns are called {name}")
            seen.update(name.casefold() for name in (each.name, *each.aliases))
        return campaigns

    def made(self) -> dict[str, Campaign]:
        """The campaigns that it says, by name."""
        return {
            each.name: Campaign(
                each.name,
                tuple(
                    PlannedPhase(phase, each.phases[phase].starts, each.phases[phase].ends)
                    for phase in PHASES
                    if phase in each.phases
                ),
                tuple(each.aliases),
                self.zone,
            )
            for each in self.campaigns
        }


def check_rules(folder: Path, problems: list[Problem]) -> Rules:
    """Reads how a shop counts; what is wrong goes into `problems`.

    A file that isn't there says nothing: then the usual holds.

    Args:
        folder: The playbook.
        problems: Gets what is wrong, with file, line and remedy.
    """
    stacking, postage, campaigns = USUAL, Rules().postage, dict[str, Campaign]()
    if (folder / RULES_FILE).exists():
        rules: Located[RulesEntry] | None = read_document(folder / RULES_FILE, RulesEntry, problems)
        if rules is not None:
            stacking = rules.entry.stacking.made()
            told = rules.entry.postage
            postage = Postage(told.made(), {name: each.made() for name, each in told.regions.items()})
    if (folder / CAMPAIGNS_FILE).exists():
        planned: Located[CampaignsEntry] | None = read_document(folder / CAMPAIGNS_FILE, CampaignsEntry, problems)
        if planned is not None:
            campaigns = planned.entry.made()
    return Rules(stacking, postage, campaigns)


def read_rules(folder: Path) -> Rules:
    """Reads how a shop counts.

    Raises:
        PricesPlaybookError: A file is wrong.
    """
    return read_soundly(check_rules, folder, PricesPlaybookError)


@lru_cache(maxsize=4)
def _kept_rules(folder: Path) -> Rules:
    return read_rules(folder)


def shop_rules() -> Rules:
    """How this deployment's shop counts, read once.

    Raises:
        PricesPlaybookError: A file is wrong.
    """
    from sixty.settings import get_settings

    return _kept_rules(get_settings().playbook)


def _clock(time: CampaignTime) -> tuple[int, int, int, int]:
    return time.month, time.day, time.hour, time.minute
