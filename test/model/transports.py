"""Ways to send a request: boto3, plain HTTP, SQL.

A request holds bytes where its JSON has base64.  Each way returns the body
of an answer, or raises a Failure.
"""

import base64
import contextlib
import http.client
import json
import os
import subprocess
import time
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore import xform_name


class Failure(Exception):
    """An error as it was answered."""

    def __init__(self, type_, message, item=None):
        super().__init__(type_, message)
        self.type = type_
        self.message = message
        self.item = item        # of a failed condition, or reasons

    def __repr__(self):
        return f"{self.type}: {self.message} {self.item or ''}"


def to_json(request, **options):
    """Bytes become base64."""
    return json.dumps(request, ensure_ascii=False, default=lambda content:
                      base64.b64encode(content).decode(), **options)


class Boto3:
    """An unmodified client.  Its model does not know some newer members, which are
    added to the finished request."""

    def __init__(self, endpoint):
        self.client = boto3.client(
            "dynamodb", endpoint_url=endpoint, region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}, read_timeout=60,
                          proxies={}, parameter_validation=False))
        events = self.client.meta.events
        events.register("before-call.dynamodb", self.before)
        events.register("response-received.dynamodb", self.received)
        self.extra = {}
        self.answer = b""
        self.status = None

    def __call__(self, operation, request):
        shape = self.client.meta.service_model.operation_model(
            operation).input_shape
        known = {name: content for name, content in request.items()
                 if name in shape.members}
        self.extra = {name: content for name, content in request.items()
                      if name not in known}
        try:
            body = getattr(self.client, xform_name(operation))(**known)
        except ClientError as error:
            raise self.failure(error) from None
        del body["ResponseMetadata"]
        return body

    def said(self):
        return f"\n         {self.status} {self.answer[:300]}"

    def before(self, params, **_):
        if self.extra:
            params["body"] = to_json({**json.loads(params["body"]),
                                      **self.extra}).encode()

    def received(self, response_dict, **_):
        self.answer = response_dict["body"]
        self.status = response_dict["status_code"]

    def failure(self, error):
        answer = json.loads(self.answer)
        about = answer.get("Item") and decoded(answer["Item"])
        if "CancellationReasons" in answer:
            about = [{**reason, "Item": decoded(reason["Item"])}
                     if "Item" in reason else reason
                     for reason in answer["CancellationReasons"]]
        return Failure(error.response["Error"]["Code"],
                       error.response["Error"]["Message"], about)


def decoded(wire):
    """An item or a list as boto3 has it, from JSON."""
    if isinstance(wire, list):
        return [decoded(value) for value in wire]
    item = {}
    for name, value in wire.items():
        (tag, content), = value.items()
        if tag == "B":
            content = base64.b64decode(content)
        elif tag == "BS":
            content = [base64.b64decode(element) for element in content]
        elif tag in ("L", "M"):
            content = (decoded(content) if tag == "M" else
                       [decoded({"": element})[""] for element in content])
        item[name] = {tag: content}
    return item


# ----------------------------------------------------------- HTTP and SQL

HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20260101T000000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/"
                     "dynamodb/aws4_request, SignedHeaders=host;x-amz-date, "
                     "Signature=" + "0" * 64,
}


class Http:
    """Plain requests; returns status and text."""

    def __init__(self, endpoint):
        self.connection = http.client.HTTPConnection(
            urllib.parse.urlsplit(endpoint).netloc, timeout=60)

    def __call__(self, operation, request):
        try:
            return self.send("POST", to_json(request).encode(), {
                **HEADERS, "X-Amz-Target": f"DynamoDB_20120810.{operation}"})
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.wait()
            return 0, to_json({"message": repr(error)})

    def send(self, method, body=None, headers={}):
        self.connection.request(method, "/", body, headers)
        response = self.connection.getresponse()
        return response.status, response.read().decode()

    def wait(self):
        """Waits until the server, which may have crashed, is back."""
        for _ in range(300):
            try:
                if self.send("GET")[0] == 200:
                    return
            except (OSError, http.client.HTTPException):
                self.connection.close()
            time.sleep(0.1)


ANSWER = """
CREATE FUNCTION pg_temp.answer(operation text, request text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    parsed jsonb;
    state text;
    problem text;
    extras text;
BEGIN
    BEGIN
        parsed := request::jsonb;
    EXCEPTION WHEN OTHERS THEN
        RETURN NULL;
    END;
    RETURN jsonb_build_object('body', dynamo.execute(operation, parsed));
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE,
        problem = MESSAGE_TEXT, extras = PG_EXCEPTION_DETAIL;
    RETURN jsonb_build_object('state', state, 'message', problem,
                              'detail', extras);
END $$;
"""


class Sql:
    """Requests through dynamo.execute() in a psql, each undone.  Returns a
    dict: body, or state, message and detail; None where there is no jsonb
    like that."""

    def __init__(self, conninfo, parse):
        self.conninfo = conninfo
        self.parse = parse
        self.start()

    def start(self):
        self.psql = subprocess.Popen(
            [psql_path(), "-X", "-q", "-A", "-t"]
            + (["-d", self.conninfo] if self.conninfo else []),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.send("SET client_encoding = 'UTF8';"
                  "SET standard_conforming_strings = on;" + ANSWER)

    def send(self, script):
        self.psql.stdin.write(script.encode() + b"\n")
        self.psql.stdin.flush()

    def __call__(self, operation, request):
        line = ""
        with contextlib.suppress(BrokenPipeError):
            self.send(
                "BEGIN; SELECT coalesce(pg_temp.answer(%s, %s)::text, '');"
                "ROLLBACK;" % (literal(operation),
                               literal(to_json(request))))
            line = self.psql.stdout.readline().decode()
        if not line:            # the server has crashed, perhaps
            self.psql.wait()
            time.sleep(1)
            self.start()
            return {"state": "", "message": "psql has ended", "detail": None}
        return self.parse(line) if line.strip() else None


def literal(text):
    return "'%s'" % text.replace("'", "''")


def psql_path():
    """The one of PG_CONFIG's PostgreSQL, if it is set."""
    config = os.environ.get("PG_CONFIG")
    if not config:
        return "psql"
    return os.path.join(subprocess.run(
        [config, "--bindir"], stdout=subprocess.PIPE, text=True,
        check=True).stdout.strip(), "psql")
