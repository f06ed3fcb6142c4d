import { newDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT, holderOf, lacksSentLabel } from '../../protocol/secret/versions.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { createUser, grantRoles } from '../change/new-user.ts';
import {
  type Labels,
  planAccepted,
  planMove,
  planNewVersion,
  remarksOn,
  unblock,
  withRoom,
} from '../change/plan-labels.ts';
import { proveByLogin } from '../change/prove-by-login.ts';
import { addSentLabel, createNewSecret, storeCurrent, storeVersion } from '../change/secret-steps.ts';
import type { Plan, PlanStep } from '../change/step.ts';
import { nameOf } from '../credential-forms.ts';
import type { InitOptions } from './init-definition.ts';
import type { NamedTarget } from './name-credential.ts';
import type { InitTarget } from './target.ts';
import type { PreparedUser, PreparedUsers } from './users.ts';

/**
 * Plans the changes of the secret, then those of the cluster. The reason for this order: the
 * cluster must never have a password that is not stored. The last steps prove each existing user.
 *
 * @throws FailureError
 */
export function planInit(
  target: NamedTarget,
  { admin, users }: PreparedUsers,
  { role: roles = [] }: InitOptions,
  ports: ChangePorts,
): Plan {
  const labels = labelsOf(target);
  const [first, second] = users;
  const ofFirst = first === undefined ? [] : planFirst(first, target, labels, ports);
  const ofSecond = second === undefined ? [] : planSecond(second, target, ofFirst, ports);
  const planned = [...ofFirst, ...ofSecond];
  const stores = labels === undefined ? planned : withRoom(labels, planned, 'refused');
  const wanted = [...new Set([...roles, ...(first?.roles ?? [])])];
  const changes = users.flatMap((user): PlanStep[] => {
    const { username } = user.credentials;
    const missing = wanted.filter((role) => !user.roles.includes(role));
    return admin === undefined
      ? []
      : [
          ...(user.origin === 'new' ? [createUser(admin, user.credentials)] : []),
          ...(missing.length > 0 ? [grantRoles(admin, username, missing)] : []),
        ];
  });
  const steps = [...stores, ...changes];
  const isProven = ({ credentials }: PreparedUser): boolean =>
    steps.some((step) => step.kind === 'log-in' && step.credentials?.username === credentials.username);
  const unproven = users.filter((user) => user.origin === 'existing' && !isProven(user));
  const proofs = steps.length === 0 ? [] : unproven.map(({ credentials }) => proveByLogin({ credentials }));
  return { steps: [...steps, ...proofs], remarks: labels === undefined ? [] : remarksOn(steps, labels) };
}

function labelsOf({ examination, secret }: InitTarget): Labels | undefined {
  return examination ?? (secret && { secret, other: undefined, tried: new Map(), labelRoom: undefined });
}

/** The user in AWSCURRENT. */
function planFirst(
  user: PreparedUser,
  { secret, examination, isWrong, base, unnamed, endpoint }: NamedTarget,
  labels: Labels | undefined,
  { secretId, randomId }: ChangePorts,
): readonly PlanStep[] {
  const { credentials, version, origin } = user;
  const from = secret && holderOf(secret, AWSCURRENT);
  if (labels !== undefined && from !== undefined && version !== undefined && origin === 'existing') {
    const { current } = examination ?? {};
    if (isWrong || current === undefined) {
      return planMove(labels, version, from);
    }
    // A rotation that runs may be changing the password, and applications read it in AWSPENDING.
    const mayRun = labels.secret.rotationEnabled && version.versionId === from;
    return mayRun ? [] : planAccepted(labels, current, version, randomId);
  }
  if (labels !== undefined && version !== undefined && version.versionId === from) {
    return unblock(labels, from);
  }
  const { username, password } = credentials;
  const what = `the credential of ${nameOf(credentials)}`;
  const value =
    base?.withCredential({ username, password }) ??
    newDocument({ ...credentials, endpoint: endpoint.url }, unnamed.others);
  const added = { versionId: randomId(), value, what };
  if (secret === undefined || labels === undefined) {
    return [createNewSecret(secretId, added, endpoint.url)];
  }
  return from === undefined
    ? [storeCurrent(added), ...unblock(labels, added.versionId)]
    : planNewVersion(labels, added, [proveByLogin({ credentials })], from);
}

/** The user that takes turns with it. Its version has no label of AWS, so AWSCURRENT stays. */
function planSecond(
  { credentials, version }: PreparedUser,
  { secret, base, endpoint }: InitTarget,
  planned: readonly PlanStep[],
  { randomId }: ChangePorts,
): readonly PlanStep[] {
  const { username, password } = credentials;
  if (version === undefined) {
    const document = base?.withCredential({ username, password });
    const value = document ?? newDocument({ ...credentials, endpoint: endpoint.url });
    return [storeVersion({ versionId: randomId(), value, what: `the credential of ${username}` })];
  }
  // Secrets Manager may delete a version without a label.
  const { versionId } = version;
  const isPlanned = planned.some((step) => step.kind === 'add-sent-label' && step.versionId === versionId);
  return secret === undefined || isPlanned || !lacksSentLabel(secret, versionId) ? [] : [addSentLabel(versionId)];
}
