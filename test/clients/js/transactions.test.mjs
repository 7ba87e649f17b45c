// Transactions through the document client of the AWS SDK for JavaScript.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  IdempotentParameterMismatchException, TransactionCanceledException,
} from "@aws-sdk/client-dynamodb";
import {
  GetCommand, PutCommand, TransactGetCommand, TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { documents, dropTable, makeTable } from "./support.mjs";

const send = (command) => documents.send(command);

describe("transactions", () => {
  let TableName;

  before(async () => { TableName = await makeTable([["pk", "S"]]); });
  after(() => dropTable(TableName));

  const get = async (pk) => (await send(new GetCommand({
    TableName, Key: { pk }, ConsistentRead: true,
  }))).Item;

  const add = (pk, n) => ({
    Update: {
      TableName, Key: { pk }, UpdateExpression: "ADD n :n",
      ExpressionAttributeValues: { ":n": n },
    },
  });

  test("all actions are done", async () => {
    await send(new PutCommand({ TableName, Item: { pk: "old" } }));
    const output = await send(new TransactWriteCommand({
      TransactItems: [
        {
          Put: {
            TableName, Item: { pk: "new", list: [1, { a: null }] },
            ConditionExpression: "attribute_not_exists(pk)",
          },
        },
        add("counter", 2.5),
        { Delete: { TableName, Key: { pk: "old" } } },
        {
          ConditionCheck: {
            TableName, Key: { pk: "nobody" },
            ConditionExpression: "attribute_not_exists(pk)",
          },
        },
      ],
      ReturnConsumedCapacity: "INDEXES",
    }));
    assert.deepEqual(output.ConsumedCapacity, [{
      TableName, CapacityUnits: 8, WriteCapacityUnits: 8,
      Table: { CapacityUnits: 8, WriteCapacityUnits: 8 },
    }]);

    const { Responses: responses } = await send(new TransactGetCommand({
      TransactItems: ["new", "old", "counter"].map((pk) => (
        { Get: { TableName, Key: { pk } } })),
    }));
    assert.deepEqual(responses.map((response) => response.Item), [
      { pk: "new", list: [1, { a: null }] }, undefined, { pk: "counter", n: 2.5 },
    ]);
  });

  test("none is done when one fails, and the reasons say why", async () => {
    await send(new PutCommand({ TableName, Item: { pk: "taken", by: "me" } }));
    const error = await send(new TransactWriteCommand({
      TransactItems: [
        { Put: { TableName, Item: { pk: "free" } } },
        {
          Put: {
            TableName, Item: { pk: "taken", by: "you" },
            ConditionExpression: "attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
      ],
    })).catch((caught) => caught);
    assert.ok(error instanceof TransactionCanceledException);
    assert.equal(error.message,
      "Transaction cancelled, please refer cancellation reasons for specific"
      + " reasons [None, ConditionalCheckFailed]");
    assert.deepEqual(error.CancellationReasons.map((reason) => reason.Code),
      ["None", "ConditionalCheckFailed"]);
    assert.deepEqual(error.CancellationReasons[1].Item,
      { pk: { S: "taken" }, by: { S: "me" } });
    assert.equal(await get("free"), undefined);
    assert.deepEqual(await get("taken"), { pk: "taken", by: "me" });
  });

  test("the same token is the same call", async () => {
    const ClientRequestToken = `${process.pid}-${Date.now()}`;
    for (let time = 0; time < 3; time += 1) {
      await send(new TransactWriteCommand({
        TransactItems: [add("once", 1)], ClientRequestToken,
      }));
    }
    assert.deepEqual(await get("once"), { pk: "once", n: 1 });
    await assert.rejects(
      send(new TransactWriteCommand({
        TransactItems: [add("once", 2)], ClientRequestToken,
      })), IdempotentParameterMismatchException);
    await send(new TransactWriteCommand({ TransactItems: [add("once", 1)] }));
    assert.deepEqual(await get("once"), { pk: "once", n: 2 });
  });
});
