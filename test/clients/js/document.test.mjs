// The document client of the AWS SDK for JavaScript, version 3: items are
// plain objects.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  ConditionalCheckFailedException, DescribeTableCommand, ListTablesCommand,
  ResourceInUseException, ResourceNotFoundException, paginateListTables,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand, BatchWriteCommand, DeleteCommand, GetCommand, PutCommand,
  QueryCommand, ScanCommand, UpdateCommand, paginateQuery, paginateScan,
} from "@aws-sdk/lib-dynamodb";
import {
  client, documents, dropTable, makeTable, newName, writeAll,
} from "./support.mjs";

const send = (command) => documents.send(command);

describe("tables", () => {
  test("a table is made, described, listed and deleted", async () => {
    const name = await makeTable([["Artist", "S"], ["SongTitle", "S"]]);
    const { Table: table } = await client.send(
      new DescribeTableCommand({ TableName: name }));
    assert.equal(table.TableStatus, "ACTIVE");
    assert.equal(table.ItemCount, 0);
    assert.ok(table.CreationDateTime instanceof Date);
    assert.ok(Math.abs(Date.now() - table.CreationDateTime) < 3600_000);

    const names = [];
    for await (const page of paginateListTables({ client, pageSize: 2 }, {})) {
      names.push(...page.TableNames);
    }
    assert.ok(names.includes(name));

    await dropTable(name);
    await assert.rejects(
      client.send(new DescribeTableCommand({ TableName: name })),
      (error) => error instanceof ResourceNotFoundException
        && error.message === `Requested resource not found: Table: ${name} not found`);
  });

  test("a name is taken once", async () => {
    const name = await makeTable([["pk", "S"]]);
    await assert.rejects(makeTable([["pk", "S"]], name), ResourceInUseException);
    await dropTable(name);
  });

  test("errors carry the service's facts", async () => {
    const error = await client.send(new ListTablesCommand({ Limit: 0 }))
      .catch((caught) => caught);
    assert.equal(error.name, "ValidationException");
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.equal(error.$metadata.requestId.length, 52);
    assert.equal(error.$fault, "client");
  });
});

describe("items", () => {
  let TableName;

  before(async () => { TableName = await makeTable([["pk", "S"]]); });
  after(() => dropTable(TableName));

  test("a document comes back", async () => {
    const Item = {
      pk: "types", text: "ü€😀\u0000", empty: "", number: -12.5, zero: 0,
      yes: true, no: false, nothing: null, bytes: new Uint8Array([0, 1, 255]),
      list: [1, "a", [], {}], map: { "a.b": { deep: [null] } },
      strings: new Set(["a", "b"]), numbers: new Set([1, 2.5]),
      left: undefined,
    };
    await send(new PutCommand({ TableName, Item }));
    const got = (await send(new GetCommand({
      TableName, Key: { pk: "types" }, ConsistentRead: true,
    }))).Item;
    delete Item.left;
    assert.deepEqual(got, Item);
  });

  test("a missing item is undefined", async () => {
    const got = await send(new GetCommand({ TableName, Key: { pk: "none" } }));
    assert.equal(got.Item, undefined);
  });

  test("an update returns what it made", async () => {
    const { Attributes } = await send(new UpdateCommand({
      TableName,
      Key: { pk: "update" },
      UpdateExpression: "SET #l = list_append(if_not_exists(#l, :none), :new) ADD n :one",
      ExpressionAttributeNames: { "#l": "list" },
      ExpressionAttributeValues: { ":none": [], ":new": ["a"], ":one": 1 },
      ReturnValues: "ALL_NEW",
    }));
    assert.deepEqual(Attributes, { pk: "update", list: ["a"], n: 1 });
  });

  test("a failed condition brings the item along", async () => {
    const Item = { pk: "condition", version: 3 };
    await send(new PutCommand({ TableName, Item }));
    const error = await send(new PutCommand({
      TableName,
      Item: { ...Item, version: 4 },
      ConditionExpression: "version = :expected",
      ExpressionAttributeValues: { ":expected": 2 },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    })).catch((caught) => caught);
    assert.ok(error instanceof ConditionalCheckFailedException);
    assert.equal(error.message, "The conditional request failed");
    assert.deepEqual(error.Item, { pk: { S: "condition" }, version: { N: "3" } });
    await send(new DeleteCommand({
      TableName,
      Key: { pk: "condition" },
      ConditionExpression: "version BETWEEN :a AND :b AND attribute_type(version, :n)",
      ExpressionAttributeValues: { ":a": 1, ":b": 3, ":n": "N" },
    }));
    assert.equal((await send(new GetCommand({
      TableName, Key: { pk: "condition" }, ConsistentRead: true,
    }))).Item, undefined);
  });

  test("a deleted item is returned", async () => {
    await send(new PutCommand({ TableName, Item: { pk: "delete", v: 1 } }));
    const { Attributes } = await send(new DeleteCommand({
      TableName, Key: { pk: "delete" }, ReturnValues: "ALL_OLD",
    }));
    assert.deepEqual(Attributes, { pk: "delete", v: 1 });
  });

  test("many requests at once", async () => {
    const results = await Promise.all(Array.from({ length: 200 }, (_, n) => send(
      new UpdateCommand({
        TableName,
        Key: { pk: `many-${n % 4}` },
        UpdateExpression: "ADD n :one",
        ExpressionAttributeValues: { ":one": 1 },
        ReturnValues: "UPDATED_NEW",
      }))));
    assert.equal(results.filter((result) => result.Attributes.n === 50).length, 4);
  });

  test("an invalid request is a ValidationException", async () => {
    await assert.rejects(
      send(new GetCommand({ TableName, Key: { other: "x" } })),
      { name: "ValidationException", message: "The provided key element does not match the schema" });
    await assert.rejects(
      send(new UpdateCommand({
        TableName, Key: { pk: "x" }, UpdateExpression: "SET",
      })),
      { name: "ValidationException" });
  });
});

