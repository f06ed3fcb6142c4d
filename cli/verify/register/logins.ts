import { ClusterUnavailableError } from '../../../protocol/cluster/cluster.ts';
import { tokenOf } from '../../../protocol/secret/credential-form.ts';
import { catchKnown } from '../../outcome/failure.ts';
import { compare, given, holdsIf, type Observation, overBoth, textOf, UndecidedError } from '../observation.ts';
import type { Run } from '../run.ts';
import { unknownName } from '../temporary.ts';
import type { Assumptions } from './assumption.ts';
import { readInMilvus } from './evidence.ts';

const LONGEST_NAME = 32;

/** On the cluster, with a user that has no role. The first check finds out whether REST answers. */
export const LOGINS: Assumptions = {
  'milvus-rest-success': {
    behaviour: 'REST v2 reports success as 200 up to 2.4.2, then as 0.',
    evidence: readInMilvus({ 'distributed/proxy/httpserver/request_v2.go': { '2.4.18': 429, '2.6.20': 760 } }),
    ifFalse: 'CLUSTER_NOT_READY before any change',
    needs: ['user', 'rest'],
    check: async ({ clusters, direct }) => {
      const answer = await catchKnown(given(clusters.get('rest')).authenticates(direct), ClusterUnavailableError);
      if (!(answer instanceof ClusterUnavailableError)) {
        return holdsIf(answer.kind === 'accepted', textOf(answer));
      }
      // Later checks ask over gRPC only.
      clusters.delete('rest');
      const advice = 'For gRPC only, give --transport grpc.';
      throw new UndecidedError(`The endpoint serves no REST v2: ${textOf(answer)}. ${advice}`);
    },
  },
  'milvus-self': {
    behaviour: 'A user without a role may describe itself and change its own password.',
    evidence: readInMilvus({ 'proxy/privilege_interceptor.go': { '2.4.18': 224, '2.5.27': 224, '2.6.20': 186 } }),
    ifFalse: 'CLUSTER_FORBIDS before any change',
    needs: ['user'],
    check: async (run) => await overBoth(run, 'accepted', (cluster) => cluster.authenticates(run.direct)),
  },
  'milvus-refusal': {
    behaviour: 'A refused login is gRPC 16 or HTTP 401 with code 1800, and the refused call did not run.',
    evidence: readInMilvus({
      'proxy/authentication_interceptor.go': { '2.4.18': 93, '2.6.20': 101 },
      'distributed/proxy/service.go': { '2.5.27': 153 },
    }),
    ifFalse: 'CLUSTER_NOT_READY before any change. A client passes the refusal on (`isRefusal`)',
    needs: ['user'],
    check: async (run) => {
      const { direct, newPassword } = run;
      const wrong = { ...direct, password: newPassword() };
      const unknown = { ...wrong, username: unknownName(run) };
      // The answer to a change quotes its code. The answer to a login does not.
      const answer = await overBoth(
        run,
        'unauthenticated',
        (cluster) => cluster.changePassword(wrong, newPassword()),
        (cluster) => cluster.changePassword(unknown, newPassword()),
      );
      return await andUnchanged(run, { ...answer, seen: `a wrong password and an unknown user: ${answer.seen}` });
    },
  },
  // Before the next check: a super user loses its password here, and then cannot create a user
  // there.
  'milvus-old-password': {
    behaviour: 'A change needs the old password. A wrong one, or an unknown user, is code 1400, and nothing changes.',
    evidence: readInMilvus({ 'proxy/impl.go': { '2.4.18': 5070, '2.5.27': 5190, '2.6.20': 5323 } }),
    ifFalse: 'logins decide how a change ended, not its code',
    needs: ['user'],
    check: async (run) => {
      const { username } = run.direct;
      const answer = await overBoth(run, 'old-password', (cluster) =>
        cluster.resetPassword(callerOf(run), username, run.newPassword()),
      );
      return await andUnchanged(run, answer);
    },
  },
  'milvus-forbidden': {
    behaviour: 'A call without the privilege is gRPC 7, or HTTP 403 with `code = PermissionDenied`.',
    evidence: readInMilvus({
      'distributed/proxy/httpserver/handler_v2.go': { '2.4.18': 289, '2.5.27': 320, '2.6.20': 493 },
    }),
    ifFalse: 'CLUSTER_NOT_READY before any change',
    needs: ['user'],
    check: async (run) =>
      await overBoth(run, 'forbidden', (cluster) =>
        cluster.resetPassword(callerOf(run), unknownName(run), run.newPassword()),
      ),
  },
  'milvus-usernames': {
    behaviour: 'A username has a letter, then up to 31 letters, digits or `_`, in 2.6 also `-` and `.`.',
    evidence: readInMilvus({ 'proxy/util.go': { '2.5.27': 1133, '2.6.20': 1313 } }),
    ifFalse: 'CURRENT_INVALID, with the rule, before any change',
    needs: ['admin'],
    check: async ({ adminCluster, admin, direct }) => {
      const own = await adminCluster.describeUser(given(admin), direct.username);
      // An admin who may describe no user would be refused for each name.
      if (own.kind === 'refused') {
        throw new UndecidedError('The admin may not describe users.');
      }
      const long = await adminCluster.describeUser(given(admin), 'x'.repeat(LONGEST_NAME + 1));
      return compare({
        [`a name of ${direct.username.length} characters`]: [own.kind, 'found'],
        [`a name of ${LONGEST_NAME + 1} characters`]: [long.kind, 'refused'],
      });
    },
  },
};

/** The user, as the caller of a request of admins. */
function callerOf({ direct }: Run) {
  return { endpoint: direct.endpoint, token: tokenOf(direct) };
}

/** The observation, unless the refused requests have changed the password. */
async function andUnchanged(run: Run, answer: Observation): Promise<Observation> {
  const { kind } = await run.cluster.authenticates(run.direct);
  return kind === 'accepted' ? answer : holdsIf(false, `${answer.seen}; then the unchanged password: ${kind}`);
}
