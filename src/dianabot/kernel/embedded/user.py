"""As whom the servers run: PostgreSQL refuses to be root, so as root only they step down to somebody else."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from dianabot.kernel.errors import OperatorError

SYSTEM_USER = "dianabot"
_FALLBACK = "nobody"
_SBIN = "/usr/sbin:/sbin:/usr/bin:/bin"
_WALK = 'for folder in "$@"; do cd "$folder" || { echo "$folder"; exit 1; }; done'


class Drop(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class RunAs:
    """Who the servers are; `steps_down` when that is not who we are."""

    uid: int
    gid: int
    name: str
    steps_down: bool

    @property
    def arguments(self) -> Drop:
        """For subprocess: only the child gives up root."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.steps_down else {}

    def give(self, path: Path) -> None:
        """Hand over something that was just made; what existed before is never touched."""
        if self.steps_down:
            os.chown(path, self.uid, self.gid)

    def stopped_at(self, folders: Iterable[Path]) -> Path | None:
        """The first folder that it may not enter, tried out as that user (so groups and ACLs count)."""
        walk = ["/bin/sh", "-c", _WALK, "sh", *(str(folder) for folder in folders)]
        tried = subprocess.run(walk, cwd="/", text=True, capture_output=True, check=False, **self.arguments)
        return Path(tried.stdout.strip()) if tried.returncode else None


def server_user(data: Path) -> RunAs:
    """Ourselves; as root, the owner of the database or of the data directory, or else a system user made for it."""
    if os.geteuid() != 0:
        return _myself()
    owner = _owner(data)
    if owner:
        return _known(owner) or _created(SYSTEM_USER if _find(SYSTEM_USER) is None else f"{SYSTEM_USER}{owner}", owner)
    return _find(SYSTEM_USER) or _created(SYSTEM_USER)


def ancestors(path: Path) -> list[Path]:
    """The existing folders from the root down to `path`."""
    return [folder for folder in (*reversed(path.parents), path) if folder.is_dir()]


def _owner(data: Path) -> int:
    for place in (data / "postgres", data):
        if place.exists() and place.stat().st_uid != 0:
            return place.stat().st_uid
    return 0


def _myself() -> RunAs:
    found = _known(os.geteuid())
    if found is None:
        raise OperatorError(
            f"The user id {os.geteuid()} has no name on this machine, and PostgreSQL needs one: start DianaBot as a "
            "user of /etc/passwd, or set DATABASE_URL to a PostgreSQL of your own."
        )
    return RunAs(found.uid, os.getegid(), found.name, steps_down=False)


def _known(uid: int) -> RunAs | None:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    return RunAs(entry.pw_uid, entry.pw_gid, entry.pw_name, steps_down=True)


def _find(name: str) -> RunAs | None:
    try:
        return _known(pwd.getpwnam(name).pw_uid)
    except KeyError:
        return None


def _created(name: str, uid: int | None = None) -> RunAs:
    for command in _commands(name, uid):
        if program := shutil.which(command[0], path=_SBIN):
            subprocess.run([program, *command[1:]], cwd="/", capture_output=True, check=False)
        if found := _find(name):
            return found
    if uid is None and (found := _find(_FALLBACK)) and found.uid != 0:
        return found
    raise OperatorError(
        f"PostgreSQL may not run as root, and the user {name!r} could not be made: make it yourself "
        f"(useradd --system {name}), start DianaBot as another user, or set DATABASE_URL."
    )


def _commands(name: str, uid: int | None) -> tuple[list[str], ...]:
    """For most Linux systems, and for those with busybox."""
    number = [] if uid is None else [str(uid)]
    return (
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", *_after("--uid", number), name],
        ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", *_after("-u", number), name],
    )


def _after(option: str, values: list[str]) -> list[str]:
    return [option, *values] if values else []
