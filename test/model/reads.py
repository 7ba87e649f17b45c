"""GetItem, Query and Scan."""

from dataclasses import dataclass, replace

import capacity
import legacy
import values
from expressions import (WRONG_TYPE, Projection, bounds_complaint, Literal)
from operations import (Operation, Refusal, framed, in_expression, invalid,
                        refuse_first, shown, without_none, write_expressions)
from tables import NO_KEY, page_of

BAD_START = "The provided starting key is invalid"
INVALID = legacy.INVALID


@dataclass(frozen=True)
class AttributesToGet:
    """The legacy form of a projection."""
    attributes: tuple

    def __post_init__(self):
        assert self.attributes

    def paths(self):
        return []

    def complaint(self):
        seen = set()
        for name in self.attributes:
            if name in seen:
                return [INVALID + f"Duplicate value in attribute name: {name}"]
            seen.add(name)
        return []

    def of(self, item):
        return {name: value for name, value in item.items()
                if name in self.attributes}


def put_projection(request, projection):
    """Returns the part that is written as an expression."""
    if isinstance(projection, AttributesToGet):
        request["AttributesToGet"] = list(projection.attributes)
        return None
    return projection


def legacy_projection_complaint(projection):
    if isinstance(projection, AttributesToGet):
        return projection.complaint()
    return []


def projection_complaint(projection):
    if isinstance(projection, Projection):
        return in_expression("ProjectionExpression", projection)
    return []


def projected(projection, item):
    return shown(item if projection is None else projection.of(item))


@dataclass(frozen=True)
class GetItem(Operation):
    table: str
    key: dict
    projection: object = None   # a Projection, AttributesToGet, or None
    consistent: bool = None
    capacity: str = None
    style: int = 0

    def request(self):
        request = without_none({
            "TableName": self.table,
            "Key": values.item_to_request(self.key),
            "ConsistentRead": self.consistent,
            "ReturnConsumedCapacity": self.capacity,
        })
        write_expressions(
            request, self.writer(),
            ProjectionExpression=put_projection(request, self.projection))
        return request

    def run(self, database):
        refuse_first(legacy_projection_complaint(self.projection),
                     projection_complaint(self.projection))
        table = database.table(self.table)
        problem = table.schema.key_problem(self.key)
        refuse_first([problem] if problem else [],
                     table.schema.path_problems(
                         self.projection.paths() if self.projection else []))
        item = table.get(self.key)
        units = capacity.read_units(values.item_size(item or {}),
                                    self.consistent)
        return without_none({
            "Item": None if item is None else projected(self.projection, item),
            "ConsumedCapacity": capacity.report(self.capacity, self.table,
                                                units),
        })


# ------------------------------------------------------------ Query and Scan

@dataclass(frozen=True)
class Page:
    """The common part of Query and Scan."""
    filter: object = None       # a Condition, legacy.Tests, or None
    projection: object = None
    select: str = None
    limit: int = None
    start: dict = None          # ExclusiveStartKey
    consistent: bool = None
    capacity: str = None
    goes_on: bool = False       # until there is no LastEvaluatedKey

    def request(self, legacy_filter):
        request = without_none({
            "Select": self.select,
            "Limit": self.limit,
            "ExclusiveStartKey": (None if self.start is None else
                                  values.item_to_request(self.start)),
            "ConsistentRead": self.consistent,
            "ReturnConsumedCapacity": self.capacity,
        })
        if isinstance(self.filter, legacy.Tests):
            request.update(self.filter.request(legacy_filter))
        return request

    def filter_expression(self):
        return None if isinstance(self.filter, legacy.Tests) else self.filter

    def filter_paths(self):
        expression = self.filter_expression()
        return expression.paths() if expression else []

    def projection_paths(self):
        return self.projection.paths() if self.projection else []

    def legacy_complaint(self):
        """Of the legacy filter."""
        if isinstance(self.filter, legacy.Tests):
            return self.filter.complaint()
        return []

    def expression_complaints(self):
        yield in_expression("FilterExpression", self.filter_expression())
        yield projection_complaint(self.projection)

    def select_complaint(self):
        parameter = None
        if self.projection is not None:
            parameter = ("AttributesToGet"
                         if isinstance(self.projection, AttributesToGet)
                         else "ProjectionExpression")
        if self.select == "SPECIFIC_ATTRIBUTES" and parameter is None:
            return ["Must specify the AttributesToGet or ProjectionExpression "
                    "when choosing to get SPECIFIC_ATTRIBUTES"]
        messages = []
        if (self.select not in (None, "SPECIFIC_ATTRIBUTES")
                and parameter is not None):
            choice = ("only the Count" if self.select == "COUNT"
                      else self.select)
            messages.append(f"Cannot specify the {parameter} when choosing to "
                            f"get {choice}")
        if self.select == "ALL_PROJECTED_ATTRIBUTES":
            messages.append("ALL_PROJECTED_ATTRIBUTES can be used only when "
                            "Querying using an IndexName")
        return messages

    def answer(self, table, rows):
        """One page of the rows, which begin where the page begins."""
        evaluated, size, cut = page_of(rows, self.limit)
        kept = [row for row in evaluated
                if self.filter is None or self.filter.holds(row)]
        items = None
        if self.select != "COUNT":
            items = [projected(self.projection, row) for row in kept]
        last = None
        if cut:
            last = shown(table.schema.key_item(evaluated[-1]))
        return without_none({
            "Items": items,
            "Count": len(kept),
            "ScannedCount": len(evaluated),
            "LastEvaluatedKey": last,
            "ConsumedCapacity": capacity.report(
                self.capacity, table.schema.table,
                capacity.read_units(size, self.consistent)),
        })

    def after(self, body):
        """The next page, or None."""
        if not self.goes_on or "LastEvaluatedKey" not in body:
            return None
        return replace(self, start=values.item_from_wire(
            body["LastEvaluatedKey"]))


