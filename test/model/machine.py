"""Which requests are tried, as a state machine for hypothesis.

Hypothesis chooses among the rules, and favours some of them in each run.
"""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import generator
import pools
from session import Session


def of_tables(make):
    """A request to the tables of the run."""
    def of_machine(machine):
        return make(list(machine.session.database.tables.values()))
    return st.runner().flatmap(of_machine)


def of_a_table(make):
    def of_one(tables):
        return st.sampled_from(tables).flatmap(make)
    return of_tables(of_one)


class ModelMachine(RuleBasedStateMachine):
    call = None                 # set by subclasses
    counter = None

    def __init__(self):
        super().__init__()
        self.session = None

    @initialize(schemas=st.lists(st.sampled_from(pools.SCHEMAS), min_size=1,
                                 max_size=2, unique=True))
    def begin(self, schemas):
        self.session = Session(self.call, tuple(schemas), self.counter)

    @rule(operation=of_a_table(generator.plain_fillings))
    def fill(self, operation):
        self.session.check(operation)

    @rule(operation=of_a_table(generator.wide_fillings),
          sometimes=pools.PERCENT)
    def fill_partitions(self, operation, sometimes):
        if sometimes > 50:
            self.session.check(operation)

    @rule(operation=of_a_table(generator.large_fillings),
          sometimes=pools.PERCENT)
    def fill_pages(self, operation, sometimes):
        if sometimes > 90:
            self.session.check(operation)

    @rule(operation=of_a_table(generator.put_items))
    def put(self, operation):
        self.session.check(operation)

    @rule(operation=of_a_table(generator.large_puts), sometimes=pools.PERCENT)
    def put_large(self, operation, sometimes):
        if sometimes > 80:
            self.session.check(operation)

    @rule(operation=of_a_table(generator.update_items))
    def update(self, operation):
        self.session.check(operation)

    @rule(operation=of_a_table(generator.update_items))
    def update_more(self, operation):
        self.session.check(operation)

    @rule(operation=of_a_table(generator.update_items))
    def update_again(self, operation):
        self.session.check(operation)

    @rule(operation=of_a_table(generator.delete_items))
    def delete(self, operation):
        self.session.check(operation)

    @rule(operation=of_a_table(generator.get_items))
    def get(self, operation):
        self.session.check(operation)

    @rule(operation=of_a_table(generator.queries))
    def query(self, operation):
        self.session.check(operation)

    @rule(operation=of_a_table(generator.queries))
    def query_more(self, operation):
        self.session.check(operation)

    @rule(operation=of_a_table(generator.scans))
    def scan(self, operation):
        self.session.check(operation)

    @rule(operation=of_tables(generator.batch_gets))
    def batch_get(self, operation):
        self.session.check(operation)

    @rule(operation=of_tables(generator.batch_writes))
    def batch_write(self, operation):
        self.session.check(operation)

    @rule(operation=of_tables(generator.transact_writes))
    def transact_write(self, operation):
        self.session.check(operation)

    @rule(operation=of_tables(generator.transact_gets))
    def transact_get(self, operation):
        self.session.check(operation)

    def teardown(self):
        if self.session is not None and not self.session.failed:
            self.session.compare()
