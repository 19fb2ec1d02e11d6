"""The whole stack with each server by itself, so that a test can kill one and start it again, and people at the desk.

It is what `sixty up` starts – Rasa with the trained model, the action server, the desk – over a demo shop of its own,
and over a copy of the playbook in which somebody is at work round the clock: tests run at night, too.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy import select, update

from bench.open_hours import open_round_the_clock
from sixty.desk.agents import Agent
from sixty.desk.conversations import Conversation as ConversationRow
from sixty.desk.ending import leave_queue
from sixty.desk.handoff_rows import HandOff
from sixty.desk.presence import set_presence
from sixty.desk.staff.accounts import add_account, change_password
from sixty.desk.staff.own_agents import own_agent
from sixty.desk.staff.roles import Role
from sixty.identity.api_keys import LOCAL, local_api_secret
from sixty.ledger.models import Message
from sixty.ledger.reading import history
from sixty.processes.database import prepare_database
from sixty.processes.endpoints import write_endpoints
from sixty.processes.ports import free_port
from sixty.processes.services import Service, action_server, desk, rasa_server
from sixty.settings import Settings, project_root
from sixty.shop.database import shop_session
from sixty.tables import column
from sixty.talk.client import OPENED, Conversation, Servers, Visit
from tests.servers.running import wait_until_healthy

SECRET = "s" * 48
PASSWORD = "correct horse battery"

_END_SECONDS = 20
_DEMO = {"SIXTY_ENVIRONMENT": "development", "SIXTY_DEMO": "true"}


@dataclass
class Server:
    """One server of the stack, which may be killed and started again."""

    service: Service
    environment: dict[str, str]
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.service.port}"

    def start(self) -> None:
        """Starts it, without waiting until it serves."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.service.arguments,
                cwd=project_root(),
                env={**os.environ, **self.service.environment, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Waits until it serves."""
        assert self._process is not None
        wait_until_healthy(self._process, self.log, f"{self.url}{self.service.health_path}")

    def kill(self) -> None:
        """Ends it without a word, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends it as whoever deploys a new version does."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        for each in (number, signal.SIGKILL):
            if self._process.poll() is None:
                os.killpg(self._process.pid, each)
            try:
                self._process.wait(_END_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        self._process = None


@dataclass(frozen=True)
class Stack:
    """The running servers and the database behind them."""

    settings: Settings
    rasa: Server
    actions: Server
    desk: Server

    @property
    def database_url(self) -> str:
        return self.settings.database_url

    def employ(self, login: str, name: str, role: Role = "agent", capacity: int = 5) -> None:
        """Adds somebody who works at the desk, in all groups, with `PASSWORD`."""
        now = datetime.now(timezone.utc)
        with shop_session(self.database_url) as session:
            account, once = add_account(session, login, name, role, now)
            assert change_password(account, once, PASSWORD)
            own_agent(session, account, now, ("presale", "aftersale", "general"), capacity=capacity)

    def visitor(self) -> Conversation:
        """A conversation of somebody else, over the api channel, opened already."""
        servers = Servers(self.rasa.url, LOCAL, local_api_secret(self.settings.secret))
        conversation = Conversation(servers, Visit("shop", None, None, None))
        conversation.say(OPENED)
        return conversation

    def fall_silent(self, agent_id: str, seconds: float = 600) -> None:
        """Lets an agent's last sign of life be so long ago, as when their line has been dead since."""
        heard = datetime.now(timezone.utc) - timedelta(seconds=seconds)
        with shop_session(self.database_url) as session:
            session.execute(update(Agent).where(column(Agent.id) == agent_id).values(heartbeat_at=heard))

    def send_everybody_home(self) -> None:
        """Lets no agent be there and no customer wait, as it was in the beginning."""
        now = datetime.now(timezone.utc)
        with shop_session(self.database_url) as session:
            for agent in session.scalars(select(Agent).where(column(Agent.presence) != "offline")):
                set_presence(session, agent.id, "offline", now, "system", anyway=True)
            for hand_off in session.scalars(select(HandOff).where(column(HandOff.state) == "queued")):
                leave_queue(session, hand_off.conversation_id, now)

    def newest_conversation(self) -> str:
        """The conversation that was begun last."""
        with shop_session(self.database_url, read_only=True) as session:
            found: str | None = session.scalar(
                select(ConversationRow.id).order_by(column(ConversationRow.created_at).desc()).limit(1)
            )
        assert found is not None
        return found

    def ledger(self, conversation_id: str) -> list[Message]:
        """All that the ledger holds of a conversation."""
        with shop_session(self.database_url, read_only=True) as session:
            return history(session, conversation_id, limit=1000)

    def said(self, conversation_id: str, author: str) -> list[str]:
        """What somebody has typed there, in order."""
        rows = self.ledger(conversation_id)
        return [row.text for row in rows if row.author == author and row.kind == "text" and row.text]


@contextmanager
def whole_stack(model: Path, folder: Path) -> Iterator[Stack]:
    """Starts everything in a folder of its own, and ends it."""
    var, playbook = folder / "var", folder / "playbook"
    shutil.copytree(project_root() / "playbook", playbook)
    open_round_the_clock(playbook)
    settings = Settings(
        environment="development",
        demo=True,
        var=var,
        playbook=playbook,
        model=model,
        secret=SECRET,
        database_url=f"sqlite:///{var / 'sixty.db'}",
        rasa_port=free_port(),
        actions_port=free_port(),
        desk_port=free_port(),
    )
    environment = {
        **_DEMO,
        "SIXTY_VAR": str(var),
        "SIXTY_PLAYBOOK": str(playbook),
        "SIXTY_MODEL": str(model),
        "SIXTY_SECRET": SECRET,
        "SIXTY_DATABASE_URL": settings.database_url,
        "SIXTY_RASA_PORT": str(settings.rasa_port),
        "SIXTY_ACTIONS_PORT": str(settings.actions_port),
        "SIXTY_DESK_PORT": str(settings.desk_port),
    }
    endpoints = write_endpoints(settings)
    stack = Stack(
        settings,
        Server(rasa_server(settings, endpoints), environment, folder / "rasa.log"),
        Server(action_server(settings), environment, folder / "actions.log"),
        Server(desk(settings), environment, folder / "desk.log"),
    )
    prepare_database(settings)
    servers = (stack.rasa, stack.actions, stack.desk)
    try:
        for server in servers:
            server.start()
        for server in servers:
            server.wait()
        yield stack
    finally:
        for server in servers:
            server.stop()
