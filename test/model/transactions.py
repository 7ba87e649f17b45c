"""TransactWriteItems and TransactGetItems."""

import itertools
from dataclasses import dataclass

import capacity
import values
from operations import (Operation, Refusal, in_expression, refuse_first, shown,
                        stored, without_none, write_expressions)
from reads import projected
from updates import Unfit
from writes import PUT_TOO_LARGE, UPDATE_TOO_LARGE, Terms, UpdateItem
from writing import Writer

SAME_ITEM = ("Transaction request cannot include multiple operations on one "
             "item")
EMPTY_KEY = "One or more parameter values are not valid."


def reasons(*causes):
    """A cause is None or (code, messages, item): all answers that are right."""
    choices = [[{"Code": "None"}] if cause is None else [
        without_none({"Code": cause[0], "Message": message, "Item": cause[2]})
        for message in cause[1]] for cause in causes]
    codes = ", ".join(choice[0]["Code"] for choice in choices)
    return [Refusal("TransactionCanceledException", [
        "Transaction cancelled, please refer cancellation reasons for specific "
        f"reasons [{codes}]"], list(chosen))
        for chosen in itertools.product(*choices)]


def first_problem(problems):
    """All keys are checked before anything else.  The first bad one is reported."""
    for number, problem in enumerate(problems):
        if problem:
            return reasons(*[
                ("ValidationError", [problem], None) if place == number
                else None for place in range(len(problems))])
    return None


def check_distinct(keys):
    refuse_first([SAME_ITEM] * any(key in keys[:number]
                                   for number, key in enumerate(keys)))


def report(mode, kind, units):
    """ConsumedCapacity by table; None unless asked for."""
    if mode not in ("TOTAL", "INDEXES"):
        return None
    entries = []
    for table, amount in units.items():
        entry = capacity.report(mode, table, amount)
        entry[kind] = amount
        if "Table" in entry:
            entry["Table"][kind] = amount
        entries.append(entry)
    return entries


@dataclass(frozen=True)
class Action:
    kind: str                   # Put, Update, Delete or ConditionCheck
    table: str
    subject: dict               # the item of a Put; of others its key
    condition: object = None
    update: object = None
    on_failure: str = None

    def request(self, style):
        request = without_none({
            "TableName": self.table,
            "Item" if self.kind == "Put" else "Key":
                values.item_to_request(self.subject),
            "ReturnValuesOnConditionCheckFailure": self.on_failure,
        })
        write_expressions(request, Writer(style), UpdateExpression=self.update,
                          ConditionExpression=self.condition)
        return {self.kind: request}

    def complaints(self):
        yield in_expression("UpdateExpression", self.update)
        yield in_expression("ConditionExpression", self.condition)
        yield [PUT_TOO_LARGE] * (
            self.kind == "Put"
            and values.item_size(self.subject) > values.MAX_ITEM_SIZE)

    def schema_complaints(self, schema):
        """Returns the error of the request as a whole, not of the action."""
        for name, tag in schema.keys:
            value = self.subject.get(name)
            if value is not None and value[0] == tag:
                problem = schema.value_problem(name, value) or ""
                yield [problem] * problem.startswith(EMPTY_KEY)
        targets = self.update.targets() if self.update else []
        yield ["One or more parameter values were invalid: Cannot update "
               f"attribute {path.elements[0]}. This attribute is part of the "
               "key" for path in targets if path.elements[0] in schema.names]
        yield schema.path_problems(
            (self.condition.paths() if self.condition else [])
            + (self.update.operand_paths() if self.update else []))

    def problem(self, schema):
        if self.kind == "Put":
            return schema.item_problem(self.subject)
        return schema.key_problem(self.subject)

    def judge(self, table):
        """(what is wrong, or None; the item afterwards)"""
        old = table.get(self.subject)
        if self.condition and not self.condition.holds(old or {}):
            shows = self.on_failure == "ALL_OLD" and old is not None
            return ("ConditionalCheckFailed",
                    ["The conditional request failed"],
                    shown(old) if shows else None), None
        try:
            return None, self.after(table.schema, old)
        except Unfit as unfit:
            return ("ValidationError", unfit.messages, None), None

    def after(self, schema, old):
        if self.kind == "Put":
            return stored(self.subject)
        if self.kind != "Update":
            return None if self.kind == "Delete" else old
        alone = UpdateItem(self.table, self.subject, self.update, Terms())
        if old is None and alone.only_takes_away():
            return None
        new = self.update.apply(schema.key_item(self.subject)
                                if old is None else old)
        if values.item_size(new) > values.MAX_ITEM_SIZE:
            raise Unfit(UPDATE_TOO_LARGE)
        return new

    def do(self, table, new):
        """Returns the size that counts."""
        old = table.get(self.subject)
        if new is None:
            table.delete(self.subject)
        else:
            table.put(new)
        return max(values.item_size(old or {}), values.item_size(new or {}))


