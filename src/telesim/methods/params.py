"""What a method may be given: types that read Telegram's loose ways of writing values and refuse everything else."""

import json
import re
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from telesim.errors import ApiError, bad_request
from telesim.world.files import Upload

INT64 = 2**63 - 1
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NUMBER = re.compile(r"\s*-?[0-9]{1,40}\s*")


def _clamped_integer(value: Any) -> Any:
    """Numbers beyond 64 bits count as the largest, as they do there."""
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            return value
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-INT64 - 1, min(INT64, value))
    return value


def _decoded(value: Any) -> Any:
    """Objects and arrays come as JSON text in forms and as themselves in a JSON body."""
    if isinstance(value, str):
        try:
            decoded = json.loads(value)
            json.dumps(decoded, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ValueError("can't parse JSON") from error
        return decoded
    return value


def _chat(value: Any) -> Any:
    """A number, or a public name with its @."""
    value = _clamped_integer(value)
    if isinstance(value, str) and not value.startswith("@"):
        raise ValueError("chat not found")
    return value


Integer = Annotated[int, BeforeValidator(_clamped_integer)]
ChatId = Annotated[int | str, BeforeValidator(_chat)]
Decoded = BeforeValidator(_decoded)
FileOrId = str | Upload


def clamped(low: int, high: int) -> Any:
    """An integer that Telegram moves into its range instead of refusing it."""

    def clamp(value: Any) -> Any:
        number = _clamped_integer(value)
        return max(low, min(high, number)) if isinstance(number, int) else number

    return BeforeValidator(clamp)


class Given(BaseModel):
    """Parameters, or an object among them. A name that Telegram does not know is refused: stricter than Telegram."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True, allow_inf_nan=False)


class Params(Given):
    """Parameters of one method; as it stands, of one that has none."""


Model = TypeVar("Model", bound=Params)


def read(model: type[Model], given: dict[str, Any]) -> Model:
    """The parameters, or a Bad Request that names what is wrong with which."""
    try:
        return model.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise _refusal(error) from error
    except RecursionError as error:
        raise bad_request("object is nested too deeply") from error


def _refusal(error: ValidationError) -> ApiError:
    problem = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in problem["loc"] if not (isinstance(part, str) and "[" in part))
    name = str(problem["loc"][0]) if problem["loc"] else ""
    if problem["type"] == "missing":
        return bad_request(MISSING.get(place, f'parameter "{place}" is required'))
    if problem["type"] == "extra_forbidden":
        return bad_request(f'unknown parameter "{place}"')
    if problem["type"] == "string_unicode":
        return bad_request("strings must be encoded in UTF-8")
    if name in {"chat_id", "from_chat_id"}:
        return bad_request("chat not found")
    reason = problem["msg"].removeprefix("Value error, ")
    return bad_request(f'can\'t parse parameter "{place}": {reason[:1].lower()}{reason[1:]}')


MISSING = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "from_chat_id is empty",
    "text": "message text is empty",
    "user_id": "invalid user_id specified",
    "message_id": "message identifier is not specified",
    "callback_query_id": TOO_OLD,
    "pre_checkout_query_id": TOO_OLD,
    "invite_link": "invite link is not specified",
    "file_id": "file_id is empty",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "video": "there is no video in the request",
    "audio": "there is no audio in the request",
    "voice": "there is no voice in the request",
    "animation": "there is no animation in the request",
    "video_note": "there is no video note in the request",
    "sticker": "there is no sticker in the request",
    "media": "media is empty",
    "options": "poll options must be non-empty",
    "question": "poll question must be non-empty",
    "title": "title must be non-empty",
    "reply_markup.inline_keyboard": "object expected as reply markup",
}


class Entity(Given):
    type: str
    offset: int
    length: int
    url: str | None = None
    user: dict[str, Any] | None = None
    language: str | None = None
    custom_emoji_id: str | None = None
    unix_time: int | None = None
    date_time_format: str | None = None


Entities = Annotated[list[Entity], Decoded, Field(max_length=1000)]


def plain(objects: list[Any] | None) -> list[dict[str, Any]]:
    """Read objects as plain ones again."""
    return [one.model_dump(exclude_none=True) for one in objects or []]
