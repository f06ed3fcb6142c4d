import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import type { RotatingSecret } from '../aws/aws.ts';

/** The tag of everything temporary. Its value says what the secret holds. */
const VERIFY_TAG = 'zilliz:verify';
/** The tag with the cluster user that the command creates. */
const USER_TAG = 'zilliz:verify-user';

/** The name of a temporary secret begins with it, after the folder of the function. */
export const NAME = 'zilliz-verify-';
const NAMES = new RegExp(`${NAME}[0-9a-f]{16}$`);
const USERS = /^zverify_[0-9a-f]{24}$/;

/** What one run of the command has created. */
export interface Leftover {
  readonly arn: string;
  readonly name: string;
  /** Whether API keys were created for it. */
  readonly hasKeys: boolean;
  /** The cluster user that the command created, and its endpoint. */
  readonly user: { readonly username: string; readonly endpoint: string } | undefined;
}

/** A name of 32 characters, which only this command gives. @param id 32 hexadecimal digits */
export function temporaryUsername(id: string): string {
  return `zverify_${id.slice(-24)}`;
}

/** The tags by which a later command finds what this one created. */
export function tagsOf(kind: 'user' | 'key' | 'pins', user: Leftover['user']): Readonly<Record<string, string>> {
  return {
    [VERIFY_TAG]: kind,
    ...(user === undefined ? {} : { [USER_TAG]: user.username, [ENDPOINT_TAG]: user.endpoint }),
  };
}

/**
 * Whoever may tag a secret could name any user and any secret, so the names must be of the form
 * that only this command gives.
 */
export function leftoverOf({ arn, name, tags }: Pick<RotatingSecret, 'arn' | 'name' | 'tags'>): Leftover | undefined {
  const { [VERIFY_TAG]: kind, [USER_TAG]: username = '', [ENDPOINT_TAG]: endpoint } = tags;
  if (kind === undefined || !NAMES.test(name)) {
    return undefined;
  }
  const user = USERS.test(username) && endpoint !== undefined ? { username, endpoint } : undefined;
  return { arn, name, hasKeys: kind === 'key', user };
}
