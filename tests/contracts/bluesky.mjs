// Holds requests against Bluesky's lexicons, by its own validator: from standard input to standard output, as JSON.
import { lexicons, jsonToLex } from "@atproto/api";
import { readFileSync } from "node:fs";

const strange = (given, known) => Object.keys(given ?? {}).filter((name) => !(name in known) && name !== "$type");

function worded(schema, text) {
  if (schema?.type === "integer") return Number(text);
  if (schema?.type === "boolean") return text === "true";
  return text;
}

function* ofQuery(method, query) {
  const known = method.parameters?.properties ?? {};
  yield* strange(Object.fromEntries(query), known).map((name) => `no parameter ${name}`);
  const given = {};
  for (const [name, text] of query) {
    if (known[name]?.type === "array") (given[name] ??= []).push(worded(known[name].items, text));
    else given[name] = worded(known[name], text);
  }
  lexicons.assertValidXrpcParams(method.lexiconId, given);
}

function* ofBody(method, body) {
  yield* strange(body, method.input.schema.properties).map((name) => `no field ${name}`);
  const given = jsonToLex(body);
  lexicons.assertValidXrpcInput(method.lexiconId, given);
  if (given.record) {
    const record = lexicons.getDefOrThrow(given.collection, ["record"]).record;
    yield* strange(given.record, record.properties).map((name) => `no field record.${name}`);
    lexicons.assertValidRecord(given.collection, given.record);
  }
}

function* against({ method: verb, path, query, body }) {
  const id = path.split("/xrpc/")[1];
  const method = { ...lexicons.getDefOrThrow(id, [verb === "GET" ? "query" : "procedure"]), lexiconId: id };
  yield* ofQuery(method, query);
  if (body !== null) yield* ofBody(method, body);
}

function judged(asked) {
  const told = [];
  try {
    for (const each of against(asked)) told.push(`${asked.method} ${asked.path}: ${each}`);
  } catch (error) {
    told.push(`${asked.method} ${asked.path}: ${error.message}`);
  }
  return told;
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).flatMap(judged)));
