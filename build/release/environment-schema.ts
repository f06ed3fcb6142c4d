import { descriptionOf } from '../../infra/rules/function-fields.ts';
import { FUNCTION_SETTINGS, TIME_SETTINGS } from '../../protocol/rotation/function-settings.ts';
import type { FileSetting, Setting } from '../../protocol/rotation/setting.ts';
import { ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';

/** A JSON Schema of each variable. */
const ROTATION: Readonly<Record<string, object>> = Object.fromEntries(
  Object.values<Setting | FileSetting>({ ...FUNCTION_SETTINGS, ...TIME_SETTINGS }).map((setting) => [
    setting.variable,
    {
      type: 'string',
      description: `${descriptionOf(setting)} ${setting.allowed}`,
      // An empty value is like none.
      ...('words' in setting && { enum: [...setting.words, ''] }),
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
