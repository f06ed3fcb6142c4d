import { ControlPlaneError, type CreatedKey, MAX_KEYS } from '../../protocol/keys/control-plane.ts';
import { keyDescription, sameScope } from '../../protocol/keys/rotated-key.ts';
import { isApiKeyId } from '../../protocol/secret/credential-form.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { formatDuration } from '../terminal/time.ts';
import { type Check, check, given, holdsIf, type Observation, type TemporaryRotation } from './check.ts';
import { accepts, overBoth } from './cluster-answers.ts';
import { until } from './follow.ts';
import { measure } from './propagation.ts';
import type { TemporaryKeys } from './temporary-credential.ts';

const LISTED_WITHIN_MS = 10_000;
/** The names of the temporary keys have it. */
const LONGEST_NAME = 64;
const LONGEST_DESCRIPTION = 255;

/** On the control plane, and with the keys of the temporary secret on the cluster. */
export const KEY_CHECKS: readonly Check[] = [
  check('keys-address', ['keys', 'defaultAddress'], async ({ keys }) => {
    const isEmpty = (await given(keys).organization.list()).length === 0;
    return holdsIf(!isEmpty, `the address answers with ${isEmpty ? 'no key' : 'keys'}`);
  }),

  ofKeys('keys-quota', async ({ organization }) => {
    const count = (await organization.list()).length;
    const seen = `the list has ${count} keys`;
    // The command does not fill an organization to see its limit.
    return count > MAX_KEYS
      ? holdsIf(false, seen)
      : {
          verdict: 'not checked',
          seen: `${seen}: more than ${MAX_KEYS} would refute the limit, and fewer show nothing`,
        };
  }),

  ofKeys('keys-codes', async ({ askedWith }, { randomId }) => {
    const kind = refusalOf(await catchKnown(askedWith(`verify-${randomId()}`).list(), ControlPlaneError));
    return holdsIf(kind.startsWith('rejected'), `an unknown manager key: ${kind}`);
  }),

  ofKeys('keys-ids', async ({ organization }) => {
    const odd = (await organization.list()).filter(({ id }) => !isApiKeyId(id)).length;
    return holdsIf(odd === 0, odd === 0 ? 'every listed id has these characters' : `${odd} ids have others`);
  }),

  ofKeys('keys-scope', async ({ organization, like }, { direct }) => {
    const created = (await organization.list()).find(({ id }) => id === direct.username);
    const isSame = created !== undefined && sameScope(created.scope, like.scope);
    return holdsIf(isSame, `the new key has ${isSame ? 'the role and scope' : 'another role or scope'} of its model`);
  }),

  ofKeys('zilliz-key-call', async (_keys, rotation) => {
    await until(
      rotation,
      rotation.deployed.config.propagationMs,
      async () => await accepts(rotation.cluster, rotation.direct),
    );
    return await overBoth(rotation, 'accepted', [(cluster) => cluster.authenticates(rotation.direct)]);
  }),

  ofKeys('keys-names keys-listed', async (keys, rotation) => {
    const { organization } = keys;
    const what = 'a second key with the same name of 64 characters, and a description of 255';
    const second = await catchKnown(createSecond(keys, rotation), ControlPlaneError);
    if (second instanceof ControlPlaneError) {
      // Any other error says nothing about names.
      if (second.kind !== 'refused') {
        throw second;
      }
      return holdsIf(false, `${what}: ${refusalOf(second)}`);
    }
    const createdAt = rotation.clock.now();
    const isListed = await until(rotation, LISTED_WITHIN_MS, async () => {
      const listed = (await organization.list()).find(({ id }) => id === second.id);
      return listed?.name.length === LONGEST_NAME && listed.description.length === LONGEST_DESCRIPTION;
    });
    const after = formatDuration(rotation.clock.now() - createdAt);
    await organization.delete(second.id);
    return holdsIf(isListed, `${what}: ${isListed ? '' : 'not '}listed after ${after}`);
  }),

  ofKeys('zilliz-propagation', async (keys, rotation) => {
    const { id, key } = await createSecond(keys, rotation);
    const second = { ...rotation.direct, username: id, password: key };
    const created = await measure(rotation, async (cluster) => await accepts(cluster, second));
    await keys.organization.delete(id);
    // No code relies on how long a deleted key is accepted, so only the text tells it.
    const deleted = await measure(rotation, async (cluster) => !(await accepts(cluster, second)));
    return { ...created, seen: `new key: ${created.seen}; deleted key, refused: ${deleted.seen}` };
  }),

  ofKeys('keys-managers', async ({ organization, askedWith, like: { scope } }, { secret, direct }) => {
    const isManager = scope.orgRole === 'Member' && scope.projects.every(({ role }) => role === 'Admin');
    const creation = askedWith(direct.password).create({
      name: secret.name,
      description: keyDescription(secret),
      scope,
    });
    const created = await catchKnown(creation, ControlPlaneError);
    if (!(created instanceof ControlPlaneError)) {
      await organization.delete(created.id);
    } else if (created.kind === 'unavailable') {
      throw created;
    }
    const isRefused = created instanceof ControlPlaneError;
    // What any other key may not do shows nothing about a project Admin.
    return isRefused && !isManager
      ? { verdict: 'not checked', seen: 'Needs --like with the id of a key of a project Admin.' }
      : holdsIf(
          isManager && !isRefused,
          `a key ${isManager ? 'of a' : 'that is no'} project Admin creates a key: ${refusalOf(created)}`,
        );
  }),

  ofKeys('keys-refusals', async ({ organization, like }, { secret, randomId }) => {
    const blank = organization.create({ name: ' ', description: keyDescription(secret), scope: like.scope });
    const creation = refusalOf(await catchKnown(blank, ControlPlaneError));
    const gone = await catchKnown(organization.delete(`key-${randomId().slice(-12)}`), ControlPlaneError);
    const deletion = gone === 'gone' ? gone : refusalOf(gone);
    return holdsIf(
      creation === 'refused (400)' && deletion === 'gone',
      `a blank name: ${creation}; deletion of an unknown key: ${deletion}`,
    );
  }),
];

function ofKeys(
  covers: string,
  run: (keys: TemporaryKeys, rotation: TemporaryRotation) => Promise<Observation>,
): Check {
  return check(covers, ['keys'], async (rotation) => await run(given(rotation.keys), rotation));
}

/** The name of the first key, and a description by which a later command finds the key. */
async function createSecond(
  { organization, like }: TemporaryKeys,
  { secret, direct }: TemporaryRotation,
): Promise<CreatedKey> {
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