# --------------------------------------------------------------------- Query

@dataclass(frozen=True)
class KeyTest(legacy.Test):
    """A key condition, in either form."""
    flipped: bool = False       # :value < key

    def tokens(self, writer):
        key = [writer.name(self.name)]
        arguments = [[writer.value(argument)] for argument in self.arguments]
        if self.operator == "BETWEEN":
            return [*key, "BETWEEN", *arguments[0], "AND", *arguments[1]]
        if self.operator == "BEGINS_WITH":
            return ["begins_with", "(", *key, ",", *arguments[0], ")"]
        symbol = legacy.SYMBOLS[self.operator]
        if self.flipped:
            turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
            return [*arguments[0], turned.get(symbol, symbol), *key]
        return [*key, symbol, *arguments[0]]

    def expression_complaint(self):
        tags = [argument[0] for argument in self.arguments]
        if self.operator == "BEGINS_WITH" and tags[0] not in ("S", "B"):
            return [WRONG_TYPE.format("begins_with", tags[0])]
        if self.operator == "BETWEEN":
            return bounds_complaint(*map(Literal, self.arguments))
        return []


@dataclass(frozen=True)
class KeyCondition:
    tests: tuple
    legacy: bool = False

    def tokens(self, writer):
        tokens = []
        for number, test in enumerate(self.tests):
            tokens += ["AND"] * (number > 0)
            tokens += writer.maybe_group(test.tokens(writer))
        return tokens

    def request(self):
        return {test.name: test.request() for test in self.tests}

    def complaint(self):
        """Of the expression."""
        for test in self.tests:
            if test.expression_complaint():
                return test.expression_complaint()
        return []

    def legacy_complaint(self):
        for test in self.tests:
            if test.complaint():
                return test.complaint()
        return []

    def test_of(self, name):
        for test in self.tests:
            if test.name == name:
                return test
        return None


