import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { TRANSPORTS } from '../../protocol/cluster/endpoint.ts';
import { ControlPlaneError, type CreatedKey } from '../../protocol/keys/control-plane.ts';
import { keyDescription, sameScope } from '../../protocol/keys/rotated-key.ts';
import { isApiKeyId } from '../../protocol/secret/credential-form.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { formatDuration } from '../terminal/time.ts';
import { allOf, type Check, differs, holdsIf, type TemporaryKeys, type TemporaryRotation } from './check.ts';
import { clusterOf } from './cluster-answers.ts';
import { until } from './follow.ts';
import { measure } from './propagation.ts';

const LISTED_WITHIN_MS = 10_000;
const LONGEST_DESCRIPTION = 255;

/** On the control plane, and with the keys of the temporary secret on the cluster. */
export const KEY_CHECKS: Readonly<Record<string, Check>> = {
  address: ofKeys(['keys-address'], async ({ organization }) => {
    const keys = await organization.list();
    return holdsIf(keys.length > 0, 'the configured address answers with a list of keys');
  }),

  'rejected-manager': ofKeys(['keys-codes'], async ({ stranger }) => {
    const refusal = await catchKnown(stranger.list(), ControlPlaneError);
    const kind = refusal instanceof ControlPlaneError ? refusal.kind : 'accepted';
    return holdsIf(kind === 'rejected', `an unknown manager key: ${kind}${codeOf(refusal)}`);
  }),

  ids: ofKeys(['keys-ids'], async ({ organization }) => {
    const odd = (await organization.list()).filter(({ id }) => !isApiKeyId(id)).length;
    return holdsIf(odd === 0, odd === 0 ? 'every listed id has these characters' : `${odd} ids have others`);
  }),

  scope: ofKeys(['keys-scope'], async ({ organization, like }, { direct }) => {
    const created = (await organization.list()).find(({ id }) => id === direct.username);
    const isSame = created !== undefined && sameScope(created.scope, like.scope);
    return holdsIf(isSame, `the new key has ${isSame ? 'the role and scope' : 'another role or scope'} of its model`);
  }),

  'key-call': {
    covers: ['zilliz-key-call'],
    of: 'key',
    run: async (rotation) => {
      await until(rotation, rotation.config.propagationMs, async () => await isAccepted(rotation, rotation.direct));
      const kinds = [];
      for (const transport of TRANSPORTS) {
        const login = rotation.clusters[transport].authenticates(rotation.direct);
        kinds.push((await catchKnown(login, ClusterUnavailableError)).kind);
      }
      const [grpc, rest] = kinds;
      return holdsIf(
        kinds.every((kind) => kind === 'accepted'),
        `gRPC: ${grpc}, REST: ${rest}`,
      );
    },
  },

  names: ofKeys(['keys-names', 'keys-listed'], async (keys, rotation) => {
    const { organization } = keys;
    const second = await catchKnown(createSecond(keys, rotation), ControlPlaneError);
    if (second instanceof ControlPlaneError) {
      return differs(
        `a second key with the same name, and a description of 255 characters: ${second.kind}${codeOf(second)}`,
      );
    }
    const { clock } = rotation;
    const createdAt = clock.now();
    const isListed = await until(rotation, LISTED_WITHIN_MS, async () => {
      const listed = (await organization.list()).find(({ id }) => id === second.id);
      return listed?.description.length === LONGEST_DESCRIPTION;
    });
    const after = formatDuration(clock.now() - createdAt);
    await organization.delete(second.id);
    return holdsIf(
      isListed,
      `a second key with the same name of 64 characters, and a description of 255: ${isListed ? `listed after ${after}` : 'not listed'}`,
    );
  }),

  'key-propagation': ofKeys(['zilliz-propagation'], async (keys, rotation) => {
    const { id, key } = await createSecond(keys, rotation);
    const second = { ...rotation.direct, username: id, password: key };
    const created = await measure(rotation, async () => await isAccepted(rotation, second));
    await keys.organization.delete(id);
    const deleted = await measure(rotation, async () => !(await isAccepted(rotation, second)));
    return allOf([
      { ...created, seen: `new key: ${created.seen}` },
      { ...deleted, seen: `deleted key: ${deleted.seen}` },
    ]);
  }),

  refusals: ofKeys(['keys-refusals'], async ({ organization, like }, { secret, randomId }) => {
    const blank = organization.create({ name: ' ', description: keyDescription(secret), scope: like.scope });
    const refusal = await catchKnown(blank, ControlPlaneError);
    const gone = await catchKnown(organization.delete(`key-${randomId().slice(-12)}`), ControlPlaneError);
    const [kind, deletion] = [refusal, gone].map((answer) =>
      answer instanceof ControlPlaneError ? `${answer.kind}${codeOf(answer)}` : 'accepted',
    );
    return holdsIf(
      kind === 'refused (400)' && gone === 'gone',
      `a blank name: ${kind}; deletion of an unknown key: ${gone === 'gone' ? 'gone' : deletion}`,
    );
  }),
};

function ofKeys(
  covers: readonly string[],
  run: (keys: TemporaryKeys, rotation: TemporaryRotation) => ReturnType<Check['run']>,
): Check {
  return {
    covers,
    of: 'key',
    run: async (rotation) => {
      if (rotation.keys === undefined) {
        throw new TypeError('a check of keys needs keys');
      }
      return await run(rotation.keys, rotation);
    },
  };
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

async function isAccepted(rotation: TemporaryRotation, key: TemporaryRotation['direct']): Promise<boolean> {
  return (await clusterOf(rotation).authenticates(key)).kind === 'accepted';
}

function codeOf(answer: unknown): string {
  const message = answer instanceof ControlPlaneError ? answer.message : '';
  const [, code] = /code (\d+)/.exec(message) ?? /HTTP (\d{3})/.exec(message) ?? [];
  return code === undefined ? '' : ` (${code})`;
}
