"""Compares an answer with those that the model allows."""

import json

from operations import Refusal


def is_right(expected, got):
    """expected is a body or a Refusal, got a body or a Failure."""
    if isinstance(expected, Refusal):
        return (isinstance(got, Exception) and got.type == expected.type
                and got.message in expected.messages
                and normal(got.item) == normal(expected.item))
    return not isinstance(got, Exception) and normal(got) == normal(expected)


def normal(wire):
    """Prepares an answer for comparison: BatchGetItem's answer has no order."""
    if isinstance(wire, list):
        return [normal(element) for element in wire]
    if not isinstance(wire, dict):
        return wire
    result = {}
    for name, content in wire.items():
        if name == "Responses" and isinstance(content, dict):
            result[name] = {table: sorted(map(normal, items), key=sort_key)
                            for table, items in content.items()}
        elif name == "ConsumedCapacity" and isinstance(content, list):
            result[name] = sorted(content, key=sort_key)
        else:
            result[name] = normal(content)
    return result


def sort_key(wire):
    """Independent of the order of members."""
    return json.dumps(wire, sort_keys=True, default=repr)
