import os
import socket

import pytest

from dianabot.kernel.embedded import check_port
from dianabot.kernel.errors import OperatorError


def test_a_free_port_is_fine_and_stays_free() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


def test_a_taken_port_is_told_with_who_has_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            OperatorError, match=rf"Port {port} on 127\.0\.0\.1 is taken by .*\(process {os.getpid()}\)"
        ):
            check_port("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_told(host: str) -> None:
    with pytest.raises(OperatorError, match="is no address of this machine"):
        check_port(host, 8080)
