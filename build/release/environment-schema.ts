import { VARIABLES } from '../../protocol/rotation/function-config.ts';
import { ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';

/** A JSON Schema of each variable. The description says the limits and the default. */
const ROTATION: Readonly<Record<string, object>> = Object.fromEntries(
  Object.entries(VARIABLES).map(([name, variable]) => [
    name,
    {
      type: 'string',
      description: variable.description,
      // An empty value is like none.
      ...('values' in variable && { enum: [...variable.values, ''] }),
    },
  ]),
);

const OVERDUE = {
  ROTATION_FUNCTION_ARN: { type: 'string', description: 'ARN of the rotation function.' },
  MAX_AGE_DAYS: {
    type: 'string',
    description: 'Maximum age of a password in days, 1 to 1000. Default: the schedules only.',
  },
  [ROTATED_SECRETS]: ROTATION[ROTATED_SECRETS],
};

/** The environment variables of the functions, for deployments without the constructs. */
export function environmentSchema(version: string): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Environment variables of the functions of zilliz-secret-rotation ${version}`,
    description: 'The rotation function. For the check for overdue rotations: #/$defs/overdue.',
    $ref: '#/$defs/rotation',
    $defs: {
      rotation: objectWith(ROTATION, []),
      overdue: objectWith(OVERDUE, ['ROTATION_FUNCTION_ARN']),
    },
  };
}

function objectWith(properties: object, required: readonly string[]): object {
  return {
    type: 'object',
    properties,
    required,
    // The runtime, the SDKs and gRPC read variables of their own.
    patternProperties: { '^(AWS|GRPC|NODE|POWERTOOLS)_': { type: 'string' } },
    additionalProperties: false,
  };
}