@dataclass(frozen=True)
class Query(Operation):
    table: str
    condition: KeyCondition
    page: Page
    forward: bool = None
    style: int = 0

    def request(self):
        request = {"TableName": self.table, **self.page.request("QueryFilter")}
        if self.forward is not None:
            request["ScanIndexForward"] = self.forward
        expression = self.condition
        if self.condition.legacy:
            request["KeyConditions"] = self.condition.request()
            expression = None
        write_expressions(
            request, self.writer(), KeyConditionExpression=expression,
            FilterExpression=self.page.filter_expression(),
            ProjectionExpression=put_projection(request,
                                                self.page.projection))
        return request

    def next(self, body):
        page = self.page.after(body)
        return page and replace(self, page=page)

    def complaints(self):
        condition, page = self.condition, self.page
        yield page.legacy_complaint()
        yield legacy_projection_complaint(page.projection)
        if not condition.legacy:
            yield in_expression("KeyConditionExpression", condition)
        yield from page.expression_complaints()
        if condition.legacy:
            yield condition.legacy_complaint()
        count = len(condition.tests)
        yield ["Conditions can be of length 1 or 2 only"] * (count > 2)
        # whether all of these are framed is not known
        yield page.select_complaint() and (framed(page.select_complaint())
                                           + page.select_complaint())

    def run(self, database):
        refuse_first(*self.complaints())
        table = database.table(self.table)
        schema = table.schema
        if self.page.start is not None:
            refuse_first([BAD_START]
                         * (len(self.page.start) != len(schema.keys)))
        for number in range(len(schema.keys)):
            self.check_key(schema, number)
        if self.page.start is not None:
            self.check_position(schema)
        refuse_first(schema.path_problems(self.page.projection_paths()),
                     self.filter_complaint(schema))
        body = self.page.answer(table, self.rows(table))
        if len(schema.keys) == 1:
            # nothing follows the one item that a partition has
            body.pop("LastEvaluatedKey", None)
        return body

    def check_key(self, schema, number):
        """The start key's attribute, and the condition on the same."""
        name, tag = schema.keys[number]
        start = self.page.start
        if start is not None:
            if name not in start:
                raise invalid(BAD_START)
            if start[name][0] != tag:
                raise invalid(BAD_START, NO_KEY, f"{BAD_START}: {NO_KEY}")
            problem = schema.value_problem(name, start[name])
            if problem:
                raise invalid(problem, f"{BAD_START}: {problem}")
        tests = len(self.condition.tests)
        test = self.condition.test_of(name)
        if number == 0 and tests > 1 and len(schema.keys) == 1:
            raise invalid("Query key condition not supported")
        if test is None and (number == 0 or tests > 1):
            raise invalid(f"Query condition missed key schema element: {name}")
        if test is not None:
            self.check_test(schema, number, test)

    def check_test(self, schema, number, test):
        name, tag = schema.keys[number]
        if test.operator in ("NULL", "NOT_NULL", "NE", "CONTAINS",
                             "NOT_CONTAINS", "IN"):
            raise invalid("Attempted conditional constraint is not an "
                          "indexable operation")
        if any(argument[0] != tag for argument in test.arguments):
            raise invalid(INVALID + "Condition parameter type does not match "
                          "schema type")
        problems = [schema.value_problem(name, argument)
                    for argument in test.arguments]
        problems = [problem for problem in problems if problem]
        if number == 0 and test.operator != "EQ":
            problems.append("Query key condition not supported")
        refuse_first(problems)

    def check_position(self, schema):
        start = self.page.start
        hash_name = schema.names[0]
        same = start[hash_name] == self.condition.test_of(
            hash_name).arguments[0]
        test = None
        if len(schema.keys) > 1:
            test = self.condition.test_of(schema.names[1])
        if test is None:
            refuse_first(["The provided starting key is outside query "
                          "boundaries based on provided conditions"]
                         * (not same))
            if len(schema.keys) == 1:
                raise invalid("The provided exclusive start key is invalid: "
                              f"ExclusiveStartKey: {{{hash_name}="
                              "AttributeValue: "
                              f"{values.printed(start[hash_name])}}}")
        elif not test.holds(start):
            raise invalid("The provided starting key does not match the range "
                          "key predicate")
        elif not same:
            raise invalid("The query can return at most one row and cannot be "
                          "restarted")

    def filter_complaint(self, schema):
        page = self.page
        if isinstance(page.filter, legacy.Tests):
            parameter, names = "QueryFilter", page.filter.names()
        else:
            parameter = "Filter Expression"
            names = [path.elements[0] for path in page.filter_paths()]
        return [f"{parameter} can only contain non-primary key attributes: "
                f"Primary key attribute: {name}"
                for name in names if name in schema.names]

    def rows(self, table):
        names = table.schema.names
        rows = table.partition(self.condition.test_of(names[0]).arguments[0])
        if len(names) > 1:
            test = self.condition.test_of(names[1])
            if test is not None:
                rows = [row for row in rows if test.holds(row)]
        backward = self.forward is False
        start = self.page.start
        if start is not None:
            operator = "<" if backward else ">"
            rows = [row for row in rows
                    if values.compare(operator, row[names[1]],
                                      start[names[1]])]
        return rows[::-1] if backward else rows


# ---------------------------------------------------------------------- Scan

