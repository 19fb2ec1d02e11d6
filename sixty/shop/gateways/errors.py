"""What can go wrong between us and a merchant's system, by what is to be done about it."""

from __future__ import annotations


class GatewayError(Exception):
    """The shop's system gave no usable answer. Nothing must be said in its place: apologise and hand over.

    The message is for the log and the operator; it holds no customer's data.
    """


class OutOfReachError(GatewayError):
    """It is down, too slow, overloaded, or rests after failures. Later it may work again."""


class RefusedError(GatewayError):
    """It does not accept our credentials or our request. An operator has to mend the settings or the adapter."""


class NonsenseError(GatewayError):
    """It answered with something else than the normal form. The adapter or the system has to be mended."""
