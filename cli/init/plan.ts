import { newDocument } from '../../protocol/secret/new-secret.ts';
import { freeLabels, lacksSentLabel, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import type { InitRequest } from './init-definition.ts';
import type { PreparedUser, PreparedUsers } from './prepare-users.ts';
import type { SecretToInit } from './read-secret.ts';
import type { InitStep } from './steps.ts';

export interface InitPlan {
  readonly kind: 'plan';
  readonly steps: readonly InitStep[];
  /** Sentences about problems that the plan leaves to the operator, such as a missing role. */
  readonly notes: readonly string[];
}

/**
 * Plans the changes of the secret, then those of the cluster. The reason for this order: the
 * cluster must never have a password that is not stored.
 */
export function planInit(
  target: SecretToInit,
  { admin, users }: PreparedUsers,
  { roles, kmsKey }: Pick<InitRequest, 'roles' | 'kmsKey'>,
): InitPlan | Failure {
  const stores = users.flatMap((user, index) => storeStep(user, index, target, kmsKey));
  const wanted = wantedRoles(users, roles);
  const changes = users.flatMap((user): InitStep[] => {
    const { username } = user.credentials;
    const missing = wanted.filter((role) => !user.roles.includes(role));
    return [
      ...(user.origin === 'new' ? [{ kind: 'create-user', credentials: user.credentials } as const] : []),
      ...(admin !== undefined && missing.length > 0
        ? [{ kind: 'grant-roles', username, roles: missing } as const]
        : []),
    ];
  });
  const notes = users.flatMap((user) => roleNotes(user, wanted, admin !== undefined));
  return refusalOfLabels(target, stores) ?? { kind: 'plan', steps: [...stores, ...changes], notes };
}

function storeStep(
  user: PreparedUser,
  index: number,
  { secret, filled, endpoint }: SecretToInit,
  kmsKey: string | undefined,
): InitStep[] {
  const { version, credentials } = user;
  const { username, password } = credentials;
  const from = filled?.current.versionId;
  if (version !== undefined && index === 0 && from !== undefined && from !== version.versionId) {
    return [{ kind: 'promote', credentials, to: version.versionId, from }];
  }
  if (version !== undefined) {
    // Secrets Manager may delete a version without a label. AWSCURRENT has one.
    return index > 0 && secret !== undefined && lacksSentLabel(secret, version.versionId)
      ? [{ kind: 'add-sent-label', username, versionId: version.versionId }]
      : [];
  }
  const value =
    filled?.current.withCredential({ username, password }) ?? newDocument({ ...credentials, endpoint: endpoint.url });
  if (index > 0) {
    return [{ kind: 'store-other', username, value }];
  }
  return secret === undefined
    ? [{ kind: 'create-secret', username, value, kmsKey }]
    : [{ kind: 'store-current', username, value, from }];
}

/** Applications need the same roles whichever user is current. The user in AWSCURRENT has them. */
function wantedRoles([current]: readonly PreparedUser[], roles: readonly string[]): readonly string[] {
  return [...new Set([...roles, ...(current?.roles ?? [])])];
}

function roleNotes(
  { credentials: { username }, roles }: PreparedUser,
  wanted: readonly string[],
  canGrant: boolean,
): readonly string[] {
  const missing = canGrant ? [] : wanted.filter((role) => !roles.includes(role));
  const more = roles.filter((role) => !wanted.includes(role));
  return [
    ...(missing.length === 0
      ? []
      : [`${username} lacks roles of the other user: ${missing.join(', ')}. As an admin, grant them.`]),
    ...(more.length === 0
      ? []
      : [
          `Only ${username} has the roles: ${more.join(', ')}. As an admin, grant them to the other user, or revoke them.`,
        ]),
  ];
}

/**
 * Refuses new versions while a rotation is incomplete, or if their labels would leave no label for
 * the next rotation.
 */
function refusalOfLabels({ secret }: SecretToInit, stores: readonly InitStep[]): Failure | undefined {
  if (secret === undefined || stores.length === 0) {
    return undefined;
  }
  const pending = unfinishedVersion(secret);
  if (pending !== undefined) {
    return refused(
      'rotation-incomplete',
      `AWSPENDING of ${secret.name} is on version ${pending}. A rotation is running, or a failed rotation waits for its next attempt.`,
      `Nothing was changed. Wait for the rotation, or end it with \`zilliz-rotation repair ${secret.name}\`.`,
    );
  }
  const free = freeLabels(secret);
  if (free > stores.length) {
    return undefined;
  }
  // A free label, or the one that a repair frees, stays for the next rotation.
  const own = stores.length - Math.max(free - 1, 0);
  const remove = `Remove ${String(own)} of your own labels.`;
  return refused(
    'labels-full',
    `${secret.name} has no room for the labels of the new version and of the next rotation. Secrets Manager allows 20 labels a secret.`,
    free < 1
      ? `Nothing was changed. Free one label with \`zilliz-rotation repair ${secret.name}\`. ${remove}`
      : `Nothing was changed. ${remove}`,
  );
}
