// Helpers that the tests share: clients, tables and their names.

import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand, DeleteTableCommand, DynamoDBClient,
  waitUntilTableExists, waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

export const client = new DynamoDBClient({
  endpoint: process.env.DYNAMO_ENDPOINT,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 2,
});

export const documents = DynamoDBDocumentClient.from(client, {
  marshallOptions: { removeUndefinedValues: true },
});

// the waiters poll at once, then in these intervals
const wait = { client, minDelay: 1, maxDelay: 2, maxWaitTime: 60 };
let count = 0;

/** A table name that no other test, nor another run of them, uses. */
export function newName() {
  count += 1;
  return `Js-${process.pid}-${count}`;
}

/** Makes a table; keys are [name, type] pairs, the hash key first. */
export async function makeTable(keys, name = newName()) {
  await client.send(new CreateTableCommand({
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: keys.map(([key, type]) => (
      { AttributeName: key, AttributeType: type })),
    KeySchema: keys.map(([key], at) => (
      { AttributeName: key, KeyType: ["HASH", "RANGE"][at] })),
  }));
  const result = await waitUntilTableExists(wait, { TableName: name });
  if (result.state !== "SUCCESS") throw new Error(`table ${name} is not there`);
  return name;
}

export async function dropTable(name) {
  await client.send(new DeleteTableCommand({ TableName: name }));
  await waitUntilTableNotExists(wait, { TableName: name });
}

/** Sends a batch until nothing of it is unprocessed. */
export async function writeAll(makeCommand, requests) {
  let left = requests;
  for (let turn = 0; Object.keys(left ?? {}).length > 0; turn += 1) {
    if (turn > 0) await sleep(50);
    left = (await documents.send(makeCommand(left))).UnprocessedItems;
  }
}
