"""All flows, and which one a message begins."""

from __future__ import annotations

from actions.action import Turn
from actions.flows.after_sales import AfterSales
from actions.flows.back_in_stock import BackInStock
from actions.flows.cancel_order import CancelOrder
from actions.flows.change_order import ChangeOrder
from actions.flows.claim_coupon import ClaimCoupon
from actions.flows.complaint import Complaint
from actions.flows.damaged_item import DamagedItem
from actions.flows.delivery_problem import DeliveryProblem
from actions.flows.flow import Flow
from actions.flows.installation import BookInstallation
from actions.flows.invoice import Invoice
from actions.flows.membership import Membership
from actions.flows.order_note import OrderNote
from actions.flows.price_protection import PriceProtection
from actions.flows.restore_order import RestoreOrder
from actions.flows.review import Review
from actions.flows.schedule_delivery import ScheduleDelivery
from actions.flows.urge import UrgeOrder, UrgeRefund
from actions.flows.withdraw import Withdraw
from actions.flows.wrong_or_missing import WrongOrMissing

FLOWS: tuple[Flow, ...] = (
    AfterSales(),
    CancelOrder(),
    ChangeOrder(),
    OrderNote(),
    RestoreOrder(),
    ScheduleDelivery(),
    BookInstallation(),
    Withdraw(),
    UrgeOrder(),
    UrgeRefund(),
    DeliveryProblem(),
    WrongOrMissing(),
    DamagedItem(),
    Complaint(),
    Invoice(),
    PriceProtection(),
    Review(),
    Membership(),
    ClaimCoupon(),
    BackInStock(),
)

_BY_NAME = {flow.name: flow for flow in FLOWS}


def flow_named(name: str) -> Flow | None:
    """The flow of that name."""
    return _BY_NAME.get(name)


def flow_begun_by(turn: Turn) -> Flow | None:
    """The flow that the latest message begins."""
    return next((flow for flow in FLOWS if flow.begun_by(turn)), None)
