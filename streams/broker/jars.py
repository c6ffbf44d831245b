"""Kafka's jars: pinned by coordinate and SHA-256, fetched once a user, checked at every use."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from streams.broker.errors import ChecksumWrong, JarsUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LOCK_NAME: Final = "kafka-jars.lock"
_LINE: Final = re.compile(r"\s*([\w.-]+):([\w.-]+):([\w.-]+)\s+([0-9a-f]{64})\s*", re.ASCII)
_AT_ONCE: Final = 8
_TRIES: Final = 3
_TIMEOUT_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Jar:
    """One pinned jar."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Name in the cache folder."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def coordinate(self) -> str:
        """`group:artifact:version`."""
        return f"{self.group}:{self.artifact}:{self.version}"


@dataclass(frozen=True, slots=True)
class JarLock:
    """All jars of one Kafka, in class path order."""

    jars: tuple[Jar, ...]

    @property
    def kafka_version(self) -> str:
        """Version of the Kafka server."""
        return next(jar.version for jar in self.jars if jar.artifact.startswith("kafka_"))


def parse_lock(text: str) -> JarLock:
    """Return the lock that lines `group:artifact:version sha256` say; `#` begins a comment.

    Raises:
        ValueError: a line has another form.
    """
    jars = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#", 1)[0]
        if not words.strip():
            continue
        found = _LINE.fullmatch(words)
        if found is None:
            raise ValueError(f"line {number} is not `group:artifact:version sha256`: {line!r}")
        jars.append(Jar(*found.groups()))
    return JarLock(tuple(jars))


def load_lock() -> JarLock:
    """Return the lock that comes with the package."""
    return parse_lock(resources.files("streams.broker").joinpath(LOCK_NAME).read_text("utf-8"))


def user_cache(environment: Mapping[str, str] | None = None) -> Path:
    """Return the user's cache folder, shared by all clones."""
    named = (os.environ if environment is None else environment).get("XDG_CACHE_HOME")
    return (Path(named) if named else Path.home() / ".cache") / "hustings"


def ensure_jars(
    data_dir: Path,
    *,
    lock: JarLock | None = None,
    cache: Path | None = None,
    remotes: Mapping[str, str] | None = None,
    local_repositories: Sequence[Path] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Path, ...]:
    """Return the jars in class path order; fetch those that are missing.

    Safe to call from several processes at once: files appear whole and checked.

    Args:
        data_dir: used for the jars when the user's cache cannot be written.
        lock: other jars than those of the package.
        cache: another folder than the user's cache.
        remotes: Maven repositories, name to address; none: Maven Central.
        local_repositories: Maven folders to copy from before the network is
            asked; none: the user's own.
        on_progress: called with jars done and jars in all, from this thread.

    Raises:
        JarsUnavailable: a jar is missing and cannot be fetched or kept.
        ChecksumWrong: a fetched jar is not the one that the lock names.
    """
    lock = lock or load_lock()
    folder = (cache or user_cache()) / f"kafka-{lock.kafka_version}"
    missing = [jar for jar in lock.jars if not _is_whole(folder / jar.file_name, jar)]
    if missing and not _can_write(folder):
        folder = data_dir / "jars" / f"kafka-{lock.kafka_version}"
        missing = [jar for jar in lock.jars if not _is_whole(folder / jar.file_name, jar)]
        if missing and not _can_write(folder):
            raise JarsUnavailable(
                f"Kafka's jars cannot be kept: neither {user_cache()} nor {folder} can be written",
                remedy="Set XDG_CACHE_HOME or HUSTINGS_DATA_DIR to a folder that can be.",
            )
    _fetch_all(
        missing,
        folder,
        already=len(lock.jars) - len(missing),
        remotes=remotes,
        local_repositories=local_repositories,
        on_progress=on_progress,
    )
    return tuple(folder / jar.file_name for jar in lock.jars)


def _fetch_all(
    missing: Sequence[Jar],
    folder: Path,
    *,
    already: int,
    remotes: Mapping[str, str] | None,
    local_repositories: Sequence[Path] | None,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    if not missing:
        return
    if local_repositories is None:
        local_repositories = _maven_folders()
    # In the same folder, so that the last step is a rename: no reader ever sees half a jar.
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as staging:
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="jars")
        try:
            fetches = [
                pool.submit(_fetch, jar, folder, Path(staging), remotes, local_repositories)
                for jar in missing
            ]
            for done, fetch in enumerate(as_completed(fetches), start=1):
                fetch.result()
                if on_progress is not None:
                    on_progress(already + done, already + len(missing))
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch(
    jar: Jar,
    folder: Path,
    staging: Path,
    remotes: Mapping[str, str] | None,
    local_repositories: Sequence[Path],
) -> None:
    """Put one checked jar into `folder`."""
    for repository in local_repositories:
        path = repository.joinpath(*jar.group.split("."), jar.artifact, jar.version, jar.file_name)
        if _is_whole(path, jar):
            copied = staging / jar.file_name
            shutil.copyfile(path, copied)
            copied.replace(folder / jar.file_name)
            return
    downloaded = _download(jar, staging, remotes)
    found = _sha256(downloaded)
    if found != jar.sha256:
        raise ChecksumWrong(
            f"{jar.coordinate} came with SHA-256 {found}, but {LOCK_NAME} names {jar.sha256}",
            remedy="Nothing of it was kept. Try again; if it stays so, a proxy or mirror between "
            "here and Maven Central changes files, and its keeper must be asked.",
        )
    downloaded.replace(folder / jar.file_name)


def _download(jar: Jar, staging: Path, remotes: Mapping[str, str] | None) -> Path:
    from jgo.maven import MavenContext  # noqa: PLC0415 - slow, and only the first start needs it

    context = MavenContext(
        repo_cache=staging,
        local_repos=[],
        remote_repos=None if remotes is None else dict(remotes),
        timeout=_TIMEOUT_SECONDS,
    )
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    for attempt in range(1, _TRIES + 1):
        try:
            return Path(artifact.resolve())
        except (OSError, RuntimeError, LookupError) as error:
            # jgo would take the rest of a broken download for the jar.
            Path(artifact.cached_path).unlink(missing_ok=True)
            if attempt == _TRIES:
                raise JarsUnavailable(
                    f"Kafka's jar {jar.coordinate} is not in the cache and could not be fetched "
                    f"({_reason(error)})",
                    remedy="Connect this machine to the network (HTTPS_PROXY is respected) and run "
                    f"`hustings kafka fetch`, or copy {user_cache()} from a machine that has it.",
                ) from error
            time.sleep(0.5 * attempt)
    raise AssertionError("unreachable")


def _reason(error: BaseException) -> str:
    """Return a network error's innermost reason: the outer ones repeat it at length."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return f"{type(error).__name__}: {error}"[:200]


def _maven_folders() -> list[Path]:
    named = os.environ.get("M2_REPO")
    return [Path(named) if named else Path.home() / ".m2" / "repository"]


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _is_whole(path: Path, jar: Jar) -> bool:
    try:
        return _sha256(path) == jar.sha256
    except OSError:
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
