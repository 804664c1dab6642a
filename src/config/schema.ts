import type { Json, JsonSchema } from './kinds/kind.ts';
import type { Unsupported } from './problem.ts';
import { UNSUPPORTED } from './problem.ts';
import { CLASS_SETTINGS, LIMIT_SETTINGS } from './rows/class-rows.ts';
import type { Rows } from './rows/row.ts';
import { SETTINGS } from './rows/rows.ts';
import { SCOPE_ENTRY_SETTINGS } from './rows/scope-rows.ts';

/** The file's JSON Schema, draft 2020-12. What it refuses is refused; what depends on other settings or the host it does not say. */
export function fileSchema(unsupported: Unsupported = UNSUPPORTED): JsonSchema {
  const limits = {
    type: 'object',
    properties: properties(LIMIT_SETTINGS, unsupported),
    additionalProperties: false,
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'The configuration of runner-controller',
    type: 'object',
    properties: {
      scopes: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: properties(SCOPE_ENTRY_SETTINGS, unsupported),
          additionalProperties: false,
          oneOf: [{ required: ['repo'] }, { required: ['org'] }, { required: ['enterprise'] }],
        },
        description: 'What is watched',
      },
      ...properties(SETTINGS, unsupported),
      classes: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: { ...properties(CLASS_SETTINGS, unsupported), limits },
          required: ['name'],
          additionalProperties: false,
        },
        description:
          'Kinds of runners; a job counts for the first that covers its labels and is below its maximum',
      },
    },
    additionalProperties: false,
  };
}

function properties(rows: Rows, unsupported: Unsupported): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(rows).map(([key, { kind, meaning, fallback, needs }]) => {
      const lacking = needs !== undefined && unsupported[needs] !== undefined;
      return [
        key,
        {
          ...kind.schema,
          description: `${meaning[0]?.toUpperCase()}${meaning.slice(1)}${lacking ? '. Not in this version' : ''}`,
          ...(typeof fallback === 'function' || fallback === null ? {} : { default: fallback }),
        },
      ];
    }),
  );
}
