import { expect, it } from 'vitest';
import type { Login } from '../../../../protocol/cluster/cluster.ts';
import { ClusterUnavailableError } from '../../../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../../../protocol/cluster/endpoint.ts';
import type { UsableCredential } from '../../../../protocol/credential/stored-credential.ts';
import { compareUsers } from '../../../../protocol/rotation/strategies/alternating-users.ts';
import { ENDPOINT, RotationWorld, SECOND_USER, USER } from '../../../support/rotation-world.ts';

const endpoint = parseEndpoint(ENDPOINT, { allowed: ['127.0.0.1'], allowPlaintext: false });

/** What the comparison reports if the cluster answers each user with these logins. */
async function reportedFor(logins: Readonly<Record<string, Login | undefined>>) {
  const world = new RotationWorld();
  const authenticates = ({ username }: { username: string }): Promise<Login> =>
    logins[username] === undefined
      ? Promise.reject(new ClusterUnavailableError('no-answer', endpoint, 'cut'))
      : Promise.resolve(logins[username]);
  const credentialOf = (username: string) =>
    ({ kind: 'usable', credentials: { endpoint, username, password: 'Any-1' } }) as UsableCredential;
  const ports = world.portsWith({ cluster: { authenticates } });
  await compareUsers(ports, { current: credentialOf(USER), pending: credentialOf(SECOND_USER) });
  return world.story;
}

const accepted = (...roles: readonly string[]): Login => ({ kind: 'accepted', roles });

it.each([
  ['the new user lacks a role', ['reader', 'writer'], ['reader'], { missing: ['writer'], added: [] }],
  ['the new user has another role', ['reader'], ['reader', 'admin'], { missing: [], added: ['admin'] }],
  ['both differ', ['reader'], ['writer'], { missing: ['reader'], added: ['writer'] }],
])('%s: the difference is reported', async (_, ofCurrent, ofPending, difference) => {
  expect(await reportedFor({ [USER]: accepted(...ofCurrent), [SECOND_USER]: accepted(...ofPending) })).toEqual([
    { event: 'roles-differ', username: SECOND_USER, ...difference },
  ]);
});

it('equal roles in another order are no difference', async () => {
  expect(await reportedFor({ [USER]: accepted('a', 'b'), [SECOND_USER]: accepted('b', 'a') })).toEqual([]);
});

it('a current credential that the cluster rejects is reported, and no roles are compared', async () => {
  expect(await reportedFor({ [USER]: { kind: 'rejected' }, [SECOND_USER]: accepted('reader') })).toEqual([
    { event: 'current-rejected', username: USER },
  ]);
});

it.each<[string, Login | undefined, Login | undefined]>([
  ['the current user is forbidden', { kind: 'forbidden' }, accepted('reader')],
  ['the new user is forbidden', accepted('reader'), { kind: 'forbidden' }],
  ['there is no answer for the current user', undefined, accepted('reader')],
  ['there is no answer for the new user', accepted('reader'), undefined],
])('nothing is reported, and nothing fails, if %s', async (_, ofCurrent, ofPending) => {
  expect(await reportedFor({ [USER]: ofCurrent, [SECOND_USER]: ofPending })).toEqual([]);
});
