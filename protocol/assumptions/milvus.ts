import { type Assumption, type Evidence, readIn, type Source } from './assumption.ts';

/** The commits that set these versions. The quoted lines are the same after each release. */
const COMMITS = {
  '2.4.18': '451deb329817',
  '2.5.27': 'bf8da831eec2',
  '2.6.20': '65db4eaa6e2c',
} as const;

function at(version: keyof typeof COMMITS, path: string, line: number): Source {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const url = `https://github.com/milvus-io/milvus/blob/${COMMITS[version]}/internal/${path}#L${line}`;
  return { name: `${version} ${file}:${line}`, url };
}

const SEEN: Evidence = { kind: 'seen', on: 'Milvus 2.3.5' };

const REST = 'distributed/proxy/httpserver';

/** What a rotation and a client rely on, and what differs in 2.4, 2.5 and 2.6. */
export const MILVUS: Readonly<Record<string, Assumption>> = {
  'milvus-self': {
    behaviour: 'A user without a role may describe itself and change its own password.',
    evidence: readIn(
      at('2.4.18', 'proxy/privilege_interceptor.go', 224),
      at('2.5.27', 'proxy/privilege_interceptor.go', 224),
      at('2.6.20', 'proxy/privilege_interceptor.go', 186),
    ),
    ifFalse: 'CLUSTER_FORBIDS before any change',
  },
  'milvus-old-password': {
    behaviour: 'A change needs the old password. A wrong one, or an unknown user, is code 1400, and nothing changes.',
    evidence: readIn(
      at('2.4.18', 'proxy/impl.go', 5070),
      at('2.5.27', 'proxy/impl.go', 5190),
      at('2.6.20', 'proxy/impl.go', 5323),
    ),
    ifFalse: 'logins decide how a change ended, not its code',
  },
  'milvus-refusal': {
    behaviour: 'A refused login is gRPC 16 or HTTP 401 with code 1800, and the refused call did not run.',
    evidence: readIn(
      at('2.4.18', 'proxy/authentication_interceptor.go', 93),
      at('2.5.27', 'distributed/proxy/service.go', 153),
      at('2.6.20', 'proxy/authentication_interceptor.go', 101),
    ),
    ifFalse: 'CLUSTER_NOT_READY before any change. A client passes the refusal on (`isRefusal`)',
  },
  'milvus-no-coordinator': {
    behaviour: 'A proxy that cannot get a credential from its coordinator answers as to a wrong password.',
    evidence: readIn(
      at('2.4.18', 'proxy/util.go', 1046),
      at('2.5.27', 'proxy/util.go', 1351),
      at('2.6.20', 'proxy/util.go', 1528),
    ),
    ifFalse: 'a second login after 6 seconds was not needed',
    unchecked: 'a client cannot part a proxy from its coordinator',
  },
  'milvus-forbidden': {
    behaviour: 'A call without the privilege is gRPC 7, or HTTP 403 with `code = PermissionDenied`.',
    evidence: readIn(
      at('2.4.18', `${REST}/handler_v2.go`, 289),
      at('2.5.27', `${REST}/handler_v2.go`, 320),
      at('2.6.20', `${REST}/handler_v2.go`, 493),
    ),
    ifFalse: 'CLUSTER_NOT_READY before any change',
  },
  'milvus-each-call': {
    behaviour: 'Every call is authenticated, so an open connection survives a change and needs the new password.',
    evidence: SEEN,
    ifFalse: 'a client keeps a connection with the old password, or loses one call',
  },
  'milvus-success-unproven': {
    behaviour: 'A change compares nothing: of two at once, both report success, and one wins.',
    evidence: SEEN,
    ifFalse: 'logins after a change were not needed',
  },
  'milvus-error-after-change': {
    behaviour: 'Up to 2.6.5, a change is stored and then sent to all proxies. If one fails, it reports an error.',
    evidence: readIn(at('2.4.18', 'rootcoord/root_coord.go', 2210), at('2.5.27', 'rootcoord/root_coord.go', 2288)),
    ifFalse: 'the awaited login succeeds at once',
    unchecked: 'a client cannot make a proxy fail',
  },
  'milvus-broadcast': {
    behaviour: 'Since 2.6.6, a change is first logged, and then applied and sent to proxies until that succeeds.',
    evidence: readIn(
      at('2.6.20', 'rootcoord/ddl_callbacks_rbac_credential.go', 80),
      at('2.6.20', 'streamingcoord/server/broadcaster/ack_callback_scheduler.go', 299),
    ),
    ifFalse: 'CHANGE_UNSETTLED. A retry finds the accepted password',
    unchecked: 'a client cannot make a proxy fail',
  },
  'milvus-not-primary': {
    behaviour: 'Since 2.6.6, a secondary cluster refuses changes with `cluster is not primary`.',
    evidence: readIn(at('2.6.20', 'streamingcoord/server/broadcaster/broadcaster.go', 13)),
    ifFalse: 'CHANGE_UNSETTLED instead of CLUSTER_NOT_PRIMARY',
    unchecked: 'only a secondary cluster shows it, which also refuses the temporary user',
  },
  'milvus-authorization-off': {
    behaviour: 'Without `authorizationEnabled`, every token is accepted.',
    evidence: readIn(
      at('2.4.18', 'proxy/authentication_interceptor.go', 59),
      at('2.5.27', 'proxy/authentication_interceptor.go', 66),
      at('2.6.20', 'proxy/authentication_interceptor.go', 67),
    ),
    ifFalse: 'the login with a wrong password was not needed',
    unchecked: 'only a cluster without authorization shows it',
  },
  'milvus-password-length': {
    behaviour: 'A password has 6 to 72 bytes. Up to 2.4.17, the limit is 256, and bcrypt refuses more than 72.',
    evidence: readIn(
      at('2.4.18', 'proxy/util.go', 845),
      at('2.5.27', 'proxy/util.go', 1159),
      at('2.6.20', 'proxy/util.go', 1327),
    ),
    ifFalse: 'PASSWORD_REFUSED, and nothing changes',
  },
  'milvus-super-user': {
    behaviour:
      'Only super users reset a password. Since 2.6.6 they are told `user not found`. Before, they create the user.',
    evidence: readIn(
      at('2.4.18', 'proxy/impl.go', 5062),
      at('2.5.27', 'proxy/impl.go', 5182),
      at('2.6.20', 'rootcoord/meta_table.go', 1635),
    ),
    ifFalse: 'ADMIN_REFUSED, and nothing changes',
  },
  'milvus-rest-success': {
    behaviour: 'REST v2 reports success as 200 up to 2.4.2, then as 0.',
    evidence: readIn(at('2.4.18', `${REST}/request_v2.go`, 429), at('2.6.20', `${REST}/request_v2.go`, 760)),
    ifFalse: 'CLUSTER_NOT_READY before any change',
  },
  'milvus-rest-timeout': {
    behaviour: 'A REST call that takes too long is HTTP 408: a text in 2.4, JSON with code 10001 since.',
    evidence: readIn(
      at('2.4.18', `${REST}/timeout_middleware.go`, 15),
      at('2.5.27', `${REST}/timeout_middleware.go`, 37),
      at('2.6.20', `${REST}/timeout_middleware.go`, 307),
    ),
    ifFalse: 'CLUSTER_NOT_READY instead of CLUSTER_NO_ANSWER',
    unchecked:
      'only the header `Request-Timeout: 0` causes it, which in 2.4 and early 2.5 becomes the limit of the route for every client',
  },
  'milvus-descriptions': {
    behaviour:
      'Since 2.6.19, users have descriptions: REST tells them beside the roles. A change without one keeps it.',
    evidence: readIn(at('2.6.20', 'rootcoord/meta_table.go', 1669), at('2.6.20', `${REST}/handler_v2.go`, 2441)),
    ifFalse: 'a change of the password erases the description',
  },
  'milvus-usernames': {
    behaviour: 'A username has a letter, then up to 31 letters, digits or `_`, in 2.6 also `-` and `.`.',
    evidence: readIn(at('2.5.27', 'proxy/util.go', 1133), at('2.6.20', 'proxy/util.go', 1313)),
    ifFalse: 'CURRENT_INVALID, with the rule, before any change',
  },
};
