import type { SecretStore } from '../../secret/store.ts';
import type { FunctionLog } from './function-log.ts';
import type { RotationService } from './rotation-service.ts';

/** Which account and region to talk to; `undefined` leaves it to the AWS SDK's own search. */
export interface AwsConnection {
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

/** AWS as the commands see it: one account and region. */
export interface Aws {
  readonly rotation: RotationService;
  store(secretId: string): SecretStore;
  functionLog(functionArn: string): FunctionLog;
}

/** The region that an ARN names; `undefined` for a name. */
export function regionOf(secretId: string): string | undefined {
  return /^arn:[^:]+:secretsmanager:([a-z0-9-]+):/.exec(secretId)?.[1];
}