describe("pages", () => {
  let TableName;
  const songs = Array.from({ length: 120 }, (_, n) => (
    { artist: n % 2 ? "odd" : "even", n, filler: "x".repeat(300) }));

  before(async () => {
    TableName = await makeTable([["artist", "S"], ["n", "N"]]);
    for (let at = 0; at < songs.length; at += 25) {
      await writeAll(
        (RequestItems) => new BatchWriteCommand({ RequestItems }),
        { [TableName]: songs.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } })) });
    }
  });
  after(() => dropTable(TableName));

  for (const pageSize of [1, 7, 100]) {
    test(`query in pages of ${pageSize}`, async () => {
      const got = [];
      for await (const page of paginateQuery({ client: documents, pageSize }, {
        TableName,
        KeyConditionExpression: "artist = :a AND n >= :ten",
        ExpressionAttributeValues: { ":a": "odd", ":ten": 10 },
        ScanIndexForward: false,
      })) {
        assert.ok(page.Items.length <= pageSize);
        got.push(...page.Items.map((item) => item.n));
      }
      assert.deepEqual(got, songs.map((song) => song.n)
        .filter((n) => n % 2 === 1 && n >= 10).reverse());
    });
  }

  test("scan in pages, and in segments", async () => {
    for (const TotalSegments of [1, 4]) {
      const got = [];
      for (let Segment = 0; Segment < TotalSegments; Segment += 1) {
        for await (const page of paginateScan({ client: documents, pageSize: 11 }, {
          TableName, Segment, TotalSegments, FilterExpression: "n < :n",
          ExpressionAttributeValues: { ":n": 100 },
        })) {
          got.push(...page.Items.map((item) => item.n));
        }
      }
      assert.deepEqual(got.sort((a, b) => a - b), Array.from({ length: 100 }, (_, n) => n));
    }
  });

  test("counts and capacity", async () => {
    const output = await send(new QueryCommand({
      TableName,
      KeyConditionExpression: "artist = :a",
      ExpressionAttributeValues: { ":a": "even" },
      Select: "COUNT",
      ReturnConsumedCapacity: "TOTAL",
    }));
    assert.equal(output.Count, 60);
    assert.equal(output.Items, undefined);
    assert.ok(output.ConsumedCapacity.CapacityUnits >= 2.5);
    const scan = await send(new ScanCommand({ TableName, Limit: 5 }));
    assert.equal(scan.Items.length, 5);
    assert.deepEqual(Object.keys(scan.LastEvaluatedKey).sort(), ["artist", "n"]);
  });

  test("batch get returns what there is", async () => {
    const output = await send(new BatchGetCommand({
      RequestItems: {
        [TableName]: {
          Keys: [{ artist: "odd", n: 1 }, { artist: "odd", n: 2 }, { artist: "even", n: 2 }],
          ProjectionExpression: "n",
        },
      },
    }));
    assert.deepEqual(output.Responses[TableName].map((item) => item.n).sort(), [1, 2]);
    assert.deepEqual(output.UnprocessedKeys, {});
  });

  test("batch write deletes", async () => {
    await writeAll(
      (RequestItems) => new BatchWriteCommand({ RequestItems }),
      {
        [TableName]: [
          { PutRequest: { Item: { artist: "new", n: 1 } } },
          { PutRequest: { Item: { artist: "new", n: 2 } } }],
      });
    await writeAll(
      (RequestItems) => new BatchWriteCommand({ RequestItems }),
      { [TableName]: [{ DeleteRequest: { Key: { artist: "new", n: 1 } } }] });
    const { Items } = await send(new QueryCommand({
      TableName,
      KeyConditionExpression: "artist = :a",
      ExpressionAttributeValues: { ":a": "new" },
      ConsistentRead: true,
    }));
    assert.deepEqual(Items, [{ artist: "new", n: 2 }]);
    await send(new DeleteCommand({ TableName, Key: { artist: "new", n: 2 } }));
  });
});
