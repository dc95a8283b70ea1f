import os
import pwd
from pathlib import Path

import pytest

from dianabot.kernel.embedded import user
from dianabot.kernel.errors import OperatorError


def test_whoever_is_not_root_stays_who_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    me = pwd.getpwnam("nobody").pw_uid
    monkeypatch.setattr(os, "geteuid", lambda: me)
    run_as = user.server_user(tmp_path)
    assert (run_as.uid, run_as.name, run_as.steps_down, run_as.arguments) == (me, "nobody", False, {})


def test_a_user_id_without_a_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 3999999)
    with pytest.raises(OperatorError, match="The user id 3999999 has no name on this machine"):
        user.server_user(tmp_path)


def test_where_no_user_can_be_made_nobody_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_SBIN", "/nowhere")
    assert user._created("no-such-user").name == "nobody"


def test_where_not_even_nobody_exists_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "_SBIN", "/nowhere")
    monkeypatch.setattr(user, "_FALLBACK", "no-such-user-either")
    with pytest.raises(OperatorError, match=r"'no-such-user' could not be made: make it yourself \(useradd"):
        user._created("no-such-user")


def test_a_user_is_made_as_the_machine_does_it() -> None:
    assert user._commands("dianabot", None) == (
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "dianabot"],
        ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", "dianabot"],
    )
    assert [command[-3:] for command in user._commands("dianabot", 1234)] == [
        ["--uid", "1234", "dianabot"],
        ["-u", "1234", "dianabot"],
    ]
