import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import { allOf, type Check, differs, holdsIf, notChecked, type Observation, type TemporaryRotation } from './check.ts';
import { answerOf, clusterOf, overBoth, textOf, wordOf } from './cluster-answers.ts';

const WRONG_LOGINS = 10;
const LONGEST_NAME = 32;
/** The role that Milvus gives each user. */
const EVERYBODY = 'public';

/** On the cluster, with a user that has no role. The first check finds out whether REST answers. */
export const CLUSTER_CHECKS: Readonly<Record<string, Check>> = {
  rest: { covers: ['milvus-rest-success'], of: 'user', run: checkRest },

  self: {
    covers: ['milvus-self'],
    of: 'user',
    run: async (rotation) => {
      const login = await rotation.clusters.grpc.authenticates(rotation.direct);
      const roles = login.kind === 'accepted' ? login.roles.filter((role) => role !== EVERYBODY) : [];
      return roles.length > 0
        ? notChecked('The user has a role. Use a user without a role.')
        : await overBoth(rotation, 'accepted', (cluster) => cluster.authenticates(rotation.direct));
    },
  },

  refusal: {
    covers: ['milvus-refusal'],
    of: 'user',
    run: async (rotation) => {
      const { direct, newPassword } = rotation;
      const wrong = { ...direct, password: newPassword() };
      // The answer to a change quotes its code. The answer to a login does not.
      const asks = [
        ['wrong password', wrong],
        ['unknown user', { ...wrong, username: unknownName(rotation) }],
      ] as const;
      const answers: Observation[] = [];
      for (const [what, credentials] of asks) {
        const answer = await overBoth(rotation, 'unauthenticated', (cluster) =>
          cluster.changePassword(credentials, newPassword()),
        );
        answers.push({ ...answer, seen: `${what}: ${answer.seen}` });
      }
      return allOf(answers);
    },
  },

  forbidden: {
    covers: ['milvus-forbidden'],
    of: 'user',
    run: async (rotation) => {
      const caller = { endpoint: rotation.direct.endpoint, token: tokenOf(rotation.direct) };
      return await overBoth(rotation, 'forbidden', (cluster) =>
        cluster.resetPassword(caller, unknownName(rotation), rotation.newPassword()),
      );
    },
  },

  'old-password': {
    covers: ['milvus-old-password'],
    of: 'user',
    run: async (rotation) => {
      const { direct, newPassword } = rotation;
      const caller = { endpoint: direct.endpoint, token: tokenOf(direct) };
      const answer = await overBoth(rotation, 'old-password', (cluster) =>
        cluster.resetPassword(caller, direct.username, newPassword()),
      );
      const { kind } = await clusterOf(rotation).authenticates(direct);
      return kind === 'accepted' ? answer : differs(`${answer.seen}; then the unchanged password: ${kind}`);
    },
  },

  lockout: {
    covers: ['zilliz-no-lockout'],
    of: 'user',
    run: async (rotation) => {
      const cluster = clusterOf(rotation);
      for (let count = 0; count < WRONG_LOGINS; count += 1) {
        await cluster.authenticates({ ...rotation.direct, password: rotation.newPassword() });
      }
      const { kind } = await cluster.authenticates(rotation.direct);
      return holdsIf(kind === 'accepted', `after ${WRONG_LOGINS} wrong passwords, the right one is ${kind}`);
    },
  },

  usernames: {
    covers: ['milvus-usernames'],
    of: 'user',
    run: async ({ admin, adminCluster, direct }) => {
      if (admin === undefined) {
        return notChecked('Needs --admin-secret.');
      }
      const { kind } = await adminCluster.describeUser(admin, 'x'.repeat(LONGEST_NAME + 1));
      return holdsIf(
        kind === 'refused',
        `${direct.username.length} characters: accepted; ${LONGEST_NAME + 1} characters: ${kind}`,
      );
    },
  },
};

async function checkRest(rotation: TemporaryRotation): Promise<Observation> {
  const answer = await answerOf(rotation.clusters.rest.authenticates(rotation.direct));
  rotation.servesRest = !(answer instanceof ClusterUnavailableError);
  return rotation.servesRest
    ? holdsIf(wordOf(answer) === 'accepted', textOf(answer))
    : notChecked(`The endpoint serves no REST v2: ${textOf(answer)}.`);
}

/** A name that no user has. The cluster compares the names of users byte by byte. */
function unknownName({ randomId }: TemporaryRotation): string {
  return `zunknown_${randomId().replaceAll('-', '').slice(-20)}`;
}
