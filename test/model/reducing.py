"""Reduces the requests that led to a failure to few and small ones.

Hypothesis would shrink the choices it made, and send some forty requests
for each attempt; here whole requests go first, and then parts of them, so
that the attempts soon are short.
"""

import dataclasses
import decimal
import itertools

SHORT = 8


def reduce(operations, fails):
    """The smallest list found that still fails; the whole list does."""
    smaller = True
    while smaller:
        count = len(operations)
        operations = without_some(operations, fails)
        operations, simpler_ = with_simpler(operations, fails)
        smaller = simpler_ or len(operations) < count
    return operations


def without_some(operations, fails):
    size = max(len(operations) // 2, 1)
    while size:
        end = len(operations)
        while end > 0:
            candidate = (operations[:max(end - size, 0)] + operations[end:])
            if candidate and fails(candidate):
                operations = candidate
            end -= size
        size //= 2
    return operations


def with_simpler(operations, fails):
    any_simpler = False
    for number in reversed(range(len(operations))):
        found = True
        while found:
            found = False
            for candidate in simpler(operations[number]):
                attempt = list(operations)
                attempt[number] = candidate
                if fails(attempt):
                    operations, found, any_simpler = attempt, True, True
                    break
    return operations, any_simpler


def simpler(node):
    """Returns everything that is one step simpler.  Some of it makes no sense,
    and raises another error when it is tried."""
    if dataclasses.is_dataclass(node):
        yield from simpler_dataclass(node)
    elif isinstance(node, dict):
        for name in node:
            yield {other: node[other] for other in node if other != name}
        for name, child in node.items():
            for candidate in simpler(child):
                yield {**node, name: candidate}
    elif isinstance(node, (tuple, list, frozenset)):
        yield from simpler_sequence(node)
    elif isinstance(node, (str, bytes)):
        if len(node) > SHORT:
            yield node[:len(node) // 2]
    elif isinstance(node, decimal.Decimal):
        if node not in (0, 1):
            yield decimal.Decimal(1)
    elif isinstance(node, int) and not isinstance(node, bool):
        if node > 1:
            yield from {0, 1, node // 2}


def simpler_dataclass(node):
    kind = type(node).__mro__[-2]       # Condition, Operation, or itself
    for field in dataclasses.fields(node):
        content = getattr(node, field.name)
        children = content if isinstance(content, tuple) else (content,)
        for child in children:
            if isinstance(child, kind):
                yield child
        candidates = simpler(content)
        if content is not None:
            candidates = itertools.chain([None], candidates)
        for candidate in candidates:
            try:
                simple = dataclasses.replace(node, **{field.name: candidate})
            except (AssertionError, TypeError):
                continue        # there is no such node
            yield simple


def simpler_sequence(node):
    kind, elements = type(node), list(node)
    for number in range(len(elements)):
        yield kind(elements[:number] + elements[number + 1:])
    for number, element in enumerate(elements):
        for candidate in simpler(element):
            yield kind(elements[:number] + [candidate]
                       + elements[number + 1:])
