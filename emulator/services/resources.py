"""The types of ministack's handlers for CloudFormation resources."""

from collections.abc import Callable
from typing import Any

Properties = dict[str, Any]
Created = tuple[str, Properties]
"""The physical id, which is the Ref, and the attributes of a resource."""
Handlers = dict[str, Callable[..., Any]]
"""The functions create, update and delete."""
