/**
 * Cuts the part that this project speaks out of GitHub's official OpenAPI description.
 *
 *   npm install --prefix DIR @octokit/openapi@23.0.2
 *   npx tsx scripts/openapi-subset.ts DIR/node_modules/@octokit/openapi > test/simulator/rest/openapi.json
 *   npx oxfmt test/simulator/rest/openapi.json
 *
 * Kept: structure. Dropped: every description, summary, example and link. Repaired: two flaws that make
 * validators refuse right answers. Added: request bodies know no properties beyond the described ones.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const paths = [
  '/rate_limit',
  '/repos/{owner}/{repo}',
  '/repos/{owner}/{repo}/actions/runs',
  '/repos/{owner}/{repo}/actions/runs/{run_id}',
  '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
  '/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs',
  '/repos/{owner}/{repo}/actions/runs/{run_id}/cancel',
  '/repos/{owner}/{repo}/actions/runs/{run_id}/force-cancel',
  '/repos/{owner}/{repo}/actions/runs/{run_id}/rerun',
  '/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs',
  '/repos/{owner}/{repo}/actions/jobs/{job_id}',
  '/repos/{owner}/{repo}/actions/jobs/{job_id}/rerun',
  '/repos/{owner}/{repo}/actions/runners',
  '/repos/{owner}/{repo}/actions/runners/downloads',
  '/repos/{owner}/{repo}/actions/runners/generate-jitconfig',
  '/repos/{owner}/{repo}/actions/runners/registration-token',
  '/repos/{owner}/{repo}/actions/runners/remove-token',
  '/repos/{owner}/{repo}/actions/runners/{runner_id}',
  '/repos/{owner}/{repo}/actions/runners/{runner_id}/labels',
] as const;

/** Operations on those paths that the simulated GitHub does not offer. */
const dropped = new Set([
  'patch /repos/{owner}/{repo}',
  'delete /repos/{owner}/{repo}',
  'delete /repos/{owner}/{repo}/actions/runs/{run_id}',
  'post /repos/{owner}/{repo}/actions/runners/{runner_id}/labels',
  'put /repos/{owner}/{repo}/actions/runners/{runner_id}/labels',
  'delete /repos/{owner}/{repo}/actions/runners/{runner_id}/labels',
]);

const prose = new Set(['description', 'summary', 'example', 'examples', 'externalDocs', 'tags', 'x-github']);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Drops prose; below `properties` and the like a key is a name, not a keyword, and stays. */
function strip(value: Json, keysAreNames = false): Json {
  if (Array.isArray(value)) return value.map((item) => strip(item));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => keysAreNames || !prose.has(key));
  return Object.fromEntries(
    kept.map(([key, child]) => [
      key,
      key === 'enum' || key === 'default' ? child : strip(child, key === 'properties' && !keysAreNames),
    ]),
  );
}

/** `nullable` enums lack null, and one `nullable` stands without a type: both are refused by Ajv. */
function repair(value: Json): void {
  if (Array.isArray(value)) {
    for (const item of value) repair(item);
    return;
  }
  if (!isObject(value)) return;
  for (const child of Object.values(value)) repair(child);
  if (value['nullable'] !== true) return;
  const names = value['enum'];
  if (Array.isArray(names) && !names.includes(null)) names.push(null);
  if (value['type'] === undefined) {
    const { nullable: _nullable, ...rest } = value;
    for (const key of Object.keys(value)) delete value[key];
    value['anyOf'] = [{ enum: [null] }, rest];
  }
}

/** Closes a request body, so that a misspelt optional field is noticed. */
function close(schema: Json | undefined): void {
  if (!isObject(schema)) return;
  for (const branch of ['anyOf', 'oneOf', 'allOf'] as const) {
    const branches = schema[branch];
    if (Array.isArray(branches)) for (const item of branches) close(item);
  }
  if (isObject(schema['properties'])) {
    schema['additionalProperties'] = false;
    for (const child of Object.values(schema['properties'])) close(child);
  }
}

function references(value: Json, found: Set<string>): Set<string> {
  if (Array.isArray(value)) for (const item of value) references(item, found);
  else if (isObject(value)) {
    if (typeof value['$ref'] === 'string') found.add(value['$ref']);
    for (const child of Object.values(value)) references(child, found);
  }
  return found;
}

function lookUp(document: JsonObject, pointer: string): Json {
  let at: Json = document;
  for (const key of pointer.slice(2).split('/')) at = (at as JsonObject)[key.replaceAll('~1', '/')] as Json;
  return at;
}

function operationsOf(source: JsonObject, path: string): JsonObject {
  const item = (source['paths'] as JsonObject)[path];
  if (!isObject(item)) throw new Error(`the description has no path ${path}: is it the right version?`);
  const kept: JsonObject = {};
  for (const [method, operation] of Object.entries(item)) {
    if (!isObject(operation) || dropped.has(`${method} ${path}`)) continue;
    const bare = strip(operation) as JsonObject;
    const body = bare['requestBody'];
    if (isObject(body) && isObject(body['content'])) {
      for (const media of Object.values(body['content'])) if (isObject(media)) close(media['schema']);
    }
    kept[method] = bare;
  }
  return kept;
}
/** The kept paths and whatever they refer to, transitively. */
function cut(source: JsonObject): JsonObject {
  const components: Record<string, JsonObject> = {};
  const done = new Set<string>();
  const follow = (value: Json): void => {
    for (const pointer of references(value, new Set())) {
      if (done.has(pointer)) continue;
      done.add(pointer);
      const [, , kind = '', name = ''] = pointer.split('/');
      const target = strip(lookUp(source, pointer));
      (components[kind] ??= {})[name] = target;
      follow(target);
    }
  };
  const kept: JsonObject = Object.fromEntries(paths.map((path) => [path, operationsOf(source, path)]));
  follow(kept);
  return { paths: kept, components };
}

const root = process.argv[2];
if (root === undefined) throw new Error('usage: openapi-subset.ts DIRECTORY-OF-@octokit/openapi');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const source = JSON.parse(readFileSync(join(root, 'generated', 'api.github.com.json'), 'utf8')) as JsonObject;
const subset = cut(source);
repair(subset);
const document = {
  openapi: '3.0.3',
  info: {
    title: 'Part of the GitHub REST API description, structure only',
    version,
    'x-source': `npm @octokit/openapi ${version}, generated/api.github.com.json; cut by scripts/openapi-subset.ts`,
    license: { name: 'MIT', 'x-copyright': 'GitHub, Inc. and Octokit contributors' },
  },
  ...subset,
};
process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