@dataclass(frozen=True)
class TransactWriteItems(Operation):
    actions: tuple
    capacity: str = None
    style: int = 0

    def request(self):
        return without_none({
            "TransactItems": [action.request(self.style)
                              for action in self.actions],
            "ReturnConsumedCapacity": self.capacity,
        })

    def answers(self, database, learned):
        try:
            refusals = self.check(database)
        except Refusal as refusal:
            return [refusal]
        return refusals or [self.run(database)]

    def check(self, database):
        """Returns all refusals that are right; None if there are none."""
        refuse_first(*[complaint for action in self.actions
                       for complaint in action.complaints()])
        tables = [database.table(action.table) for action in self.actions]
        pairs = list(zip(self.actions, tables))
        refuse_first(*[complaint for action, table in pairs for complaint
                       in action.schema_complaints(table.schema)])
        problems = [action.problem(table.schema) for action, table in pairs]
        check_distinct([
            (action.table, table.schema.key_of(action.subject))
            for (action, table), problem in zip(pairs, problems)
            if not problem])
        refusals = first_problem(problems)
        if refusals:
            return refusals
        causes = [action.judge(table)[0] for action, table in pairs]
        return reasons(*causes) if any(causes) else None

    def run(self, database):
        units = {}
        judged = [(action, database.table(action.table))
                  for action in self.actions]
        for action, table, new in [(action, table, action.judge(table)[1])
                                   for action, table in judged]:
            size = action.do(table, new)
            units.setdefault(action.table, 0.0)
            units[action.table] += 2 * capacity.write_units(size)
        return without_none({"ConsumedCapacity": report(
            self.capacity, "WriteCapacityUnits", units)})


@dataclass(frozen=True)
class Get:
    table: str
    key: dict
    projection: object = None

    def request(self, style):
        request = {"TableName": self.table,
                   "Key": values.item_to_request(self.key)}
        write_expressions(request, Writer(style),
                          ProjectionExpression=self.projection)
        return {"Get": request}


@dataclass(frozen=True)
class TransactGetItems(Operation):
    gets: tuple
    capacity: str = None
    style: int = 0

    def request(self):
        return without_none({
            "TransactItems": [get.request(self.style) for get in self.gets],
            "ReturnConsumedCapacity": self.capacity,
        })

    def answers(self, database, learned):
        try:
            refusals = self.check(database)
        except Refusal as refusal:
            return [refusal]
        return refusals or [self.run(database)]

    def check(self, database):
        refuse_first(*[in_expression("ProjectionExpression", get.projection)
                       for get in self.gets])
        schemas = [database.table(get.table).schema for get in self.gets]
        refuse_first(*[
            schema.path_problems(get.projection.paths()
                                 if get.projection else [])
            for get, schema in zip(self.gets, schemas)])
        problems = [schema.key_problem(get.key)
                    for get, schema in zip(self.gets, schemas)]
        check_distinct([
            (get.table, schema.key_of(get.key)) for get, schema, problem
            in zip(self.gets, schemas, problems) if not problem])
        return first_problem(problems)

    def run(self, database):
        found, units = [], {}
        for get in self.gets:
            item = database.table(get.table).get(get.key)
            part = None
            if item is not None:
                part = projected(get.projection, item)
            # an empty projection is like an absent item
            found.append({"Item": part} if part else {})
            units.setdefault(get.table, 0.0)
            units[get.table] += 2 * capacity.read_units(
                values.item_size(item or {}), True)
        return without_none({
            "Responses": found,
            "ConsumedCapacity": report(self.capacity, "ReadCapacityUnits",
                                       units),
        })
