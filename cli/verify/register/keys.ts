import { ControlPlaneError, type CreatedKey, MAX_KEYS } from '../../../protocol/keys/control-plane.ts';
import { keyDescription, sameScope } from '../../../protocol/keys/rotated-key.ts';
import { isApiKeyId } from '../../../protocol/secret/credential-form.ts';
import { catchKnown } from '../../outcome/failure.ts';
import { formatDuration } from '../../terminal/time.ts';
import { waitUntil } from '../follow.ts';
import { accepts, compare, given, holdsIf, type Observation, overBoth } from '../observation.ts';
import { measureSpread } from '../propagation.ts';
import type { Run, TemporaryKeys } from '../run.ts';
import type { Assumptions, Checked } from './assumption.ts';
import { ASSUMED, documented, ZILLIZ } from './evidence.ts';

const CREATE = documented(`${ZILLIZ}reference/restful/create-api-key-v2`);
const GUIDE = documented(`${ZILLIZ}docs/manage-api-keys`);

const LISTED_WITHIN_MS = 10_000;
/** The names of the temporary keys have it. */
const LONGEST_NAME = 64;
const LONGEST_DESCRIPTION = 255;

/** On the control plane, and with the keys of the temporary secret on the cluster. */
export const KEYS: Assumptions = {
  'keys-address': {
    behaviour:
      'The control plane is `https://api.cloud.zilliz.com/v2/api-keys`. The Terraform provider calls `apiKeys`.',
    evidence: CREATE,
    ifFalse: 'CONTROL_PLANE_UNAVAILABLE, or KEY_REFUSED with 404. Set `CONTROL_PLANE_URL`, `CONTROL_PLANE_PATH`',
    ...withKeys(async ({ organization }) => {
      return compare({ 'the address answers with keys': (await organization.list()).length > 0 });
    }),
    needs: ['keys', 'defaultAddress'],
  },
  'keys-quota': {
    behaviour: 'An organization has at most 100 customized keys. Assumed: the manager key is one of them.',
    evidence: GUIDE,
    ifFalse: 'KEY_REFUSED, or KEY_QUOTA too early. `verify` can only refute it, by a list of more than 100 keys',
    ...withKeys(async ({ organization }) => {
      const count = (await organization.list()).length;
      // The command does not fill an organization to see its limit.
      const verdict = count > MAX_KEYS ? 'differs' : 'not checked';
      return { verdict, seen: `keys in the list: ${count}. More than ${MAX_KEYS} would refute the limit` };
    }),
  },
  'keys-codes': {
    behaviour:
      'Code 0 means success. Assumed: so does 200, a code below 600 is a status of HTTP, and 21119, 1800 and 80001 reject the manager key.',
    evidence: CREATE,
    ifFalse: 'KEY_REFUSED, which quotes the code. Set `CONTROL_PLANE_SUCCESS_CODES`',
    ...withKeys(async ({ askedWith }, { randomId }) => {
      const refusal = refusalOf(await catchKnown(askedWith(`verify-${randomId()}`).list(), ControlPlaneError));
      return holdsIf(refusal.startsWith('rejected'), `an unknown manager key: ${refusal}`);
    }),
  },
  'keys-ids': {
    behaviour: 'An id has letters, digits and `_.-`.',
    evidence: ASSUMED,
    ifFalse: 'PENDING_INVALID, and a key that `status --manager` names',
    ...withKeys(async ({ organization }) => {
      const odd = (await organization.list()).filter(({ id }) => !isApiKeyId(id));
      return compare({ 'listed ids with other characters': [odd.length, 0] });
    }),
  },
  'keys-scope': {
    behaviour:
      'Role and scope of a key are `orgRole` and `projects`. Without `allCluster`, it opens the named clusters only.',
    evidence: CREATE,
    ifFalse: 'the copy of a key that another field restricts is wider: compare the first copy',
    ...withKeys(async ({ organization, like }, { direct }) => {
      const created = (await organization.list()).find(({ id }) => id === direct.username);
      const isSame = created !== undefined && sameScope(created.scope, like.scope);
      return compare({ 'the new key has the role and scope of its model': isSame });
    }),
  },
  'zilliz-key-call': {
    behaviour: 'An API key may call GetVersion over gRPC. Over REST, it lists collections or is refused as forbidden.',
    evidence: ASSUMED,
    ifFalse: 'CLUSTER_FORBIDS or CLUSTER_NOT_READY, and AWSCURRENT does not move',
    needs: ['keys'],
    check: async (run) => {
      const { cluster, direct, deployed } = run;
      await waitUntil(run, deployed.config.propagationMs, async () => await accepts(cluster, direct));
      return await overBoth(run, 'accepted', (each) => each.authenticates(direct));
    },
  },
  'keys-names': {
    behaviour: 'A name has up to 64 characters, a description up to 255, and two keys may have the same name.',
    evidence: ASSUMED,
    ifFalse: 'KEY_REFUSED before any change',
    ...withKeys(seeSecondKey),
  },
  'keys-listed': {
    behaviour: 'A list has a new key, with its name and description, 10 seconds after its creation.',
    evidence: ASSUMED,
    ifFalse: 'KEY_CHANGED. The new key is deleted, maybe later',
    ...withKeys(seeSecondKey),
  },
  'keys-managers': {
    behaviour:
      'Owners manage all keys, project Admins those of their projects. Assumed: for manager keys too. The Terraform provider says: only Owner keys.',
    evidence: GUIDE,
    ifFalse: 'MANAGER_REJECTED, and AWSCURRENT does not move',
    ...withKeys(async ({ organization, askedWith, like: { scope } }, { secret, direct }) => {
      const isManager = scope.orgRole === 'Member' && scope.projects.every(({ role }) => role === 'Admin');
      const key = { name: secret.name, description: keyDescription(secret), scope };
      const created = await catchKnown(askedWith(direct.password).create(key), ControlPlaneError);
      const isRefused = created instanceof ControlPlaneError;
      if (!isRefused) {
        await organization.delete(created.id);
      } else if (created.kind === 'unavailable') {
        throw created;
      }
      // What any other key may not do shows nothing about a project Admin.
      return isRefused && !isManager
        ? { verdict: 'not checked', seen: 'Needs --like with the id of a key of a project Admin.' }
        : holdsIf(
            isManager && !isRefused,
            `a key ${isManager ? 'of a' : 'that is no'} project Admin creates a key: ${refusalOf(created)}`,
          );
    }),
  },
  'keys-refusals': {
    behaviour:
      'Refusals are 400 for wrong fields, 409 above the quota, 404 for unknown keys, 429 for too many requests.',
    evidence: ASSUMED,
    ifFalse: 'KEY_REFUSED with another code. After a refused deletion, a list decides',
    ...withKeys(async ({ organization, like }, { secret, randomId }) => {
      const blank = { name: ' ', description: keyDescription(secret), scope: like.scope };
      const creation = await catchKnown(organization.create(blank), ControlPlaneError);
      const deletion = await catchKnown(organization.delete(`key-${randomId().slice(-12)}`), ControlPlaneError);
      return compare({
        'a blank name': [refusalOf(creation), 'refused (400)'],
        'deletion of an unknown key': [deletion === 'gone' ? deletion : refusalOf(deletion), 'gone'],
      });
    }),
  },
};

