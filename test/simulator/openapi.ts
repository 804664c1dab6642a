import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { readFileSync } from 'node:fs';

/** One request and its answer, as `checkRequest` wants them. */
export type CheckedRequest = {
  readonly method: string;
  /** Without `/api/v3` and query; ids in place. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Parsed; undefined when there is none. */
  readonly requestBody?: unknown;
  /** Leave out to check the request alone. */
  readonly status?: number;
  readonly responseBody?: unknown;
};

type Parameter = { name: string; in: string; required?: boolean; schema: { enum?: string[]; type?: string } };
type Media = { content?: Record<string, unknown> };
type Operation = {
  operationId: string;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: Media;
  responses: Record<string, Media | { $ref: string }>;
};
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
};

/** Answers that GitHub gives everywhere and the description names only here and there. */
const EVERYWHERE = new Set([301, 304, 401, 403, 404, 422, 429]);
const ROOT = 'github';

const file = new URL('./rest/openapi.json', import.meta.url);
const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addFormat('int32', true).addFormat('int64', true).addFormat('timestamp', true);
ajv.addSchema(document, ROOT);

const escaped = (key: string): string => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));

function pointer(...keys: string[]): string {
  return `${ROOT}#/${keys.map(escaped).join('/')}`;
}

const compiled = new Map<string, ValidateFunction>();

function validator(at: string): ValidateFunction {
  let found = compiled.get(at);
  if (found === undefined) {
    found = ajv.compile({ $ref: at });
    compiled.set(at, found);
  }
  return found;
}

const patterns = Object.keys(document.paths)
  // Words win over parameters: `runners/downloads` is no runner.
  .toSorted((a, b) => a.split('{').length - b.split('{').length)
  .map((template) => ({
    template,
    regex: new RegExp(`^${template.replaceAll(/\{[^}]+\}/gu, '[^/]+')}$`, 'u'),
  }));

/** The operation of the description that this is, or undefined. */
function operationOf(method: string, path: string): { template: string; operation: Operation } | undefined {
  const template = patterns.find(({ regex }) => regex.test(path))?.template ?? '';
  const operation = document.paths[template]?.[method.toLowerCase()];
  return operation === undefined ? undefined : { template, operation };
}

function resolve<T>(value: T | { $ref: string }): T {
  if (typeof value !== 'object' || value === null || !('$ref' in value)) return value;
  const [, , kind = '', name = ''] = value.$ref.split('/');
  return document.components[kind]?.[name] as T;
}

/**
 * What GitHub's official description has against this answered: one sentence each, empty when nothing.
 * Checks path, query parameters, request body, status and answer.
 */
export function checkRequest(answered: CheckedRequest): string[] {
  const label = `${answered.method} ${answered.path}`;
  const found = operationOf(answered.method, answered.path);
  if (found === undefined) return [`${label}: the description has no such operation`];
  const said = [
    ...queryComplaints(found.operation, answered.query ?? {}),
    ...bodyComplaints(found.template, answered),
  ].map((complaint) => `${label}: ${complaint}`);
  return [...said, ...checkAnswer(answered)];
}

/** As `checkRequest`, but of the answer alone: the request may have been wrong on purpose. */
export function checkAnswer({ method, path, status, responseBody }: CheckedRequest): string[] {
  const found = operationOf(method, path);
  if (found === undefined || status === undefined) return [];
  return answerComplaints(found.template, found.operation, status, responseBody).map(
    (complaint) => `${method} ${path}: ${complaint}`,
  );
}

function queryComplaints(operation: Operation, query: Readonly<Record<string, string>>): string[] {
  const known = (operation.parameters ?? [])
    .map((entry) => resolve<Parameter>(entry))
    .filter((entry) => entry.in === 'query');
  return Object.entries(query).flatMap(([name, value]) => {
    const parameter = known.find((entry) => entry.name === name);
    if (parameter === undefined) return [`unknown query parameter ${name}`];
    const { enum: allowed, type } = parameter.schema;
    if (allowed !== undefined && !allowed.includes(value))
      return [`query ${name}=${value} is not one of ${allowed.join(', ')}`];
    if (type === 'integer' && !/^\d+$/u.test(value)) return [`query ${name}=${value} is no whole number`];
    if (type === 'boolean' && !/^(?:true|false)$/u.test(value))
      return [`query ${name}=${value} is not true or false`];
    return [];
  });
}

function bodyComplaints(template: string, answered: CheckedRequest): string[] {
  const { method, requestBody } = answered;
  const operation = document.paths[template]?.[method.toLowerCase()];
  if (operation?.requestBody?.content?.['application/json'] === undefined) {
    return requestBody === undefined ? [] : ['a body where the description has none'];
  }
  if (requestBody === undefined) {
    const { required } = operation.requestBody as { required?: boolean };
    return required === true ? ['the body is missing'] : [];
  }
  const at = pointer(
    'paths',
    template,
    method.toLowerCase(),
    'requestBody',
    'content',
    'application/json',
    'schema',
  );
  return complaints(at, requestBody, 'request body');
}

function answerComplaints(template: string, operation: Operation, status: number, body: unknown): string[] {
  const answer = operation.responses[String(status)];
  if (answer === undefined || EVERYWHERE.has(status)) return undescribedComplaints(status, body);
  const method =
    Object.entries(document.paths[template] ?? {}).find(([, each]) => each === operation)?.[0] ?? '';
  const content = resolve<Media>(answer).content?.['application/json'];
  if (content === undefined) return body === undefined ? [] : [`${status} with a body`];
  const [, , kind = '', name = ''] = '$ref' in answer ? answer.$ref.split('/') : [];
  const base =
    '$ref' in answer ? ['components', kind, name] : ['paths', template, method, 'responses', String(status)];
  return complaints(pointer(...base, 'content', 'application/json', 'schema'), body, `answer ${status}`);
}

function undescribedComplaints(status: number, body: unknown): string[] {
  if (!EVERYWHERE.has(status) && status < 500 && status !== 400) return [`status ${status} is not described`];
  if (status === 304) return body === undefined ? [] : ['a 304 with a body'];
  return complaints(pointer('components', 'schemas', 'basic-error'), body, `answer ${status}`);
}

function complaints(at: string, value: unknown, what: string): string[] {
  const validate = validator(at);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    (error) => `${what}${error.instancePath} ${error.message ?? 'is wrong'}`,
  );
}
