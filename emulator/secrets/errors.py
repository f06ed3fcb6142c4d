"""Errors of an AWS API."""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json, json_response

Request = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]


class ApiError(Exception):
    """An error that the API answers with this code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message

    def response(self) -> Response:
        response: Response = error_response_json(self.code, self.message, 400)
        return response


def invalid_parameter(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)


def invalid_request(message: str) -> ApiError:
    return ApiError("InvalidRequestException", message)


def not_found(message: str) -> ApiError:
    return ApiError("ResourceNotFoundException", message)


def as_handler(action: Callable[[Request], Mapping[str, Any] | Response]) -> Callable[[Request], Response]:
    """Make a handler for ministack. The action returns its result, or raises ApiError."""

    def handler(data: Request) -> Response:
        try:
            result = action(data)
            response: Response = result if isinstance(result, tuple) else json_response(result)
        except ApiError as error:
            return error.response()
        return response

    return handler