function withKeys(check: (keys: TemporaryKeys, run: Run) => Promise<Observation>): Checked {
  return { needs: ['keys'], check: async (run) => await check(given(run.keys), run) };
}

async function seeSecondKey(keys: TemporaryKeys, run: Run): Promise<Observation> {
  const { organization } = keys;
  const what = `a second key with the same name of ${LONGEST_NAME} characters, and a description of ${LONGEST_DESCRIPTION}`;
  const second = await catchKnown(createSecond(keys, run), ControlPlaneError);
  if (second instanceof ControlPlaneError) {
    // Any other error says nothing about names.
    if (second.kind !== 'refused') {
      throw second;
    }
    return holdsIf(false, `${what}: ${refusalOf(second)}`);
  }
  const createdAt = run.clock.now();
  const isListed = await waitUntil(run, LISTED_WITHIN_MS, async () => {
    const listed = (await organization.list()).find(({ id }) => id === second.id);
    return listed?.name.length === LONGEST_NAME && listed.description.length === LONGEST_DESCRIPTION;
  });
  const after = formatDuration(run.clock.now() - createdAt);
  await organization.delete(second.id);
  return holdsIf(isListed, `${what}: ${isListed ? '' : 'not '}listed after ${after}`);
}

/** How long a new key takes until the cluster knows it. */
export async function keySpread(keys: TemporaryKeys, run: Run): Promise<Observation> {
  const { id, key } = await createSecond(keys, run);
  const second = { ...run.direct, username: id, password: key };
  const created = await measureSpread(run, async (cluster) => await accepts(cluster, second));
  await keys.organization.delete(id);
  // No code relies on how long a deleted key is accepted, so only the text tells it.
  const deleted = await measureSpread(run, async (cluster) => !(await accepts(cluster, second)));
  return { ...created, seen: `new key: ${created.seen}; deleted key, refused: ${deleted.seen}` };
}

/** The name of the first key, and a description by which a later command finds the key. */
async function createSecond({ organization, like }: TemporaryKeys, { secret, direct }: Run): Promise<CreatedKey> {
  const first = (await organization.list()).find(({ id }) => id === direct.username);
  const description = keyDescription(secret).padEnd(LONGEST_DESCRIPTION, '.');
  return await organization.create({ name: first?.name ?? secret.name, description, scope: like.scope });
}

/** The kind of a refusal, and its code. */
function refusalOf(answer: unknown): string {
  if (!(answer instanceof ControlPlaneError)) {
    return 'accepted';
  }
  const [, code] = /code (\d{1,6})\b/.exec(answer.message) ?? /HTTP (\d{3})/.exec(answer.message) ?? [];
  return code === undefined ? answer.kind : `${answer.kind} (${code})`;
}
