"""Refusals of the Secrets Manager API, raised where they are found and answered as AWS answers them."""

from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, json_response

Request = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]


class ApiError(Exception):
    """An error of the AWS API: its code, its message, its HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    def response(self) -> Response:
        return error_response_json(self.code, self.message, self.status)


def invalid_parameter(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)


def invalid_request(message: str) -> ApiError:
    return ApiError("InvalidRequestException", message)


def not_found(message: str) -> ApiError:
    return ApiError("ResourceNotFoundException", message)


def answered(action: Callable[[Request], dict[str, Any]]) -> Callable[[Request], Response]:
    """Turn an action (request in, result or ApiError out) into a handler of ministack's shape."""

    def handler(data: Request) -> Response:
        try:
            return json_response(action(data))
        except ApiError as error:
            return error.response()

    handler.__name__ = action.__name__
    return handler
