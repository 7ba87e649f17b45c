"""BatchGetItem and BatchWriteItem."""

from dataclasses import dataclass

import capacity
import values
from operations import (Operation, refuse_first, stored, without_none,
                        write_expressions)
from reads import (AttributesToGet, legacy_projection_complaint, projected,
                   projection_complaint, put_projection)
from tables import NO_KEY
from writes import PUT_TOO_LARGE

DUPLICATES = "Provided list of item keys contains duplicates"
MIXED = ("Can not use both expression and non-expression parameters in the same "
         "request: Non-expression parameters: {AttributesToGet} "
         "Expression parameters: {ProjectionExpression}")


def reports(mode, units):
    """Returns the ConsumedCapacity of many tables, None if it was not requested."""
    entries = [capacity.report(mode, table, sum(of_table))
               for table, of_table in units.items()]
    return None if None in entries else entries


@dataclass(frozen=True)
class Keys:
    """One table's part of a BatchGetItem."""
    keys: tuple
    projection: object = None
    consistent: bool = None

    def request(self, writer):
        request = {"Keys": [values.item_to_request(key) for key in self.keys]}
        if self.consistent is not None:
            request["ConsistentRead"] = self.consistent
        write_expressions(
            request, writer,
            ProjectionExpression=put_projection(request, self.projection))
        return request

    def complaints(self):
        yield legacy_projection_complaint(self.projection)
        yield projection_complaint(self.projection)
        # numbers are compared as they are spelled here
        spelled = [values.item_to_request(key) for key in self.keys]
        yield [DUPLICATES] * any(key in spelled[:number]
                                 for number, key in enumerate(spelled))


@dataclass(frozen=True)
class BatchGetItem(Operation):
    parts: dict                 # of Keys by table
    capacity: str = None
    style: int = 0

    def request(self):
        return without_none({
            "RequestItems": {table: part.request(self.writer())
                             for table, part in self.parts.items()},
            "ReturnConsumedCapacity": self.capacity,
        })

    def complaints(self):
        ways = set()
        for part in self.parts.values():
            if part.projection is not None:
                ways.add(isinstance(part.projection, AttributesToGet))
            yield [MIXED] * (len(ways) > 1)
            yield from part.complaints()

    def run(self, database):
        refuse_first(*self.complaints())
        found, units = {}, {}
        for name, part in self.parts.items():
            schema = database.table(name).schema
            problems = [schema.key_problem(key) for key in part.keys]
            refuse_first(*[[problem] for problem in problems if problem],
                         schema.path_problems(part.projection.paths()
                                              if part.projection else []))
        for name, part in self.parts.items():
            items = [database.table(name).get(key) for key in part.keys]
            found[name] = [projected(part.projection, item)
                           for item in items if item is not None]
            units[name] = [capacity.read_units(values.item_size(item or {}),
                                               part.consistent)
                           for item in items]
        return without_none({
            "Responses": found,
            "UnprocessedKeys": {},
            "ConsumedCapacity": reports(self.capacity, units),
        })


@dataclass(frozen=True)
class Put:
    item: dict

    def request(self):
        return {"PutRequest": {"Item": values.item_to_request(self.item)}}

    def complaint(self):
        too_large = values.item_size(self.item) > values.MAX_ITEM_SIZE
        return [PUT_TOO_LARGE] * too_large

    def key(self):
        return self.item

    def problem(self, schema):
        problem = schema.item_problem(self.item)
        if any(name not in self.item or self.item[name][0] != tag
               for name, tag in schema.keys):
            # the first attribute may already be wrong in its own way
            return [NO_KEY] if problem.startswith((
                "One or more parameter values were invalid: Missing",
                "One or more parameter values were invalid: Type")) else [
                    problem, NO_KEY]
        return [problem] if problem else []

    def do(self, table):
        old = table.get(self.item)
        table.put(stored(self.item))
        return max(values.item_size(old or {}), values.item_size(self.item))


@dataclass(frozen=True)
class Delete:
    deleted: dict

    def request(self):
        return {"DeleteRequest": {"Key": values.item_to_request(self.deleted)}}

    def complaint(self):
        return []

    def key(self):
        return self.deleted

    def problem(self, schema):
        problem = schema.key_problem(self.deleted)
        return [problem] if problem else []

    def do(self, table):
        old = table.get(self.deleted)
        table.delete(self.deleted)
        return values.item_size(old or {})


@dataclass(frozen=True)
class BatchWriteItem(Operation):
    writes: dict                # lists of Put and Delete by table
    capacity: str = None
    metrics: str = None

    def request(self):
        return without_none({
            "RequestItems": {table: [write.request() for write in writes]
                             for table, writes in self.writes.items()},
            "ReturnConsumedCapacity": self.capacity,
            "ReturnItemCollectionMetrics": self.metrics,
        })

    def run(self, database):
        refuse_first(*[write.complaint() for writes in self.writes.values()
                       for write in writes])
        for name, writes in self.writes.items():
            schema = database.table(name).schema
            refuse_first(*[write.problem(schema) for write in writes])
        for name, writes in self.writes.items():
            schema = database.table(name).schema
            keys = [schema.key_of(write.key()) for write in writes]
            refuse_first([DUPLICATES] * (len(set(keys)) < len(keys)))
        units = {name: [capacity.write_units(write.do(database.table(name)))
                        for write in writes]
                 for name, writes in self.writes.items()}
        return without_none({
            "UnprocessedItems": {},
            "ConsumedCapacity": reports(self.capacity, units),
        })
