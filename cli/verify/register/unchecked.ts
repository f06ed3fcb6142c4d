import type { Assumptions } from './assumption.ts';
import { ASSUMED, readInMilvus, readInTerraform } from './evidence.ts';

const PROVIDER = 'https://github.com/zilliztech/terraform-provider-zillizcloud/blob/13a5e920e8e6/';
const RESOURCES = `${PROVIDER}docs/resources/`;

/** What nobody can see from outside. */
export const UNCHECKED: Assumptions = {
  'aws-texts': {
    behaviour: 'Texts of refusals about labels, keys and the policy of another account.',
    evidence: ASSUMED,
    ifFalse: 'messages quote other words. Decisions use the names of errors only',
    unchecked: 'most need a policy of another account or a broken key, and the others decide nothing',
  },
  'aws-condition-keys': {
    behaviour:
      '`aws:SourceArn` in the policy of the function is the ARN of the secret. RotateSecret without a function or rules lacks the condition key of each.',
    evidence: ASSUMED,
    ifFalse: 'RotateSecret is refused, with the name of the permission',
    unchecked: 'only other policies of the function and of the caller show them',
  },
  'aws-write-decrypts': {
    behaviour:
      'The `kms:Decrypt` of a write names the new version. Only identity policies decide about an unknown key.',
    evidence: ASSUMED,
    ifFalse: 'a key policy that names versions refuses the write (SECRETS_MANAGER_DENIED)',
    unchecked: 'only another policy of a key shows it, or CloudTrail among every Decrypt of the account',
  },
  'aws-topic-policy': {
    behaviour:
      'The default policy of a topic allows alarms, not rules. A rule needs a role for a topic of another account.',
    evidence: ASSUMED,
    ifFalse: 'a statement or role of the stack is not needed',
    unchecked: 'only an event that a topic of another policy gets shows it',
  },
  'milvus-no-coordinator': {
    behaviour: 'A proxy that cannot get a credential from its coordinator answers as to a wrong password.',
    evidence: readInMilvus({ 'proxy/util.go': { '2.4.18': 1046, '2.5.27': 1351, '2.6.20': 1528 } }),
    ifFalse: 'a second login after 6 seconds was not needed',
    unchecked: 'a client cannot part a proxy from its coordinator',
  },
  'milvus-error-after-change': {
    behaviour: 'Up to 2.6.5, a change is stored and then sent to all proxies. If one fails, it reports an error.',
    evidence: readInMilvus({ 'rootcoord/root_coord.go': { '2.4.18': 2210, '2.5.27': 2288 } }),
    ifFalse: 'the awaited login succeeds at once',
    unchecked: 'a client cannot make a proxy fail',
  },
  'milvus-broadcast': {
    behaviour: 'Since 2.6.6, a change is first logged, and then applied and sent to proxies until that succeeds.',
    evidence: readInMilvus({
      'rootcoord/ddl_callbacks_rbac_credential.go': { '2.6.20': 80 },
      'streamingcoord/server/broadcaster/ack_callback_scheduler.go': { '2.6.20': 299 },
    }),
    ifFalse: 'CHANGE_UNSETTLED. A retry finds the accepted password',
    unchecked: 'a client cannot make a proxy fail',
  },
  'milvus-not-primary': {
    behaviour: 'Since 2.6.6, a secondary cluster refuses changes with `cluster is not primary`.',
    evidence: readInMilvus({ 'streamingcoord/server/broadcaster/broadcaster.go': { '2.6.20': 13 } }),
    ifFalse: 'CHANGE_UNSETTLED instead of CLUSTER_NOT_PRIMARY',
    unchecked: 'only a secondary cluster shows it, which also refuses the temporary user',
  },
  'milvus-authorization-off': {
    behaviour: 'Without `authorizationEnabled`, every token is accepted.',
    evidence: readInMilvus({ 'proxy/authentication_interceptor.go': { '2.4.18': 59, '2.5.27': 66, '2.6.20': 67 } }),
    ifFalse: 'the login with a wrong password was not needed',
    unchecked: 'only a cluster without authorization shows it',
  },
  'milvus-rest-timeout': {
    behaviour: 'A REST call that takes too long is HTTP 408: a text in 2.4, JSON with code 10001 since.',
    evidence: readInMilvus({
      'distributed/proxy/httpserver/timeout_middleware.go': { '2.4.18': 15, '2.5.27': 37, '2.6.20': 307 },
    }),
    ifFalse: 'CLUSTER_NOT_READY instead of CLUSTER_NO_ANSWER',
    unchecked:
      'only the header `Request-Timeout: 0` causes it, which in 2.4 and early 2.5 becomes the limit of the route for every client',
  },
  'zilliz-gateway': {
    behaviour:
      'A new cluster may answer 401 for minutes. Assumed: a 401 or 403 without the body of Milvus proves nothing.',
    evidence: readInTerraform(`${PROVIDER}internal/provider/user_resource.go#L141`),
    ifFalse: 'CLUSTER_NOT_READY or NONE_IN_FORCE before any change. Wait, and rotate',
    unchecked: 'only a cluster that was just created shows it',
  },
  'keys-owner': {
    behaviour: 'The API neither creates nor updates a key with the role Owner.',
    evidence: readInTerraform(`${RESOURCES}api_key.md#L64`),
    ifFalse: 'such a key is refused, although it could rotate',
    unchecked: 'a check would create a key of an Owner if it is false',
  },
};
