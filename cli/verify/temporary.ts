import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import type { CommandPorts } from '../command-ports.ts';

/** The name of a temporary secret ends in it and 16 hexadecimal digits. */
export const NAME = 'zilliz-verify-';

/**
 * The name of a user that the command creates has 32 characters, and only this command gives it.
 */
export const CREATED_USERNAME: RegExp = /^zverify_[0-9a-f]{24}$/;

/** The tag of each temporary secret. Its value says what the secret holds. */
export const VERIFY_TAG = 'zilliz:verify';
/** The tag with the cluster user that the command creates. */
export const USER_TAG = 'zilliz:verify-user';
/** The tag with the function whose manager key creates and deletes the temporary keys. */
export const FUNCTION_TAG = 'zilliz:verify-function';

/** @param user that the command creates */
export function tagsOf(kind: 'user' | 'key' | 'pins', user?: Credentials): Readonly<Record<string, string>> {
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
