"""Every call of the control API."""

from starlette.routing import BaseRoute, Route

from telesim.control import people, reading, settings, taking_part, watching, writing
from telesim.control.door import Nothing, route
from telesim.sim import Sim

ONE = "/api/people/{person}"


def routes(sim: Sim, on_clock: settings.OnClock | None) -> list[BaseRoute]:
    return [
        route(sim, "GET", f"{ONE}/messages", reading.Messages, reading.messages),
        route(sim, "POST", f"{ONE}/send", writing.Text, writing.send),
        route(sim, "POST", f"{ONE}/tap", writing.Tap, writing.tap),
        route(sim, "POST", f"{ONE}/start", writing.Start, writing.start),
        route(sim, "POST", f"{ONE}/edit", writing.Edited, writing.edit_own),
        route(sim, "POST", f"{ONE}/delete", writing.At, writing.delete_one),
        route(sim, "POST", f"{ONE}/forward", writing.Forward, writing.forward),
        route(sim, "POST", f"{ONE}/read", writing.At, writing.read),
        route(sim, "POST", f"{ONE}/react", taking_part.React, taking_part.react),
        route(sim, "POST", f"{ONE}/vote", taking_part.Vote, taking_part.vote),
        route(sim, "POST", f"{ONE}/pay", taking_part.Pay, taking_part.pay),
        route(sim, "POST", f"{ONE}/subscription", taking_part.Subscription, taking_part.subscription),
        route(sim, "POST", f"{ONE}/join", taking_part.Join, taking_part.join),
        route(sim, "POST", f"{ONE}/leave", taking_part.OneChat, taking_part.leave),
        route(sim, "POST", f"{ONE}/join_requests", taking_part.Decision, taking_part.decide),
        Route(f"{ONE}/upload", taking_part.uploader(sim), methods=["POST"]),
        route(sim, "POST", f"{ONE}/block", people.Block, people.block),
        route(sim, "GET", f"{ONE}/chats", Nothing, reading.chats),
        Route(f"{ONE}/live", watching.watcher(sim)),
        route(sim, "PATCH", ONE, people.ChangedPerson, people.change),
        route(sim, "POST", "/api/people", people.NewPerson, people.create),
        route(sim, "POST", "/api/bots", people.NewBot, people.create_bot),
        route(sim, "GET", "/api/state", Nothing, reading.state),
        route(sim, "GET", "/api/invite/{link}", taking_part.Viewer, taking_part.invite),
        route(sim, "GET", "/api/invoice/{slug}", Nothing, taking_part.invoice),
        route(sim, "GET", "/api/calls", reading.After, reading.calls),
        route(sim, "POST", "/api/clock", settings.Advance, settings.clock_mover(on_clock)),
        route(sim, "GET", "/api/faults", Nothing, settings.faults),
        route(sim, "POST", "/api/faults", settings.NewFault, settings.add_fault),
        route(sim, "DELETE", "/api/faults", Nothing, settings.clear_faults),
        route(sim, "POST", "/api/limits", settings.Limits, settings.set_limits),
    ]
