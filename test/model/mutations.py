"""Requests that are wrong, in whatever way: what sound ones become when
parts of them are exchanged, left out, repeated or scribbled on."""

import copy

from hypothesis import strategies as st

from pools import ALPHABET

MEMBERS = [
    "TableName", "Item", "Key", "Keys", "RequestItems", "PutRequest",
    "DeleteRequest", "ConditionExpression", "UpdateExpression",
    "FilterExpression", "ProjectionExpression", "KeyConditionExpression",
    "ExpressionAttributeNames", "ExpressionAttributeValues", "Expected",
    "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter",
    "AttributesToGet", "ConditionalOperator", "ReturnValues",
    "ReturnValuesOnConditionCheckFailure", "ReturnConsumedCapacity",
    "ReturnItemCollectionMetrics", "Select", "Limit", "Segment",
    "TotalSegments", "ExclusiveStartKey", "ConsistentRead",
    "ScanIndexForward", "IndexName", "Value", "Exists", "Action",
    "ComparisonOperator", "AttributeValueList", "S", "N", "B", "BOOL",
    "NULL", "SS", "NS", "BS", "L", "M", "pk", "sk", "#n0", ":v0", "Unknown",
    "", "#", ":", "\0",
]
PIECES = [
    "SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN",
    "attribute_exists", "attribute_type", "begins_with", "contains", "size",
    "if_not_exists", "list_append", "foo", "a", "n", "l", "m", "pk", "sk",
    "name", "#n0", "#n1", ":v0", ":v1", "#", ":", "_", "(", ")", ",", ".",
    "[", "]", "[0]", "[4294967295]", "=", "<>", "<", "<=", ">", ">=", "+",
    "-", "1", "99999999999", "\"", "'", "\\", "\0", "\u00e9", "\U0001d4b3",
    " ", "\n", "\x01",
]
# JSON numbers in the one form in which jsonb gives them back
NUMBERS = [0, 1, -1, 2, 1.5, 10 ** 9, 2 ** 31, -2 ** 63, 10 ** 30]
WORDS = ["", "a", "x" * 300, "NONE", "ALL_OLD", "ALL_NEW", "TOTAL", "COUNT",
         "ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "EQ", "NE", "IN", "BETWEEN",
         "NULL", "PUT", "AND", "OR", "true", "no", "1", "0", "1e", "1E+126",
         "0.1E-130", "1" * 39, "1.0", "--1", "QQ==", "QR==", "Q", "????",
         "model_s", "model_s_n", "model_missing", "ab", "a;b",
         "arn:aws:dynamodb:us-east-1:000000000000:table/model_s"]
WRONG_VALUES = [
    {"N": 5}, {"N": "x"}, {"N": ""}, {"N": None}, {"S": 1}, {"S": None},
    {"S": ""}, {"B": "Q"}, {"B": "QR=="}, {"B": 1}, {"BOOL": "yes"},
    {"BOOL": "maybe"}, {"BOOL": 1}, {"NULL": False}, {"NULL": "true"},
    {"SS": []}, {"NS": []}, {"BS": []}, {"SS": ["a", "a"]},
    {"NS": ["1", "1.0"]}, {"BS": ["QQ==", "QQ=="]}, {"SS": [None]},
    {"SS": "a"}, {"SS": [1]}, {"L": [None]}, {"L": {}}, {"L": None},
    {"M": []}, {"M": {"": {}}}, {"M": {"a": None}}, {"M": {"a": {"X": 1}}},
    {"S": "a", "N": "1"}, {"S": "a", "N": "x"}, {"X": "a"}, {}, {"": ""},
    {"Value": {"S": "a"}}, {"Exists": False}, {"Exists": True},
    {"ComparisonOperator": "EQ"}, {"ComparisonOperator": "NULL"},
    {"Action": "DELETE"}, {"Action": "ADD", "Value": {"S": "a"}},
]


@st.composite
def deep_values(draw):
    """Nested up to and beyond what is allowed."""
    value = {"S": "a"}
    for _ in range(draw(st.sampled_from([30, 31, 32, 33, 100, 300]))):
        value = {"L": [value]} if draw(st.booleans()) else {"M": {"a": value}}
    return value


SCALARS = st.one_of(st.none(), st.booleans(), st.sampled_from(NUMBERS),
                    st.sampled_from(WORDS), st.text(ALPHABET, max_size=4))
JUNK = st.one_of(
    SCALARS, st.sampled_from(WRONG_VALUES), st.just([]), st.just({}),
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from(MEMBERS), SCALARS, max_size=2),
    deep_values())
CHANGES = st.sampled_from(["replace", "remove", "add", "repeat", "move",
                           "rename", "scribble", "scribble", "scribble"])


def places(node):
    """Every (container, name or index), from the outside."""
    found, waiting = [], [node]
    while waiting:
        container = waiting.pop(0)
        if isinstance(container, dict):
            found += [(container, name) for name in container]
            waiting += container.values()
        elif isinstance(container, list):
            found += [(container, number) for number in range(len(container))]
            waiting += container
    return found


@st.composite
def damaged(draw, request):
    request = copy.deepcopy(request)
    for _ in range(draw(st.integers(1, 3))):
        draw(change(request, draw(CHANGES)))
    return request


@st.composite
def change(draw, request, how):
    found = places(request)
    if how == "scribble":
        found = [(container, place) for container, place in found
                 if isinstance(container[place], str)]
        found += [(container, place) for container, place in found
                  if str(place).endswith("Expression")] * 5
    if not found:
        return
    container, place = draw(st.sampled_from(found))
    if how == "replace":
        container[place] = draw(JUNK)
    elif how == "remove":
        del container[place]
    elif how == "add":
        target = container[place]
        target = target if isinstance(target, dict) else request
        target[draw(st.sampled_from(MEMBERS))] = draw(JUNK)
    elif how == "repeat" and isinstance(container, list):
        container.append(copy.deepcopy(container[place]))
    elif how == "move":
        other, source = draw(st.sampled_from(found))
        container[place] = copy.deepcopy(other[source])
    elif how == "rename" and isinstance(container, dict):
        container[draw(st.sampled_from(MEMBERS))] = container.pop(place)
    elif how == "scribble":
        container[place] = draw(scribbled(container[place]))


@st.composite
def scribbled(draw, text):
    first = draw(st.integers(0, len(text)))
    last = min(first + draw(st.sampled_from([0, 0, 1, 2, 5, 20])), len(text))
    pieces = draw(st.lists(st.sampled_from(PIECES), max_size=3))
    glue = draw(st.sampled_from(["", " "]))
    return text[:first] + glue.join(pieces) + text[last:]


@st.composite
def garbage(draw):
    pieces = draw(st.lists(st.sampled_from(PIECES), max_size=12))
    return draw(st.sampled_from(["", " "])).join(pieces)
