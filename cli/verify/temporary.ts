import type { Admin, Credentials } from '../../protocol/cluster/cluster.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { TemporaryKeys } from './temporary-key.ts';

/** The name of a temporary secret ends in it and 16 hexadecimal digits. */
export const NAME = 'zilliz-verify-';

/** The tag of each temporary secret. Its value says what the secret holds. */
export const VERIFY_TAG = 'zilliz:verify';
/** The tag with the cluster user that the command creates. */
export const USER_TAG = 'zilliz:verify-user';

export type Tags = Readonly<Record<string, string>>;

/** A user that an admin creates, two throw-away users, or an API key. */
export interface TemporaryCredential {
  /** Creates and drops the user. */
  readonly admin?: Admin;
  /** `undefined`: the credential is a cluster user. */
  readonly keys?: TemporaryKeys;
  /** The step of the plan that creates it. */
  readonly step: string;
  /** By which a later command finds it. */
  readonly tags: Tags;
  /**
   * Creates it, after the secret whose tags name it.
   *
   * @throws FailureError, AwsError, ControlPlaneError
   */
  readonly create: (secret: Pick<RotatingSecret, 'arn' | 'name'>) => Promise<CreatedCredential>;
}

export interface CreatedCredential {
  /** The credential of the checks, as the cluster knows it. */
  direct: Credentials;
  /** The credential in the secret. The same user, unless the operator names two users. */
  stored: Credentials;
}

/** @param user that the command creates */
export function tagsOf(kind: 'user' | 'key' | 'pins', user?: Credentials): Tags {
  return { [VERIFY_TAG]: kind, ...(user && { [USER_TAG]: user.username, [ENDPOINT_TAG]: user.endpoint.url }) };
}

/** Random hexadecimal digits, at most 32. */
export function hexDigits({ randomId }: Pick<CommandPorts, 'randomId'>, count: number): string {
  return randomId().replaceAll('-', '').slice(-count);
}

/** A name that no user has. The cluster compares the names of users byte by byte. */
export function unknownName(ports: Pick<CommandPorts, 'randomId'>): string {
  return `zunknown_${hexDigits(ports, 20)}`;
}
