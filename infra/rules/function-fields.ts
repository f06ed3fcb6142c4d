import * as z from 'zod';
import { TRANSPORTS, ZILLIZ_CLOUD_DOMAINS } from '../../protocol/cluster/endpoint.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../protocol/cluster/password-policy.ts';
import { CONTROL_PLANE_PATHS, DEFAULT_CONTROL_PLANE } from '../../protocol/keys/control-plane.ts';
import { DEFAULT_MINIMUM_GAP_MINUTES, LIMITS } from '../../protocol/rotation/function-config.ts';
import { isControlPlane } from './cluster-rules.ts';
import { choice, type FieldsOf, flag, integer, list, optional, text } from './fields.ts';
import type { FunctionSettings } from './function-settings.ts';
import { endpoint, STRATEGY } from './shared-fields.ts';

/** The reason is in docs/cost.md. The comment of `memorySize` repeats the value. */
export const DEFAULT_MEMORY_MB = 512;

const CODES = 'Write whole numbers: [0, 200].';

/** The rules of the settings. The file and the props apply them. */
export const FUNCTION_FIELDS: FieldsOf<FunctionSettings> = {
  strategy: optional(STRATEGY, 'Strategy of secrets whose entry tells none. Default: `single-user`.'),
  allowedEndpoints: optional(
    list(
      text(
        /^(\.?([\w-]+\.)*[\w-]+|[0-9a-fA-F:]+)$/,
        'Write a host (milvus.example.com) or a domain with a leading dot (.example.com), without scheme and port.',
      ),
      'Write a list of hosts, and of domains with a leading dot.',
      'An empty list allows no cluster. Write a host, or remove the key to allow the domains of Zilliz Cloud.',
    ),
    `Hosts that may receive a password. A leading dot allows all hosts below a domain. Default: ${ZILLIZ_CLOUD_DOMAINS.map((host) => `\`${host}\``).join(', ')}.`,
  ),
  clusterEndpoint: optional(
    endpoint(),
    'Endpoint of secrets that name none and have no tag `zilliz:endpoint`. Default: none.',
  ),
  transport: optional(
    choice(TRANSPORTS),
    'Protocol to the clusters. Milvus has REST v2 since 2.3.13. Default: `grpc`.',
  ),
  allowPlaintext: optional(
    flag(),
    'Allows `http://` endpoints other than loopback. Only for a network that you control. Default: `false`.',
  ),
  passwordLength: optional(
    integer(LIMITS.PASSWORD_LENGTH.minimum, LIMITS.PASSWORD_LENGTH.maximum, 'characters'),
    `Length of a generated password. Default: \`${DEFAULT_PASSWORD_POLICY.length}\`.`,
  ),
  passwordExcludeCharacters: optional(
    z.string({ error: 'Write the characters as one string, in quotes.' }),
    'Characters that no generated password contains. Default: none.',
  ),
  minimumGapMinutes: optional(
    integer(LIMITS.MINIMUM_GAP_MINUTES.minimum, LIMITS.MINIMUM_GAP_MINUTES.maximum, 'minutes'),
    `Time between two rotations of a secret with two users. Default: \`${DEFAULT_MINIMUM_GAP_MINUTES}\`.`,
  ),
  rotatedEvents: optional(
    flag(),
    'Sends an event to EventBridge after each rotation, for a rule of your own. Default: `false`.',
  ),
  controlPlaneUrl: optional(
    z.string().refine(isControlPlane, { error: 'Write https://HOST, without a path.' }),
    `Address of the control plane of API keys. Default: \`${DEFAULT_CONTROL_PLANE.url}\`.`,
  ),
  controlPlanePath: optional(
    choice(CONTROL_PLANE_PATHS),
    `Path of API keys there, after \`/v2/\`. Default: \`${DEFAULT_CONTROL_PLANE.path}\`.`,
  ),
  controlPlaneSuccessCodes: optional(
    list(z.int({ error: CODES }), CODES, CODES),
    `Codes of the control plane that mean success. Default: \`[${DEFAULT_CONTROL_PLANE.successCodes.join(', ')}]\`.`,
  ),
  secretNamePrefix: optional(
    text(/^[\w/+=.@-]+\/$/, 'Write a folder that ends in a slash, such as milvus/.'),
    'A folder that holds all secrets, such as `milvus/`. Default: one permission for each secret.',
  ),
  memorySize: optional(integer(128, 10_240, 'MB'), `Memory in MB. Default: \`${DEFAULT_MEMORY_MB}\`.`),
  reservedConcurrentExecutions: optional(
    integer(0, 100_000, 'concurrent rotations'),
    'Maximum number of concurrent rotations. `0` stops all. Default: the concurrency of the account.',
  ),
};
