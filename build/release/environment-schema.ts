import { VARIABLES, type Variable } from '../../lambda/config.ts';
import { ROTATED_SECRETS, SECRET_TARGETS } from '../../protocol/secret/rotated-secrets.ts';
import { integerPattern } from './integer-pattern.ts';

/** A JSON Schema of one variable. */
interface VariableSchema {
  readonly type: 'string';
  readonly description: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly examples?: readonly string[];
}

type VariableSchemas = Readonly<Record<string, VariableSchema | undefined>>;

/** Patterns and examples of the text variables. The schema may be stricter than readConfig. */
const FORMS: Readonly<Record<string, { readonly pattern?: string; readonly examples?: readonly string[] }>> = {
  [ROTATED_SECRETS]: { examples: ['orders-??????,search-??????', 'milvus/*'] },
  [SECRET_TARGETS]: {
    pattern: '\\s*\\{[\\s\\S]*\\}\\s*',
    examples: ['{"orders":{"endpoint":"https://host:19530","username":"orders"}}'],
  },
  ALLOWED_ENDPOINTS: { examples: ['.zillizcloud.com,milvus.example.com'] },
  CLUSTER_ENDPOINT: { pattern: 'https?://.+', examples: ['https://host:19530'] },
  CLUSTER_CA: { pattern: '[\\s\\S]*-----BEGIN CERTIFICATE-----[\\s\\S]*' },
  ADMIN_SECRET_ARN: { pattern: 'arn:.+:secret:.+' },
};

const ROTATION: VariableSchemas = Object.fromEntries(
  Object.entries(VARIABLES).map(([name, variable]) => [name, schemaOf(name, variable)]),
);

const OVERDUE: VariableSchemas = {
  ROTATION_FUNCTION_ARN: textSchema('ARN of the rotation function.', { pattern: 'arn:.+:function:.+' }),
  [ROTATED_SECRETS]: ROTATION[ROTATED_SECRETS],
  MAX_AGE_DAYS: textSchema('Maximum age of a password in days, 1 to 1000. Default: the schedules only.', {
    pattern: integerPattern(1, 1000),
  }),
};

function schemaOf(name: string, variable: Variable): VariableSchema {
  const { description } = variable;
  if ('values' in variable) {
    return { type: 'string', description, enum: [...variable.values, ''] };
  }
  return textSchema(
    description,
    'minimum' in variable ? { pattern: integerPattern(variable.minimum, variable.maximum) } : FORMS[name],
  );
}

/** The pattern is that of a given value. An empty value is like none. */
function textSchema(description: string, { pattern, examples }: (typeof FORMS)[string] = {}): VariableSchema {
  return {
    type: 'string',
    description,
    ...(pattern !== undefined && { pattern: `^(${pattern})?$` }),
    ...(examples && { examples }),
  };
}

function objectWith(properties: VariableSchemas, required: readonly string[] = []): object {
  return {
    type: 'object',
    properties,
    required,
    // The runtime, the SDKs and gRPC read variables of their own.
    patternProperties: { '^(AWS|GRPC|NODE|POWERTOOLS)_': { type: 'string' } },
    additionalProperties: false,
  };
}

/** The environment variables of the functions, for deployments without the constructs. */
export function environmentSchema(version: string): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Environment variables of the functions of zilliz-secret-rotation ${version}`,
    description: 'The rotation function. For the check for overdue rotations: #/$defs/overdue.',
    $ref: '#/$defs/rotation',
    $defs: { rotation: objectWith(ROTATION), overdue: objectWith(OVERDUE, ['ROTATION_FUNCTION_ARN']) },
  };
}
