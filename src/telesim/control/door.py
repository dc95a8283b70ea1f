"""How the control API takes a request and answers: JSON in, JSON out, `{error}` with a 4xx."""

import inspect
import json
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telesim.errors import ApiError, ControlError
from telesim.sim import Sim
from telesim.world.people import Person

LARGEST = 1 << 20
ENCODE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Asked(BaseModel):
    """What a call may carry; anything else is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Nothing(Asked):
    pass


Body = TypeVar("Body", bound=Asked)


def answered(value: Any, status: int = 200) -> Response:
    return Response(ENCODE(value), status, media_type="application/json")


def refused(error: ControlError | ApiError) -> Response:
    if isinstance(error, ApiError):
        return answered({"error": error.description}, error.code)
    return answered({"error": error.message, **error.more}, error.status)


async def body_of(request: Request, model: type[Body]) -> Body:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            raise ControlError("the request is too large", 413)
        parts.append(part)
    return parsed(model, b"".join(parts) or b"{}")


def parsed(model: type[Body], source: bytes) -> Body:
    try:
        return model.model_validate_json(source)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise ControlError(f"{place}: {problem['msg']}" if place else problem["msg"]) from error


def query_of(request: Request, model: type[Body]) -> Body:
    return parsed(model, json.dumps(dict(request.query_params)).encode())


def person_of(sim: Sim, request: Request) -> Person:
    given = request.path_params["person"]
    person = sim.world.people.get(int(given)) if given.isascii() and given.isdigit() and len(given) < 20 else None
    if person is None:
        raise ControlError("there is no such person", 404)
    return person


def route(sim: Sim, method: str, path: str, model: type[Body], act: Callable[..., Any]) -> Route:
    """A call: `act(sim, given)` or, on a path with a person, `act(sim, person, given)`."""
    of_person = "{person}" in path

    async def handle(request: Request) -> Response:
        try:
            given = query_of(request, model) if method in {"GET", "DELETE"} else await body_of(request, model)
            where = dict(request.path_params)
            subject = [person_of(sim, request)] if where.pop("person", None) is not None and of_person else []
            result = act(sim, *subject, given, **where)
            return answered(await result if inspect.isawaitable(result) else result)
        except (ControlError, ApiError) as error:
            return refused(error)

    return Route(path, handle, methods=[method])
