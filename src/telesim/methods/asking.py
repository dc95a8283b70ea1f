"""Polls and quizzes."""

import secrets
from typing import Annotated, Any

from telesim import views
from telesim.acts.voting import close, close_in_time
from telesim.errors import bad_request
from telesim.methods.markup import AnyMarkup, only_inline
from telesim.methods.method import Caller, Method
from telesim.methods.params import ChatId, Decoded, Entities, Given, Integer, Params, plain
from telesim.methods.places import find_message, writable_chat
from telesim.methods.sending import Sending, put
from telesim.text import formatted
from telesim.world.messages import Poll

SHORTEST, LONGEST = 5, 2_628_000


class Option(Given):
    text: str
    text_parse_mode: str | None = None
    text_entities: Entities | None = None


class SendPoll(Sending):
    question: str
    question_parse_mode: str | None = None
    question_entities: Entities | None = None
    options: Annotated[list[Option | str], Decoded]
    is_anonymous: bool = True
    type: str = "regular"
    allows_multiple_answers: bool = False
    allows_revoting: bool | None = None
    shuffle_options: bool | None = None
    allow_adding_options: bool | None = None
    hide_results_until_closes: bool = False
    members_only: bool = False
    country_codes: Annotated[list[str], Decoded] | None = None
    correct_option_id: Integer | None = None
    correct_option_ids: Annotated[list[Integer], Decoded] | None = None
    explanation: str = ""
    explanation_parse_mode: str | None = None
    explanation_entities: Entities | None = None
    description: str = ""
    description_parse_mode: str | None = None
    description_entities: Entities | None = None
    open_period: Integer | None = None
    close_date: Integer | None = None
    is_closed: bool = False


class StopPoll(Params):
    chat_id: ChatId
    message_id: Integer
    business_connection_id: str | None = None
    reply_markup: AnyMarkup | None = None


def _options(p: SendPoll) -> list[dict[str, Any]]:
    if not 1 <= len(p.options) <= 12:
        raise bad_request(
            "poll must have at least 1 option" if not p.options else "poll can't have more than 12 options"
        )
    options = []
    for given in p.options:
        one = Option(text=given) if isinstance(given, str) else given
        text = formatted(one.text, one.text_parse_mode, plain(one.text_entities))
        if not text.text:
            raise bad_request("poll options must be non-empty")
        if len(text.text) > 100:
            raise bad_request("poll options length must not exceed 100")
        option: dict[str, Any] = {"persistent_id": secrets.token_urlsafe(6), "text": text.text}
        if custom := [mark for mark in text.entities if mark["type"] == "custom_emoji"]:
            option["text_entities"] = custom
        options.append(option)
    return options


def _correct(p: SendPoll, count: int) -> list[int]:
    if p.type != "quiz":
        return []
    given = p.correct_option_ids
    correct = given if given is not None else [] if p.correct_option_id is None else [p.correct_option_id]
    if not correct:
        raise bad_request("quiz correct option identifier must be specified")
    if sorted(set(correct)) != correct or not 0 <= correct[0] <= correct[-1] < count:
        raise bad_request("wrong correct option ID specified")
    if len(correct) > 1 and not p.allows_multiple_answers:
        raise bad_request("wrong correct option ID specified")
    return correct


def _end(call: Caller, p: SendPoll) -> tuple[int | None, int | None]:
    now = call.sim.clock.seconds()
    if p.open_period:
        if not SHORTEST <= p.open_period <= LONGEST:
            raise bad_request("open period must be 5 to 2628000 seconds")
        return p.open_period, now + p.open_period
    if p.close_date:
        if not SHORTEST <= p.close_date - now <= LONGEST:
            raise bad_request("close date must be 5 to 2628000 seconds in the future")
        return None, p.close_date
    return None, None


def _explanation(p: SendPoll) -> tuple[str | None, list[dict[str, Any]]]:
    if p.type != "quiz" or not p.explanation:
        return None, []
    text = formatted(p.explanation, p.explanation_parse_mode, plain(p.explanation_entities))
    if len(text.text) > 200 or text.text.count("\n") > 2:
        raise bad_request("POLL_EXPLANATION_INVALID" if len(text.text) <= 200 else "message is too long")
    return text.text or None, text.entities


def build(call: Caller, p: SendPoll) -> Poll:
    """The poll, within all limits."""
    question = formatted(p.question, p.question_parse_mode, plain(p.question_entities))
    if not question.text:
        raise bad_request("poll question must be non-empty")
    if len(question.text) > 300:
        raise bad_request("poll question length must not exceed 300")
    if p.type not in {"regular", "quiz"}:
        raise bad_request("unsupported poll type specified")
    options = _options(p)
    explanation, marks = _explanation(p)
    description = formatted(p.description, p.description_parse_mode, plain(p.description_entities))
    period, end = _end(call, p)
    return Poll(
        id=str(secrets.randbits(62)),
        owner=call.bot.id,
        question=question.text,
        question_entities=[mark for mark in question.entities if mark["type"] == "custom_emoji"],
        options=options,
        is_anonymous=p.is_anonymous,
        type=p.type,
        multiple=p.allows_multiple_answers,
        revoting=p.type != "quiz" if p.allows_revoting is None else p.allows_revoting,
        members_only=p.members_only,
        country_codes=p.country_codes or [],
        correct=_correct(p, len(options)),
        explanation=explanation,
        explanation_entities=marks,
        description=description.text or None,
        description_entities=description.entities,
        open_period=period,
        close_date=end,
        closed=p.is_closed,
        hide_until_close=p.hide_results_until_closes,
    )


def send_poll(call: Caller, p: SendPoll) -> dict[str, Any]:
    where = writable_chat(call, p.chat_id)
    if where.type == "channel" and not p.is_anonymous:
        raise bad_request("non-anonymous polls can't be sent to channel chats")
    if where.type != "channel" and (p.members_only or p.country_codes):
        raise bad_request("polls can be limited to members and countries in channel chats only")
    poll = build(call, p)
    call.world.add(poll)
    said = put(call, where, p, {}, poll=poll.id)
    close_in_time(call.sim, poll)
    return views.message(call.world, said, call.bot.id)


def stop_poll(call: Caller, p: StopPoll) -> dict[str, Any]:
    where, said = find_message(call, p.chat_id, p.message_id, "message with poll to stop not found")
    if said.poll is None:
        raise bad_request("message with poll to stop not found")
    poll = call.world.polls[said.poll]
    if poll.owner != call.bot.id:
        raise bad_request("poll can't be stopped")
    if poll.closed:
        raise bad_request("poll has already been closed")
    said.markup = only_inline(p.reply_markup, where)
    close(call.sim, poll)
    return views.poll(call.world, poll, call.bot.id)


METHODS = [Method("sendPoll", SendPoll, send_poll), Method("stopPoll", StopPoll, stop_poll)]
