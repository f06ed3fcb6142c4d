import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import { mapConcurrently } from '../aws/map-concurrently.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import {
  type Check,
  check,
  given,
  holdsIf,
  type Observation,
  type TemporaryRotation,
  UndecidedError,
} from './check.ts';
import { accepts, judge, overBoth, textOf, wordOf } from './cluster-answers.ts';
import { until } from './follow.ts';
import { unknownName } from './temporary-credential.ts';

const WRONG_LOGINS = 10;
const LONGEST_NAME = 32;
/** Whether changes overlap is chance: on Milvus 2.3.5, more than half of the rounds have two. */
const ROUNDS = 20;
const AT_ONCE = 8;
/** What a reset of a user and of an unknown user may be: by an admin, and by two super users. */
const RESETS = ['old-password, old-password', 'changed, unknown-user', 'changed, changed'];

/** On the cluster, with a user that has no role. The first check finds out whether REST answers. */
export const CLUSTER_CHECKS: readonly Check[] = [
  check('milvus-rest-success', ['user', 'rest'], async ({ clusters, direct }) => {
    const answer = await catchKnown(given(clusters.get('rest')).authenticates(direct), ClusterUnavailableError);
    if (!(answer instanceof ClusterUnavailableError)) {
      return holdsIf(wordOf(answer) === 'accepted', textOf(answer));
    }
    // Later checks ask over gRPC only.
    clusters.delete('rest');
    throw new UndecidedError(
      `The endpoint serves no REST v2: ${textOf(answer)}. For gRPC only, give --transport grpc.`,
    );
  }),
  check(
    'milvus-self',
    ['user'],
    async (rotation) => await overBoth(rotation, 'accepted', [(cluster) => cluster.authenticates(rotation.direct)]),
  ),
  check('milvus-refusal', ['user'], async (rotation) => {
    const { direct, newPassword } = rotation;
    const wrong = { ...direct, password: newPassword() };
    // The answer to a change quotes its code. The answer to a login does not.
    const answer = await overBoth(
      rotation,
      'unauthenticated',
      [wrong, { ...wrong, username: unknownName(rotation) }].map(
        (credentials) => (cluster) => cluster.changePassword(credentials, newPassword()),
      ),
    );
    const seen = `a wrong password and an unknown user: ${answer.seen}`;
    return await andUnchanged(rotation, { ...answer, seen });
  }),
  // Before the next check: a super user loses its password here, and then cannot create a user
  // there.
  check('milvus-old-password', ['user'], async (rotation) => {
    const { direct, newPassword } = rotation;
    const caller = { endpoint: direct.endpoint, token: tokenOf(direct) };
    const answer = await overBoth(rotation, 'old-password', [
      (cluster) => cluster.resetPassword(caller, direct.username, newPassword()),
    ]);
    return await andUnchanged(rotation, answer);
  }),
  check('milvus-forbidden', ['user'], async (rotation) => {
    const caller = { endpoint: rotation.direct.endpoint, token: tokenOf(rotation.direct) };
    return await overBoth(rotation, 'forbidden', [
      (cluster) => cluster.resetPassword(caller, unknownName(rotation), rotation.newPassword()),
    ]);
  }),
  check('milvus-usernames', ['admin'], async (rotation) => {
    const { adminCluster, direct } = rotation;
    const admin = given(rotation.admin);
    // An admin who may describe no user would be refused for each name.
    const [short, long] = [direct.username, 'x'.repeat(LONGEST_NAME + 1)];
    const [found, { kind }] = [
      await adminCluster.describeUser(admin, short),
      await adminCluster.describeUser(admin, long),
    ];
    if (found.kind === 'refused') {
      throw new UndecidedError('The admin may not describe users.');
    }
    return holdsIf(kind === 'refused', `${short.length} characters: ${found.kind}; ${long.length} characters: ${kind}`);
  }),
];

/** Last, because a user that is locked or dropped spoils every other check. */
export const LAST_CLUSTER_CHECKS: readonly Check[] = [
  check('zilliz-no-lockout', ['user'], async (rotation) => {
    const { stored, newPassword, cluster } = rotation;
    if (!(await accepts(cluster, stored))) {
      throw new UndecidedError('The cluster does not accept the password of the user.');
    }
    for (let count = 0; count < WRONG_LOGINS; count += 1) {
      await cluster.authenticates({ ...stored, password: newPassword() });
    }
    const { kind } = await cluster.authenticates(stored);
    return holdsIf(kind === 'accepted', `after ${WRONG_LOGINS} wrong passwords, the right one is ${kind}`);
  }),
  check('milvus-success-unproven', ['user'], async (rotation) => {
    const { cluster, newPassword, deployed } = rotation;
    let user = rotation.stored;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const former = user;
      const changed = Array.from({ length: AT_ONCE }, () => ({ ...former, password: newPassword() }));
      const changes = changed.map(async ({ password }) => await cluster.changePassword(former, password));
      const successes = (await Promise.all(changes)).filter(({ kind }) => kind === 'changed').length;
      if (successes > 1) {
        return holdsIf(true, `of ${AT_ONCE} changes at once, ${successes} report success`);
      }
      const isFound = await until(rotation, deployed.config.propagationMs, async () => {
        const logins = await mapConcurrently(changed, AT_ONCE, async (each) => await accepts(cluster, each));
        user = changed[logins.indexOf(true)] ?? user;
        return user !== former;
      });
      if (!isFound) {
        throw new UndecidedError('The cluster accepts none of the changed passwords.');
      }
    }
    return holdsIf(false, `${ROUNDS} times, one of ${AT_ONCE} changes at once reports success`);
  }),
  check('milvus-super-user', ['admin'], async (rotation) => {
    const { adminCluster, stored, newPassword } = rotation;
    const admin = given(rotation.admin);
    const reset = async () => await rotation.cluster.resetPassword(admin, stored.username, newPassword());
    const known = await reset();
    await adminCluster.dropUser(admin, stored.username);
    // Milvus may create the user again. Its name is in a tag, so the removal drops it.
    const unknown = await reset();
    const { seen } = judge('', [
      ['a reset by the admin', known],
      ['of an unknown user', unknown],
    ]);
    return holdsIf(RESETS.includes(`${wordOf(known)}, ${wordOf(unknown)}`), seen);
  }),
];

/** The observation, unless the refused requests have changed the password. */
async function andUnchanged(rotation: TemporaryRotation, answer: Observation): Promise<Observation> {
  const { kind } = await rotation.cluster.authenticates(rotation.direct);
  return kind === 'accepted' ? answer : holdsIf(false, `${answer.seen}; then the unchanged password: ${kind}`);
}
