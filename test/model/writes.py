"""PutItem, UpdateItem and DeleteItem."""

from dataclasses import dataclass

import capacity
import expressions
import legacy
import values
from operations import (Operation, Refusal, framed, in_expression, invalid,
                        refuse_first, shown, stored, without_none,
                        write_expressions)
from updates import Unfit, Update

OLD_ONLY = "ReturnValues can only be ALL_OLD or NONE"
PUT_TOO_LARGE = "Item size has exceeded the maximum allowed size"
UPDATE_TOO_LARGE = "Item size to update has exceeded the maximum allowed size"


@dataclass(frozen=True)
class Terms:
    """The parameters that every write of one item may have."""
    condition: object = None    # a Condition, legacy.Tests, or None
    return_values: str = None
    on_failure: str = None      # ReturnValuesOnConditionCheckFailure
    capacity: str = None
    metrics: str = None

    def expression(self):
        return None if self.expected() else self.condition

    def expected(self):
        if isinstance(self.condition, legacy.Tests):
            return self.condition
        return None

    def request(self):
        request = without_none({
            "ReturnValues": self.return_values,
            "ReturnValuesOnConditionCheckFailure": self.on_failure,
            "ReturnConsumedCapacity": self.capacity,
            "ReturnItemCollectionMetrics": self.metrics,
        })
        if self.expected():
            request.update(self.expected().request("Expected"))
        return request

    def old_only_complaint(self):
        if self.return_values in (None, "NONE", "ALL_OLD"):
            return []
        return framed([OLD_ONLY])

    def expected_complaint(self):
        return self.expected().complaint() if self.expected() else []

    def expression_complaint(self):
        return framed(in_expression("ConditionExpression", self.expression()))

    def paths(self):
        return self.expression().paths() if self.expression() else []

    def check(self, old):
        """Raises the refusal if the condition does not hold."""
        if self.condition is None or self.condition.holds(old or {}):
            return
        shows = self.on_failure == "ALL_OLD" and old is not None
        raise Refusal("ConditionalCheckFailedException",
                      ["The conditional request failed"],
                      shown(old) if shows else None)

    def answer(self, table, attributes, old, new):
        size = max(values.item_size(old or {}), values.item_size(new or {}))
        return without_none({
            "Attributes": shown(attributes) if attributes else None,
            "ConsumedCapacity": capacity.report(
                self.capacity, table.schema.table, capacity.write_units(size)),
        })


@dataclass(frozen=True)
class PutItem(Operation):
    table: str
    item: dict
    terms: Terms
    style: int = 0

    def request(self):
        request = {"TableName": self.table,
                   "Item": values.item_to_request(self.item),
                   **self.terms.request()}
        write_expressions(request, self.writer(),
                          ConditionExpression=self.terms.expression())
        return request

    def run(self, database):
        terms = self.terms
        too_large = values.item_size(self.item) > values.MAX_ITEM_SIZE
        # the order of these is not known
        refuse_first(terms.old_only_complaint()
                     + [PUT_TOO_LARGE] * too_large
                     + terms.expected_complaint()
                     + terms.expression_complaint())
        table = database.table(self.table)
        problem = table.schema.item_problem(self.item)
        refuse_first([problem] if problem else [],
                     table.schema.path_problems(terms.paths()))
        old = table.get(self.item)
        terms.check(old)
        table.put(stored(self.item))
        return terms.answer(
            table, old if terms.return_values == "ALL_OLD" else None,
            old, self.item)


@dataclass(frozen=True)
class DeleteItem(Operation):
    table: str
    key: dict
    terms: Terms
    style: int = 0

    def request(self):
        request = {"TableName": self.table,
                   "Key": values.item_to_request(self.key),
                   **self.terms.request()}
        write_expressions(request, self.writer(),
                          ConditionExpression=self.terms.expression())
        return request

    def run(self, database):
        terms = self.terms
        refuse_first(terms.old_only_complaint(), terms.expected_complaint(),
                     terms.expression_complaint())
        table = database.table(self.table)
        problem = table.schema.key_problem(self.key)
        refuse_first([problem] if problem else [],
                     table.schema.path_problems(terms.paths()))
        old = table.get(self.key)
        terms.check(old)
        table.delete(self.key)
        return terms.answer(
            table, old if terms.return_values == "ALL_OLD" else None,
            old, None)


@dataclass(frozen=True)
class UpdateItem(Operation):
    table: str
    key: dict
    update: object              # an Update, AttributeUpdates, or None
    terms: Terms
    style: int = 0

    def request(self):
        request = {"TableName": self.table,
                   "Key": values.item_to_request(self.key),
                   **self.terms.request()}
        expression = None
        if isinstance(self.update, AttributeUpdates):
            request["AttributeUpdates"] = self.update.request()
        else:
            expression = self.update
        write_expressions(request, self.writer(), UpdateExpression=expression,
                          ConditionExpression=self.terms.expression())
        return request

    def complaints(self):
        if isinstance(self.update, AttributeUpdates):
            yield self.update.complaint()
        yield self.terms.expected_complaint()
        if isinstance(self.update, Update):
            yield framed(in_expression("UpdateExpression", self.update))
        yield self.terms.expression_complaint()

    def run(self, database):
        terms = self.terms
        refuse_first(*self.complaints())
        table = database.table(self.table)
        schema = table.schema
        targets = self.update.targets() if self.update else []
        problem = schema.key_problem(self.key)
        refuse_first(
            [problem] if problem else [],
            ["One or more parameter values were invalid: Cannot update "
             f"attribute {path.elements[0]}. This attribute is part of the key"
             for path in targets if path.elements[0] in schema.names],
            schema.path_problems(terms.paths() + (
                self.update.operand_paths()
                if isinstance(self.update, Update) else [])))
        old = table.get(self.key)
        terms.check(old)
        if old is None and self.only_takes_away():
            return terms.answer(table, None, None, None)
        new = self.updated(schema.key_item(self.key) if old is None else old)
        table.put(new)
        return terms.answer(table, self.attributes(targets, old, new),
                            old, new)

    def only_takes_away(self):
        """Then it makes no item where there is none."""
        return self.update is not None and self.update.only_takes_away()

    def updated(self, item):
        if self.update is None:
            return stored(item)
        try:
            new = self.update.apply(item)
        except Unfit as unfit:
            raise invalid(*unfit.messages) from unfit
        self.check_size(new)
        return new

    def check_size(self, new):
        """Of the item, and of the update."""
        sent = 3 + (self.update.size() if self.update else 0)
        if max(values.item_size(new), sent) > values.MAX_ITEM_SIZE:
            raise invalid(UPDATE_TOO_LARGE)

    def attributes(self, targets, old, new):
        asked = self.terms.return_values or "NONE"
        if asked == "NONE":
            return None
        item = (old or {}) if asked.endswith("OLD") else new
        if asked.startswith("ALL"):
            return item
        return expressions.select(item, [path.elements for path in targets])


@dataclass(frozen=True)
class AttributeUpdates:
    """The legacy form of an update."""
    updates: tuple              # of legacy.AttributeUpdate

    def request(self):
        return {update.name: update.request() for update in self.updates}

    def complaint(self):
        return [message for update in self.updates
                for message in update.complaint()]

    def as_update(self):
        return Update(tuple(update.as_action() for update in self.updates),
                      legacy=True)

    def targets(self):
        return self.as_update().targets()

    def size(self):
        return self.as_update().size()

    def only_takes_away(self):
        return self.as_update().only_takes_away()

    def apply(self, item):
        return self.as_update().apply(item)
