"""``sixty replay``: plays what real customers said against the running bot."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sixty.talk.client import TURN_SECONDS, Conversation, NotRunningError, Servers, TurnFailedError
from sixty.talk.dialogs import Dialog, DialogFile
from sixty.talk.outcomes import ERRORS, outcome_of_turn
from sixty.talk.transcripts import SUMMARY, PlayedDialog, PlayedTurn, Tally, Transcripts

# Dialogs that are played or wait to be written, for each that is played at the same time. What is written keeps the
# order of the file, so one slow dialog holds the others back only when so many have overtaken it.
_AHEAD = 16
# So many turns in a row without a server mean that it has gone for good.
_GONE_AFTER_TURNS = 10
_PAUSE_SECONDS = 1.0


class Replay:
    """Plays a file of dialogs, several at a time."""

    def __init__(self, servers: Servers, parallel: int = 4, patience: float = TURN_SECONDS) -> None:
        """Makes ready to play.

        Args:
            servers: Where the bot runs.
            parallel: How many dialogs are held at the same time.
            patience: Seconds that a turn may take.
        """
        self._servers = servers
        self._parallel = parallel
        self._patience = patience
        self._lock = threading.Lock()
        self._unreached = 0
        self._stop = threading.Event()
        self._stopped_by: str | None = None

    def run(
        self, file: Path, out: Path, limit: int | None = None, progress: Callable[[int, int], None] | None = None
    ) -> dict[str, Any]:
        """Plays the dialogs and writes transcripts and summary.

        Args:
            file: The dialogs.
            out: The folder that is written to.
            limit: Only the first so many dialogs.
            progress: Is told after each dialog how many are done, and of how many.

        Returns:
            The summary. It says under `stopped` why not all was played, if so.

        Raises:
            DialogsError: The file cannot be played; found out before the first turn.
            NotRunningError: There is no bot to play against.
        """
        dialogs = DialogFile(file)
        total = sum(1 for _ in dialogs.dialogs(limit))
        self._prepare()
        begun = time.monotonic()
        tally = Tally()
        with Transcripts(out) as transcripts:
            for played in self._play_all(dialogs.dialogs(limit)):
                transcripts.write(played)
                tally.add(played)
                if progress:
                    progress(tally.dialogs, total)
        summary = {
            "file": file.name,
            **tally.as_json(),
            "seconds": round(time.monotonic() - begun, 1),
            "parallel": self._parallel,
            "out": str(out),
        }
        if self._stopped_by:
            summary["stopped"] = self._stopped_by
        (out / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return summary

    def stop(self, reason: str) -> None:
        """Ends the replay after the turns that are under way; may be called from anywhere, signal handlers included."""
        self._stopped_by = self._stopped_by or reason
        self._stop.set()

    def _prepare(self) -> None:
        conversation = Conversation(self._servers)
        try:
            conversation.check_running()
        finally:
            conversation.close()

    def _play_all(self, dialogs: Iterator[Dialog]) -> Iterator[PlayedDialog]:
        """Plays all in parallel and gives them back in order, no more of them in memory than are under way."""
        under_way: deque[Future[PlayedDialog]] = deque()
        with ThreadPoolExecutor(self._parallel, thread_name_prefix="replay") as pool:
            try:
                for dialog in dialogs:
                    if self._stop.is_set():
                        break
                    under_way.append(pool.submit(self._play, dialog))
                    if len(under_way) >= self._parallel * _AHEAD:
                        yield from _begun(under_way.popleft())
                # After a stop too: who is in the middle of a turn ends it, and what was said is written.
                while under_way:
                    yield from _begun(under_way.popleft())
            finally:
                # Whatever goes wrong while writing, nobody goes on talking.
                self._stop.set()

    def _play(self, dialog: Dialog) -> PlayedDialog:
        played = PlayedDialog(dialog.name, "")
        if self._stop.is_set():
            return played
        conversation = Conversation(self._servers, patience=self._patience)
        try:
            for line in dialog.lines:
                if self._stop.is_set():
                    break
                played.turns.append(self._turn(conversation, line))
            played.conversation = conversation.id
        finally:
            conversation.close()
        return played

    def _turn(self, conversation: Conversation, line: str) -> PlayedTurn:
        begun = time.monotonic()
        try:
            replies = conversation.say(line)
        except (NotRunningError, TurnFailedError) as error:
            turn = PlayedTurn(line, (), ERRORS, time.monotonic() - begun, str(error))
            self._note(reached=not isinstance(error, NotRunningError))
            return turn
        self._note(reached=True)
        return PlayedTurn(line, replies, outcome_of_turn(replies), time.monotonic() - begun)

    def _note(self, reached: bool) -> None:
        with self._lock:
            self._unreached = 0 if reached else self._unreached + 1
            gone = self._unreached >= _GONE_AFTER_TURNS
        if gone:
            self.stop(f"Rasa no longer answers at {self._servers.rasa_url}")
        elif not reached:
            # It may be on its way back.
            self._stop.wait(_PAUSE_SECONDS)


def _begun(future: Future[PlayedDialog]) -> Iterator[PlayedDialog]:
    """The dialog, unless the end came before its first turn."""
    played = future.result()
    if played.turns:
        yield played