@dataclass(frozen=True)
class Scan(Operation):
    """The server chooses the order of the rows, so the model asks for it
    first."""
    table: str
    page: Page
    segment: int = None
    total: int = None
    style: int = 0

    def request(self):
        request = without_none({
            "TableName": self.table, **self.page.request("ScanFilter"),
            "Segment": self.segment, "TotalSegments": self.total,
        })
        write_expressions(
            request, self.writer(),
            FilterExpression=self.page.filter_expression(),
            ProjectionExpression=put_projection(request,
                                                self.page.projection))
        return request

    def next(self, body):
        page = self.page.after(body)
        return page and replace(self, page=page)

    def learn(self, call, database):
        table = database.tables.get(self.table)
        if table is None or self.segment_complaint():
            return None
        return Order(call, table, self.segment or 0, self.total or 1)

    def segment_complaint(self):
        if self.segment is not None and self.total is None:
            return ["The TotalSegments parameter is required but was not "
                    "present in the request when Segment parameter is present"]
        if self.segment is None and self.total is not None:
            return ["The Segment parameter is required but was not present in "
                    "the request when parameter TotalSegments is present"]
        if self.segment is not None and self.segment >= self.total:
            return ["The Segment parameter is zero-based and must be less "
                    "than parameter TotalSegments: Segment: "
                    f"{self.segment} is not less than TotalSegments: "
                    f"{self.total}"]
        return []

    def answers(self, database, order):
        try:
            table = self.check(database)
        except Refusal as refusal:
            return [refusal]
        outcomes = []
        for rows in order.rows_after(self.page.start):
            if rows is None:
                outcomes.append(invalid(
                    f"{BAD_START}: Invalid ExclusiveStartKey. Please use "
                    "ExclusiveStartKey with correct Segment. TotalSegments: "
                    f"{self.total} Segment: {self.segment}"))
                continue
            problems = table.schema.path_problems(
                self.page.projection_paths() + self.page.filter_paths())
            outcomes.append(invalid(*problems) if problems else
                            self.page.answer(table, rows))
        return outcomes

    def check(self, database):
        page = self.page
        refuse_first(legacy_projection_complaint(page.projection),
                     page.legacy_complaint(), self.segment_complaint(),
                     *page.expression_complaints(), page.select_complaint())
        table = database.table(self.table)
        schema = table.schema
        if page.start is not None:
            problem = schema.key_problem(page.start)
            if problem:
                raise invalid(f"{BAD_START}: {problem}")
        return table


def all_rows(call, schema, request):
    """Of all pages of a scan."""
    request = dict(request)
    rows, seen = [], set()
    while True:
        body = call("Scan", request)
        rows += [values.item_from_wire(item) for item in body["Items"]]
        if "LastEvaluatedKey" not in body:
            return rows
        last = body["LastEvaluatedKey"]
        key = schema.key_of(values.item_from_wire(last))
        assert key not in seen, f"the scan goes round in circles at {key}"
        seen.add(key)
        request["ExclusiveStartKey"] = last


class Order:
    """The rows of a table in the order in which the server has them."""

    MANY = 8                    # segments that are not all asked for

    def __init__(self, call, table, segment, total):
        self.table = table
        self.is_whole = total == 1
        segments = range(total) if total < self.MANY else [segment]
        rows_of = {number: self.ask(call, number, total)
                   for number in segments}
        self.rows = rows_of[segment]
        if total < self.MANY:
            self.check_all([row for rows in rows_of.values() for row in rows])

    def check_all(self, rows):
        keys = set(map(self.table.schema.key_of, rows))
        missing = [key for key in self.table.items if key not in keys]
        assert not missing, f"the scan has not {missing}"
        assert len(keys) == len(rows), f"two segments have a key: {rows}"

    def ask(self, call, segment, total):
        schema = self.table.schema
        request = {"TableName": schema.table, "ConsistentRead": True,
                   "Segment": segment, "TotalSegments": total}
        if total == 1:
            del request["Segment"], request["TotalSegments"]
        rows = all_rows(call, schema, request)
        self.check(rows)
        return rows

    def check(self, rows):
        """Checks that a scan has every item once, partition by partition, each
        in order, and that a segment has whole partitions."""
        schema, items = self.table.schema, self.table.items
        keys = [schema.key_of(row) for row in rows]
        assert len(keys) == len(set(keys)), f"an item came twice: {keys}"
        for key, row in zip(keys, rows):
            assert items.get(key) == row, (
                f"the scan has {row}, the model {items.get(key)}")
        hashes = [key[0] for key in keys]
        starts = [value for number, value in enumerate(hashes)
                  if number == 0 or hashes[number - 1] != value]
        for value in starts:
            partition = [row for row, other in zip(rows, hashes)
                         if other == value]
            assert starts.count(value) == 1, f"{value} is scattered: {keys}"
            assert partition == self.table.partition(value), (
                f"{value} is not in order or not whole: {keys}")

    def rows_after(self, start):
        """Returns the lists of rows that may follow a start key, or None if the
        key is not in this segment."""
        if start is None:
            return [self.rows]
        schema = self.table.schema
        hashes = [row[schema.names[0]] for row in self.rows]
        value = start[schema.names[0]]
        if value in hashes:
            first = hashes.index(value)
            return [self.rows[first + self.count_upto(start):]]
        if self.table.partition(value):
            return [None]
        # an absent partition could be anywhere between the others
        places = [number for number in range(len(hashes) + 1)
                  if number in (0, len(hashes))
                  or hashes[number - 1] != hashes[number]]
        return ([self.rows[number:] for number in places]
                + [None] * (not self.is_whole))

    def count_upto(self, start):
        """Returns the number of items of the partition up to the start key."""
        names = self.table.schema.names
        partition = self.table.partition(start[names[0]])
        if len(names) == 1:
            return len(partition)
        return sum(not values.is_less(start[names[1]], row[names[1]])
                   for row in partition)
