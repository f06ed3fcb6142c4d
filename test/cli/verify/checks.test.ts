import { describe, expect, it } from 'vitest';
import { ASSUMPTIONS } from '../../../cli/verify/register/assumptions.ts';
import { checkedIdsWithout } from '../../support/checked-ids.ts';
import { createVerifyWorld, type VerifyWorld } from '../support/verify-world.ts';
import { OF_KEYS } from './planted/of-keys.ts';
import { OF_ROTATIONS } from './planted/of-rotations.ts';
import { OF_SECRETS } from './planted/of-secrets.ts';
import { OF_USERS } from './planted/of-users.ts';
import { NO_REST, otherwise } from './planted/planted.ts';

interface Checked {
  readonly id: string;
  readonly verdict: string;
  readonly seen: string;
  readonly code: readonly string[];
}

/** Runs the checks. Their document names nothing, and the most serious verdict is the exit code. */
async function check({ fixture, args }: VerifyWorld, subject: 'user' | 'key'): Promise<readonly Checked[]> {
  const { code, document } = await fixture.runJson(...args[subject], '--slow');
  const checked: readonly Checked[] = document.checks;
  expect(JSON.stringify(document)).not.toMatch(/arn:|\d{12}|zillizcloud\.com|zilliz-verify-|zverify_|zunknown_/);
  expect(document.error).toBeNull();
  const has = (wanted: string): boolean => checked.some(({ verdict }) => verdict === wanted);
  expect(code).toBe(has('differs') ? 3 : has('undecided') ? 7 : 0);
  return checked;
}

/** Its check finds a difference, and cannot prove that there is none. */
const ONLY_REFUTED = 'keys-quota';

const PLANTED = [...OF_USERS, ...OF_KEYS, ...OF_SECRETS, ...OF_ROTATIONS];

describe('the checks of verify', () => {
  it.each(['user', 'key'] as const)('hold with a %s if every service behaves as assumed', async (subject) => {
    const checked = await check(createVerifyWorld(), subject);

    const ids = checkedIdsWithout(...(subject === 'user' ? (['keys'] as const) : (['user', 'admin'] as const)));
    const verdictOf = (id: string): string => (ids.includes(id) && id !== ONLY_REFUTED ? 'holds' : 'not checked');
    expect(checked.map(({ id, verdict }) => [id, verdict])).toEqual(ASSUMPTIONS.map(([id]) => [id, verdictOf(id)]));
    const unchecked = checked.filter(({ verdict }) => verdict === 'not checked');
    expect(unchecked.filter(({ seen }) => !/^(Needs |No check: \w|keys in the list)/.test(seen))).toEqual([]);
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
    const found = PLANTED.filter(([, , verdict]) => verdict === 'differs').map(([, id]) => id);
    expect([...new Set(found)].toSorted()).toEqual(checkedIdsWithout().toSorted());
  });

  it.each(PLANTED)('with a %s, say of %s "%s": %s', async (subject, id, verdict, _, plant) => {
    const world = createVerifyWorld();
    plant(world);
    const checked = (await check(world, subject)).find((each) => each.id === id);
    expect(checked).toMatchObject({ verdict });
    expect(checked?.code !== undefined && checked.code.length > 0).toBe(verdict === 'differs');
  });
});
