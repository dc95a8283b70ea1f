"""The servers that come along: PostgreSQL 18 and Valkey 9, run for whoever has none of their own.

    async with servers(data, postgres=True, valkey=True, role="supervisor") as running:
        running.dsn, running.valkey_url, running.owner
        await running.over()        # beside the rest: ends only when PostgreSQL cannot be kept alive

`default_data` chooses the folder, `check_port` tells who has a port, `scratch` runs throwaway servers for tests.
"""

from dianabot.kernel.embedded.lock import Role, Run
from dianabot.kernel.embedded.place import default_data
from dianabot.kernel.embedded.ports import check_port
from dianabot.kernel.embedded.scratch import Scratch, scratch, turn
from dianabot.kernel.embedded.servers import Servers, attach, running, servers

__all__ = [
    "Role",
    "Run",
    "Scratch",
    "Servers",
    "attach",
    "check_port",
    "default_data",
    "running",
    "scratch",
    "servers",
    "turn",
]
