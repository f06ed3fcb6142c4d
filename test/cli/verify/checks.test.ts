import { describe, expect, it } from 'vitest';
import type { Need } from '../../../cli/verify/check.ts';
import { CHECKS } from '../../../cli/verify/checks.ts';
import { createVerifyWorld, type VerifyWorld } from '../support/verify-world.ts';
import { NO_PROOF_OF_DATE } from './planted/last-rotated.ts';
import { NO_PROOF } from './planted/no-proof.ts';
import { NO_PROOF_OF_KEYS, OF_KEYS } from './planted/of-keys.ts';
import { OF_SECRETS } from './planted/of-secrets.ts';
import { OF_USERS } from './planted/of-users.ts';
import { NO_REST, otherwise } from './planted/other-cluster.ts';

interface Checked {
  readonly id: string;
  readonly verdict: string;
  readonly seen: string;
  readonly code: readonly string[];
}

async function verdictsOf(world: VerifyWorld, subject: 'user' | 'key'): Promise<Record<string, Checked>> {
  const { document } = await world.fixture.runJson(...world.args[subject], '--slow');
  expect(JSON.stringify(document)).not.toMatch(/arn:|\d{12}|zillizcloud\.com|zilliz-verify-|zverify_|zunknown_/);
  expect(document.error).toBeNull();
  return Object.fromEntries((document.checks as Checked[]).map((check) => [check.id, check]));
}

/** Its check finds a difference, and cannot prove that there is none. */
const ONLY_REFUTED = 'keys-quota';

const PLANTED = [
  ...Object.entries({ ...OF_SECRETS, ...OF_USERS }).map(([id, plant]) => ['user', id, plant] as const),
  ...Object.entries(OF_KEYS).map(([id, plant]) => ['key', id, plant] as const),
];

describe('the checks of verify', () => {
  it.each(['user', 'key'] as const)('hold with a %s if every service behaves as assumed', async (subject) => {
    const verdicts = Object.values(await verdictsOf(createVerifyWorld(), subject));
    const others: readonly Need[] = subject === 'user' ? ['keys'] : ['user', 'admin'];
    const ids = CHECKS.filter(({ needs }) => !needs.some((need) => others.includes(need)))
      .flatMap(({ covers }) => covers)
      .filter((id) => id !== ONLY_REFUTED);
    const held = verdicts.filter(({ verdict }) => verdict === 'holds').map(({ id }) => id);
    expect(held.toSorted()).toEqual([...new Set(ids)].toSorted());
    expect(verdicts.filter(({ verdict }) => verdict === 'differs' || verdict === 'undecided')).toEqual([]);
  });

  it.each([
    ['decide that an endpoint serves no REST with exit code 7', [], 7, 'undecided'],
    ['do not ask for REST with --transport grpc', ['--transport', 'grpc'], 0, 'not checked'],
  ])('%s', async (_, args, code, verdict) => {
    const world = createVerifyWorld();
    world.fixture.restCluster = otherwise(world.fixture.cluster, NO_REST);
    const ended = await world.fixture.runJson(...world.args.user, ...args);
    const rest = (ended.document.checks as Checked[]).find(({ id }) => id === 'milvus-rest-success');
    expect([ended.code, rest?.verdict]).toEqual([code, verdict]);
  });

  it('each have a planted difference here', () => {
    const ids = CHECKS.flatMap(({ covers }) => covers);
    expect(new Set(PLANTED.map(([, id]) => id))).toEqual(new Set(ids));
  });

  it.each(PLANTED)('with a %s, find that %s is false', async (subject, id, plant) => {
    const world = createVerifyWorld();
    plant(world);
    const checked = (await verdictsOf(world, subject))[id];
    expect(checked).toMatchObject({ verdict: 'differs' });
    expect(checked?.code).not.toEqual([]);
  });

  it.each([...NO_PROOF, ...NO_PROOF_OF_DATE, ...NO_PROOF_OF_KEYS])(
    'with a %s, do not mistake for the behaviour of %s (%s): %s',
    async (subject, id, verdict, _, plant) => {
      const world = createVerifyWorld();
      plant(world);
      expect((await verdictsOf(world, subject))[id]).toMatchObject({ verdict });
    },
  );
});
