"""The compose file: valid, pinned, bounded, bound to this machine, true to the code."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer
import yaml
from pydantic import BaseModel

from streams.cli.root import app
from streams.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
ONE_SHOT = {"topics", "claims"}
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("hustings:")}


def each(*names):
    return pytest.mark.parametrize("name", sorted(names or SERVICES))


def compose_command():
    """Return the command that is here: Docker's plugin, or the older program of its own."""
    if shutil.which("docker"):
        plugin = subprocess.run(
            ["docker", "compose", "version"], capture_output=True, timeout=60, check=False
        )
        if plugin.returncode == 0:
            return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("neither `docker compose` nor docker-compose is here: compose file not validated")


def test_compose_takes_the_file():
    done = subprocess.run(
        [*compose_command(), "-f", "docker-compose.yml", "config"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    resolved = yaml.safe_load(done.stdout)
    assert set(resolved["services"]) == set(SERVICES)
    assert resolved["services"]["connector"]["command"] == ["ingest", "bluesky"]


@each()
def test_every_image_is_pinned_to_a_release(name):
    image = SERVICES[name]["image"]
    assert re.search(r":v?\d+\.\d+\.\d+$", image), image


def test_the_images_are_of_the_versions_that_the_project_uses():
    jars = (ROOT / "streams" / "broker" / "kafka-jars.lock").read_text("utf-8")
    kafka = re.search(r"^org\.apache\.kafka:kafka_2\.13:(\S+)", jars, re.MULTILINE)[1]
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{kafka}"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert {SERVICES[name]["image"] for name in OURS} == {f"hustings:{version}"}


@each()
def test_every_service_is_bounded_and_has_no_rights(name):
    service = SERVICES[name]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["pids_limit"] <= 512
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert int(service["user"].split(":")[0]) > 0
    assert service["logging"]["options"]["max-size"]
    # Kafka's image writes its configuration at start.
    assert name == "kafka" or service["read_only"] is True


@each()
def test_every_service_is_watched_or_runs_once(name):
    service = SERVICES[name]
    if name in ONE_SHOT:
        assert service["healthcheck"] == {"disable": True}
        assert service["restart"] == "no"
    else:
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
        assert service["restart"] in {"unless-stopped", "on-failure"}


@each()
def test_no_port_is_bound_beyond_this_machine(name):
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port), port


@each()
def test_every_service_waits_for_what_it_needs(name):
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
        assert how == {"condition": wanted}


def setting_names(model=Settings, prefix="HUSTINGS_"):
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from setting_names(annotation, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}"


@each(*OURS)
def test_every_setting_exists_and_takes_its_value(name, monkeypatch):
    environment = SERVICES[name]["environment"]
    assert set(environment) <= set(setting_names())
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    settings = Settings()
    assert settings.kafka.bootstrap_servers == "kafka:9092"


@each(*OURS)
def test_every_command_is_one_of_ours(name):
    command = [re.sub(r"\$\{\w+:-(\w+)\}", r"\1", part) for part in SERVICES[name]["command"]]
    resolved = typer.main.get_command(app)
    context = resolved.make_context("hustings", list(command), resilient_parsing=False)
    while hasattr(resolved, "resolve_command"):
        arguments = [*context._protected_args, *context.args]
        found, resolved, rest = resolved.resolve_command(context, arguments)
        context = resolved.make_context(found, rest, parent=context)
    assert context.params


def test_workers_probes_and_scrapes_agree():
    command = SERVICES["workers"]["command"]
    workers = int(command[command.index("--workers") + 1])
    first = int(command[command.index("--metrics-port") + 1])
    ports = [str(first + number) for number in range(workers)]
    assert SERVICES["workers"]["healthcheck"]["test"][-workers - 1 :] == ["readyz", *ports]
    targets = yaml.safe_load((ROOT / "deploy/prometheus/targets/workers.json").read_text("utf-8"))
    assert targets == [{"targets": [f"workers:{port}" for port in ports]}]
    port = SERVICES["connector"]["environment"]["HUSTINGS_CONNECTOR__METRICS_PORT"]
    assert SERVICES["connector"]["healthcheck"]["test"][-1] == port
    file = ROOT / "deploy/prometheus/targets/connectors.json"
    assert yaml.safe_load(file.read_text("utf-8")) == [{"targets": [f"connector:{port}"]}]
    port = SERVICES["candidates"]["command"][-1]
    assert SERVICES["candidates"]["healthcheck"]["test"][-1] == port
    file = ROOT / "deploy/prometheus/targets/candidates.json"
    assert yaml.safe_load(file.read_text("utf-8")) == [{"targets": [f"candidates:{port}"]}]


@each()
def test_every_mounted_path_is_in_the_repository(name):
    for volume in SERVICES[name].get("volumes", []):
        source, _, rest = volume.partition(":")
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
            assert rest.endswith(":ro"), volume
        else:
            assert source in COMPOSE["volumes"]
