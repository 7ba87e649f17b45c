// Tables that change, as the AWS SDK for JavaScript, version 3, sees them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand, DeleteTableCommand, DescribeTableCommand,
  UpdateTableCommand, waitUntilTableExists, waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { client, dropTable, newName } from "./support.mjs";

const wait = { client, minDelay: 1, maxDelay: 1, maxWaitTime: 60 };
const describeTable = async (TableName) => (
  await client.send(new DescribeTableCommand({ TableName }))).Table;

async function make(more = {}) {
  const TableName = newName();
  const { TableDescription: made } = await client.send(new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "group", AttributeType: "N" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    GlobalSecondaryIndexes: [{
      IndexName: "byGroup",
      KeySchema: [{ AttributeName: "group", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
    }],
    ...more,
  }));
  assert.equal(made.TableStatus, "CREATING");
  assert.equal((await waitUntilTableExists(wait, { TableName })).state, "SUCCESS");
  return TableName;
}

describe("tables that change", () => {
  test("an index is there with its table", async () => {
    const name = await make();
    const table = await describeTable(name);
    assert.equal(table.GlobalSecondaryIndexes[0].IndexStatus, "ACTIVE");
    assert.equal(table.GlobalSecondaryIndexes[0].IndexArn,
      `${table.TableArn}/index/byGroup`);
    await dropTable(name);
  });

  test("an index of two attributes is added", async () => {
    const name = await make();
    const { TableDescription: answer } = await client.send(new UpdateTableCommand({
      TableName: name,
      AttributeDefinitions: [
        { AttributeName: "group", AttributeType: "N" },
        { AttributeName: "kind", AttributeType: "S" }],
      GlobalSecondaryIndexUpdates: [{ Create: {
        IndexName: "byBoth",
        KeySchema: [
          { AttributeName: "group", KeyType: "HASH" },
          { AttributeName: "kind", KeyType: "HASH" }],
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["x"] },
      } }],
    }));
    assert.equal(answer.TableStatus, "UPDATING");
    for (;;) {
      const { GlobalSecondaryIndexes: indexes } = await describeTable(name);
      if (indexes.every((index) => index.IndexStatus === "ACTIVE")) {
        assert.deepEqual(indexes.map((index) => index.IndexName),
          ["byGroup", "byBoth"]);
        break;
      }
      await sleep(100);
    }
    await dropTable(name);
  });

  test("protection holds until it is taken away", async () => {
    const name = await make({ DeletionProtectionEnabled: true });
    await assert.rejects(
      client.send(new DeleteTableCommand({ TableName: name })),
      { name: "ValidationException" });
    await client.send(new UpdateTableCommand(
      { TableName: name, DeletionProtectionEnabled: false }));
    await client.send(new DeleteTableCommand({ TableName: name }));
    assert.equal(
      (await waitUntilTableNotExists(wait, { TableName: name })).state,
      "SUCCESS");
  });
});
