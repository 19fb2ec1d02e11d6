"""The bots that are compared, how they are trained and how they are served."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from bench.errors import BenchError
from bench.machine import cpu_seconds, resident_mb
from bench.servers import LOOPBACK, Command, direct_session, run_to_end, running, wait_until_healthy
from bench.snapshot import fingerprint
from bench.ways import Way
from sixty.logs import environment_of_children
from sixty.processes.ports import free_port
from sixty.settings import Settings

_SEED_WITHIN = 300.0
_START_WITHIN = 1800.0
_STATUS_WITHIN = 30.0
# Few epochs tell whether everything works, and nothing about quality.
_QUICK_EPOCHS = {"DIETClassifier": 5, "TEDPolicy": 3, "UnexpecTEDIntentPolicy": 3}


@dataclass(frozen=True)
class Bot:
    """A bot: Rasa with these files. Training data, domain, rules, stories and actions are the project's for all.

    Attributes:
        name: Names it in results.
        config: Its pipeline and policies, relative to the project.
        credentials: Its channels.
        endpoints: Its action server, tracker store and what else it has.
        way: How customers speak to it.
        sources: What its model is made of beside config, domain and data.
    """

    name: str
    config: Path
    credentials: Path
    endpoints: Path
    way: Way
    sources: tuple[str, ...] = ()


SIXTY = Bot(
    "sixty",
    Path("config.yml"),
    Path("credentials.yml"),
    Path("endpoints.yml"),
    "api",
    ("sixty/nlu", "sixty/dialogue", "playbook/demo/products"),
)
_VANILLA = Path("bench/peers/vanilla")
VANILLA = Bot("vanilla", _VANILLA / "config.yml", _VANILLA / "credentials.yml", _VANILLA / "endpoints.yml", "rest")


@dataclass(frozen=True)
class Model:
    """A trained model.

    Attributes:
        path: The file.
        training: Seconds by the clock and of processor time, and whether it was trained in an earlier run.
    """

    path: Path
    training: dict[str, Any]

    @property
    def megabytes(self) -> float:
        """Size of the file."""
        return round(self.path.stat().st_size / 1024**2, 2)


def with_fewer_epochs(config: dict[str, Any]) -> dict[str, Any]:
    """The same configuration with little training, for trying the benchmark itself."""

    def reduced(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {**component, "epochs": _QUICK_EPOCHS[component["name"]]}
            if component["name"] in _QUICK_EPOCHS
            else component
            for component in components
        ]

    return {**config, "pipeline": reduced(config["pipeline"]), "policies": reduced(config["policies"])}


def train(bot: Bot, project: Path, kept: Path, logs: Path, *, quick: bool, reuse: bool, timeout: float) -> Model:
    """Trains a bot as `rasa train` does, without help of an earlier training's cache.

    Args:
        bot: What to train.
        project: The project, a snapshot.
        kept: Where models are kept for later runs.
        logs: Where the training's log goes.
        quick: Train little.
        reuse: Take a model of an earlier run that was made of the same files.
        timeout: Seconds after which training is given up.

    Raises:
        BenchError: Training failed.
    """
    config, name = project / bot.config, bot.name
    full = yaml.safe_load(config.read_text(encoding="utf-8"))
    reduced = with_fewer_epochs(full)
    # A bot without epochs is trained as ever.
    if quick and reduced != full:
        config, name = project / f"quick-{bot.name}.yml", f"{bot.name}-quick"
        config.write_text(yaml.safe_dump(reduced, allow_unicode=True, sort_keys=False), encoding="utf-8")
    arguments = ["rasa", "train", "--config", str(config.relative_to(project))]
    key = fingerprint(
        project,
        [config.relative_to(project), "domain.yml", "data", *bot.sources],
        bot.name,
        " ".join(arguments),
        version("rasa"),
    )
    model, record = kept / f"{name}.{key}.tar.gz", kept / f"{name}.{key}.json"
    # What is kept may be replaced by another run while this one still uses its model.
    trained = project / "models" / f"{name}.tar.gz"
    trained.parent.mkdir(exist_ok=True)
    if reuse and model.is_file() and record.is_file():
        shutil.copy2(model, trained)
        return Model(trained, {**json.loads(record.read_text(encoding="utf-8")), "reused": True})
    log = logs / f"{name}-train.log"
    log.unlink(missing_ok=True)
    environment = {
        **quiet_environment(Settings(var=project / "var", secret=secrets.token_urlsafe(48))),
        # Nothing of an earlier training may help, and this training shall not help the project's own.
        "RASA_CACHE_DIRECTORY": str(project / f"cache-{name}"),
        # Hours can pass; the log shows the epochs.
        "LOG_LEVEL": "INFO",
    }
    spent = run_to_end(
        Command(
            [sys.executable, "-m", *arguments, "--out", "models", "--fixed-model-name", name],
            project,
            environment,
            log,
        ),
        timeout,
    )
    if not trained.is_file():
        raise BenchError(f"rasa train left no model of {bot.name}; see {log}")
    kept.mkdir(parents=True, exist_ok=True)
    for old in kept.glob(f"{name}.*"):
        old.unlink()
    shutil.copy2(trained, model)
    training = {"seconds": spent.seconds, "cpu_seconds": spent.cpu_seconds}
    record.write_text(json.dumps(training), encoding="utf-8")
    return Model(trained, {**training, "reused": False})


def kept_model(bot: Bot, kept: Path, project: Path, *, quick: bool) -> Model | None:
    """The newest model that an earlier run has kept, whatever files it was made of; None where there is none.

    It is as fast as one that is trained now; its accuracy is that of then.
    """
    name = f"{bot.name}-quick" if quick else bot.name
    found = sorted(kept.glob(f"{name}.*.tar.gz"), key=lambda each: each.stat().st_mtime)
    if not found:
        return None
    trained = project / "models" / f"{name}.tar.gz"
    trained.parent.mkdir(exist_ok=True)
    shutil.copy2(found[-1], trained)
    return Model(trained, {"reused": True, "of_the_same_files": False})


@dataclass(frozen=True)
class Served:
    """A running bot.

    Attributes:
        url: Rasa's address, with its HTTP API for questions about understanding and trackers.
        environment: Variables under which tokens are signed as the bot expects them.
        rasa_pid: The process.
        actions_pid: The action server's process.
        start_seconds: From the start of the process to its first healthy answer.
        start_cpu_seconds: Processor time that this took.
    """

    url: str
    environment: Mapping[str, str]
    rasa_pid: int
    actions_pid: int
    start_seconds: float
    start_cpu_seconds: float

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time used so far."""
        return {"rasa": cpu_seconds(self.rasa_pid), "actions": cpu_seconds(self.actions_pid)}

    def resident(self) -> dict[str, float]:
        """Resident memory in megabytes."""
        return {"rasa": resident_mb(self.rasa_pid), "actions": resident_mb(self.actions_pid)}


