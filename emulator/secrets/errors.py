"""Errors of an AWS API."""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json, json_response

Request = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]


class ApiError(Exception):
    """An error that the API answers with this code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    def response(self) -> Response:
        response: Response = error_response_json(self.code, self.message, self.status)
        return response


def invalid_parameter(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)


def invalid_request(message: str) -> ApiError:
    return ApiError("InvalidRequestException", message)


def not_found(message: str) -> ApiError:
    return ApiError("ResourceNotFoundException", message)


def answering(action: Callable[..., Response]) -> Callable[..., Response]:
    """Make a handler for ministack. The action returns its answer or raises ApiError."""

    def handler(*args: object) -> Response:
        try:
            return action(*args)
        except ApiError as error:
            return error.response()

    return handler


def as_handler(action: Callable[[Request], Mapping[str, Any]]) -> Callable[[Request], Response]:
    """Make a handler for ministack. The action returns its result or raises ApiError."""
    return answering(lambda data: json_response(action(data)))
