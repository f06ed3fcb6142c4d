import type { Aws } from './aws.ts';

/** AWS's limit for the value of a tag. */
const MAX_TAG_LENGTH = 256;

/** The tag with the roles of a user. More roles need more tags, with a number after this name. */
export function rolesTag(username: string): string {
  return `zilliz:roles-of:${username}`;
}

/**
 * The roles that a user had before a repair dropped it, from tags of the secret. Empty if the
 * cluster has confirmed all of them since then.
 */
export function readStoredRoles(tags: Readonly<Record<string, string>>, username: string): readonly string[] {
  return keysOf(tags, username).flatMap((key) => (tags[key] ?? '').split(' ').filter(Boolean).map(decode));
}

/** @throws AwsError */
export async function storeRoles(
  secretId: string,
  username: string,
  roles: readonly string[],
  { rotation }: Pick<Aws, 'rotation'>,
): Promise<void> {
  const values: string[] = [];
  for (const role of roles.map(encode)) {
    const longer = values.length === 0 ? role : `${values.at(-1)} ${role}`;
    if (values.length > 0 && longer.length <= MAX_TAG_LENGTH) {
      values.splice(-1, 1, longer);
    } else {
      values.push(role);
    }
  }
  const key = rolesTag(username);
  await rotation.tagSecret(
    secretId,
    Object.fromEntries(values.map((value, index) => [index === 0 ? key : `${key}:${index + 1}`, value])),
  );
}

/** @throws AwsError */
export async function forgetRoles(
  secretId: string,
  username: string,
  { rotation }: Pick<Aws, 'rotation'>,
): Promise<void> {
  const keys = keysOf((await rotation.describeSecret(secretId)).tags, username);
  if (keys.length > 0) {
    await rotation.untagSecret(secretId, keys);
  }
}

function keysOf(tags: Readonly<Record<string, string>>, username: string): readonly string[] {
  const key = rolesTag(username);
  // A username contains no colon.
  return Object.keys(tags).filter((name) => name === key || name.startsWith(`${key}:`));
}

/** AWS guarantees letters, digits and a few other characters in the value of a tag. */
function encode(role: string): string {
  return role.replace(/[^A-Za-z0-9_.-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

function decode(text: string): string {
  return text.replace(/(?:=[0-9a-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString());
}
