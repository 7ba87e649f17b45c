"""Tables as dictionaries of items by key, and the pages of reads."""

from dataclasses import dataclass, field

import values

PAGE_SIZE = 1048576
NO_KEY = "The provided key element does not match the schema"
HASH_TOO_LONG = ("One or more parameter values were invalid: Size of hashkey "
                 "has exceeded the maximum size limit of2048 bytes")
RANGE_TOO_LONG = ("One or more parameter values were invalid: Aggregated size "
                  "of all range keys has exceeded the size limit of 1024 "
                  "bytes")
EMPTY = {"S": "string", "B": "binary"}


@dataclass(frozen=True)
class Schema:
    """Key attributes as (name, type), hash first."""
    table: str
    keys: tuple

    @property
    def names(self):
        return [name for name, _ in self.keys]

    def definition(self):
        return {
            "TableName": self.table,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": tag}
                for name, tag in self.keys],
            "KeySchema": [
                {"AttributeName": name, "KeyType": role}
                for name, role in zip(self.names, ("HASH", "RANGE"))],
        }

    def key_of(self, item):
        """Returns the key under which an item is stored.  The item must have one."""
        return tuple(item[name] for name in self.names)

    def key_item(self, item):
        return {name: item[name] for name in self.names}

    def key_problem(self, key):
        """The message for a Key member, or None."""
        if len(key) != len(self.keys):
            return NO_KEY
        for name, tag in self.keys:
            if name not in key or key[name][0] != tag:
                return NO_KEY
            problem = self.value_problem(name, key[name])
            if problem:
                return problem
        return None

    def item_problem(self, item):
        """The message for an item that is put, or None."""
        for name, tag in self.keys:
            if name not in item:
                return ("One or more parameter values were invalid: Missing "
                        f"the key {name} in the item")
            if item[name][0] != tag:
                return ("One or more parameter values were invalid: Type "
                        f"mismatch for key {name} expected: {tag} actual: "
                        f"{item[name][0]}")
            problem = self.value_problem(name, item[name])
            if problem:
                return problem
        return None

    def value_problem(self, name, value):
        """Of a key value of the right type."""
        tag, content = value
        if tag in EMPTY and not content:
            return ("One or more parameter values are not valid. The "
                    "AttributeValue for a key attribute cannot contain an "
                    f"empty {EMPTY[tag]} value. Key: {name}")
        is_hash = name == self.names[0]
        if is_hash and values.size(value) > values.MAX_HASH_SIZE:
            return HASH_TOO_LONG
        if not is_hash and values.size(value) > values.MAX_RANGE_SIZE:
            return RANGE_TOO_LONG
        return None

    def path_problems(self, paths):
        """Of paths that lead into a key attribute."""
        return ["Key attributes must be scalars; list random access '[]' and "
                "map lookup '.' are not allowed: Key: " + path.elements[0]
                for path in paths
                if len(path.elements) > 1 and path.elements[0] in self.names]


@dataclass
class Table:
    schema: Schema
    items: dict = field(default_factory=dict)

    def get(self, key_item):
        return self.items.get(self.schema.key_of(key_item))

    def put(self, item):
        self.items[self.schema.key_of(item)] = item

    def delete(self, key_item):
        self.items.pop(self.schema.key_of(key_item), None)

    def partition(self, hash_value):
        """Its items in the order of their range keys."""
        keys = [key for key in self.items if key[0] == hash_value]
        keys.sort(key=lambda key: [values.order_key(part) for part in key[1:]])
        return [self.items[key] for key in keys]


def page_of(rows, limit):
    """(rows evaluated, their size, whether there may be more)"""
    evaluated, size = [], 0
    for row in rows:
        evaluated.append(row)
        size += values.item_size(row)
        if len(evaluated) == limit or size >= PAGE_SIZE:
            return evaluated, size, True
    return evaluated, size, False
