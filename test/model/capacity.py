"""Consumed capacity."""


def read_units(size, consistent):
    """An empty read costs as much as a small one, though one record has 0."""
    return max(1, -(-size // 4096)) * (1.0 if consistent else 0.5)


def write_units(size):
    return float(max(1, -(-size // 1024)))


def report(mode, table, units):
    """Returns the ConsumedCapacity of one table, None if it was not requested."""
    if mode not in ("TOTAL", "INDEXES"):
        return None
    consumed = {"TableName": table, "CapacityUnits": units}
    if mode == "INDEXES":
        consumed["Table"] = {"CapacityUnits": units}
    return consumed
