import type { Leftover } from './leftovers.ts';
import type { Target } from './target.ts';

/** The steps as sentences, before a yes. */
export function planOf(target: Target, { adminSecret, slow }: { adminSecret?: string; slow?: boolean }): string[] {
  const { name, pinsName, endpoint, admin, keys, direct, stored, deployed } = target;
  const temporary =
    keys !== undefined
      ? `Create a temporary API key with the role and scope of ${keys.like.id}`
      : admin === undefined
        ? `Change the passwords of ${direct.username} and ${stored.username} at ${endpoint.url}, which nobody knows afterwards: drop both users`
        : `Create the user ${direct.username} without a role at ${endpoint.url}, with the credential in ${adminSecret}`;
  return [
    `Create the secret ${name}${pinsName === undefined ? '' : `, and ${pinsName} with its pins`}, with the tag zilliz:verify`,
    temporary,
    `Send wrong and forbidden requests to ${endpoint.url}, and ${keys === undefined ? 'change the password several times' : 'create and delete keys'}`,
    `Rotate the secret with ${deployed.functionArn}`,
    'Let a second rotation fail on purpose, which raises the alarm on failed rotations',
    ...(slow ? ['Wait up to an hour for retries and for CloudTrail'] : []),
    `Remove what was created: the secret${admin === undefined ? '' : ', the user'}${keys === undefined ? '' : ', the keys'}`,
  ];
}

/** The steps of `--clean` as sentences. */
export function removalPlanOf(leftovers: readonly Leftover[]): string[] {
  return leftovers.map(({ name, kind, user }) => {
    const beside = {
      user: user === undefined ? '' : `, after the user ${user.username} at ${user.endpoint}`,
      key: ', after the API keys that were created for it',
      pins: '',
    };
    return `Delete the secret ${name}${beside[kind]}`;
  });
}