@contextmanager
def serving(bot: Bot, model: Model, project: Path, folder: Path, logs: Path, label: str) -> Iterator[Served]:
    """Serves a bot on the loopback interface while the block runs.

    Args:
        bot: What to serve.
        model: Its model.
        project: The project, a snapshot.
        folder: A new folder for its database and tracker store.
        logs: Where logs go.
        label: Names the logs.

    Raises:
        BenchError: It did not start.
    """
    settings = Settings(
        var=folder,
        database_url=f"sqlite:///{folder / 'sixty.db'}",
        secret=secrets.token_urlsafe(48),
        rasa_port=free_port(),
        actions_port=free_port(),
        log_level="WARNING",
        log_format="text",
    )
    folder.mkdir(parents=True)
    environment = quiet_environment(settings)
    run_to_end(
        Command([sys.executable, "-m", "sixty", "seed"], project, environment, logs / f"{label}-seed.log"), _SEED_WITHIN
    )
    endpoints = _write_endpoints(project / bot.endpoints, folder, settings.actions_port)
    actions = Command(
        [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(settings.actions_port)],
        project,
        {**environment, "SANIC_HOST": LOOPBACK},
        logs / f"{label}-actions.log",
    )
    rasa = Command(
        [
            *(sys.executable, "-m", "rasa", "run", "--enable-api"),
            *("--interface", LOOPBACK, "--port", str(settings.rasa_port)),
            *("--model", str(model.path), "--endpoints", str(endpoints)),
            *("--credentials", str(project / bot.credentials)),
        ],
        project,
        environment,
        logs / f"{label}-rasa.log",
    )
    url = f"http://{LOOPBACK}:{settings.rasa_port}"
    with running(actions) as action_server:
        health = f"http://{LOOPBACK}:{settings.actions_port}/health"
        wait_until_healthy(actions, action_server, health, _START_WITHIN)
        with running(rasa) as server:
            seconds = wait_until_healthy(rasa, server, f"{url}/", _START_WITHIN)
            computing = cpu_seconds(server.pid)
            # Rasa is as healthy without its model as with it; only this tells.
            with direct_session() as session:
                status = session.get(f"{url}/status", timeout=_STATUS_WITHIN)
            if not status.ok or not status.json().get("model_file"):
                raise BenchError(f"Rasa did not load the model of {bot.name}; see {rasa.log}")
            yield Served(url, environment, server.pid, action_server.pid, round(seconds, 2), round(computing, 2))


def quiet_environment(settings: Settings) -> dict[str, str]:
    """All variables of a child: those of this process without settings of a deployment, then our own.

    Args:
        settings: What the child's settings shall be.
    """
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("SIXTY_", "RASA_", "SANIC_"))
    }
    return {
        **inherited,
        **environment_of_children(settings),
        "SIXTY_VAR": str(settings.var),
        "SIXTY_DATABASE_URL": settings.database_url,
        "SIXTY_SECRET": settings.secret,
        "SIXTY_RASA_PORT": str(settings.rasa_port),
        "SIXTY_ACTIONS_PORT": str(settings.actions_port),
    }


def _write_endpoints(template: Path, folder: Path, actions_port: int) -> Path:
    endpoints: dict[str, Any] = yaml.safe_load(template.read_text(encoding="utf-8")) or {}
    endpoints["action_endpoint"]["url"] = f"http://{LOOPBACK}:{actions_port}/webhook"
    endpoints["tracker_store"]["db"] = str(folder / "tracker.db")
    written = folder / "endpoints.yml"
    written.write_text(yaml.safe_dump(endpoints, sort_keys=False), encoding="utf-8")
    return written
