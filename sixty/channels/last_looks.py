"""Who looks once more before something of the outbox goes out, by who wanted it said."""

from __future__ import annotations

from collections.abc import Mapping

from sixty.channels.courier import LastLook
from sixty.insight.silence import SILENCE
from sixty.outreach.following_up import last_look_into_silence
from sixty.outreach.looking import last_look
from sixty.outreach.sending import OUTREACH

LAST_LOOKS: Mapping[str, LastLook] = {SILENCE: last_look_into_silence, OUTREACH: last_look}
