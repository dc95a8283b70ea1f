"""What an earlier process had put on the timeline is put there again."""

from telesim.acts.membership import expire_later
from telesim.acts.paying import renew_later
from telesim.acts.voting import close_in_time
from telesim.sim import Sim


def take_up(sim: Sim) -> None:
    for members in sim.world.members.values():
        for member in members.values():
            if member.until:
                expire_later(sim, sim.world.public[member.chat], member)
    for poll in sim.world.polls.values():
        close_in_time(sim, poll)
    for charge in sim.world.charges.values():
        if charge.subscription_period and charge.first is None and not charge.ended:
            renew_later(sim, charge)
