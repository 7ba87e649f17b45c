"""How expressions become text.

Nodes give tokens, and a Writer makes names and values into placeholders,
chooses blanks and letter case, and collects the two maps that go with the
text.  One Writer serves all expressions of one request.

How it writes is a number, so that it is part of what is shrunk: 0 is plain.
"""

import random
import re

import values

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
WORD_END = re.compile(r"[A-Za-z0-9_]$")
WORD_START = re.compile(r"[A-Za-z0-9_#:]")
KEYWORDS = {"AND", "OR", "NOT", "BETWEEN", "IN",
            "SET", "REMOVE", "ADD", "DELETE"}
BLANKS = ["", "", "", " ", " ", "  ", "\t", "\n", "\r\n"]
# The names in pools.py that are reserved words
RESERVED = {"name", "count", "hash", "range"}
ODD_NAMES = ["#1", "#_", "#SET", "#a_b", "#A", "#00"]
ODD_VALUES = [":1", ":_", ":AND", ":a_b", ":A", ":00"]


class Writer:
    def __init__(self, style):
        self.random = random.Random(style) if style else None
        self.names = {}         # placeholder to name
        self.values = {}        # placeholder to value

    def sometimes(self, chance):
        """True only when the style is not plain."""
        return self.random is not None and self.random.random() < chance

    def name(self, name):
        """The token that stands for an attribute's name in a path."""
        if (IDENTIFIER.fullmatch(name) and name.lower() not in RESERVED
                and not self.sometimes(0.3)):
            return name
        return self.placeholder(self.names, name, "#n", ODD_NAMES)

    def value(self, value):
        return self.placeholder(self.values, value, ":v", ODD_VALUES)

    def placeholder(self, known, content, prefix, odd):
        if not self.sometimes(0.2):
            for token, other in known.items():
                if other is content or other == content:
                    return token
        if self.sometimes(0.2):
            token = self.random.choice(odd)
            if token not in known:
                known[token] = content
                return token
        token = f"{prefix}{len(known)}"
        known[token] = content
        return token

    def group(self, tokens):
        return ["(", *tokens, ")"]

    def maybe_group(self, tokens):
        """Superfluous parentheses, which are legal if there is one pair."""
        return self.group(tokens) if self.sometimes(0.1) else tokens

    def text(self, node):
        """The text of a node."""
        written = ""
        for token in node.tokens(self):
            if token in KEYWORDS and self.random is not None:
                token = self.random.choice([token, token.lower(),
                                            token.capitalize()])
            glued = (WORD_END.search(written)
                     and WORD_START.match(token))
            if self.random is None:
                blank = " " if looks_better_apart(written, token) else ""
            else:
                blank = self.random.choice(BLANKS)
            if glued and not blank:
                blank = " "
            written += blank + token
        return written

    def parameters(self):
        """The maps that the text needs."""
        request = {}
        if self.names:
            request["ExpressionAttributeNames"] = dict(self.names)
        if self.values:
            request["ExpressionAttributeValues"] = {
                token: values.to_request(value)
                for token, value in self.values.items()}
        return request


def looks_better_apart(written, token):
    if not written or token in (",", ")", ".", "[", "]"):
        return False
    if token == "(" and re.search(r"[a-z_]$", written):
        return False            # a function
    return written[-1] not in "(.["
