import { ASSUMED, type Assumption, documented, readIn } from './assumption.ts';

const DOCS = 'https://docs.zilliz.com/docs/';
const PROVIDER = 'https://github.com/zilliztech/terraform-provider-zillizcloud/blob/13a5e920e8e6/';

/** What differs from Milvus, or is unknown. */
export const ZILLIZ_CLOUD: Readonly<Record<string, Assumption>> = {
  'zilliz-password': {
    behaviour: 'A password has 8 to 64 characters of three classes. Assumed: none of `+-.=@_` is forbidden.',
    evidence: documented(`${DOCS}cluster-users-sdk`),
    ifFalse: 'PASSWORD_REFUSED, and nothing changes. Set `passwordExcludeCharacters`',
  },
  'zilliz-own-password': {
    behaviour: 'A cluster user changes its password with the old one. Assumed: without a role, as in Milvus.',
    evidence: documented(`${DOCS}cluster-credentials-sdk`),
    ifFalse: 'CHANGE_REFUSED or CLUSTER_FORBIDS, and nothing changes',
  },
  'zilliz-propagation': {
    behaviour: 'Every proxy knows a new password, and a cluster a new API key, within 10 seconds.',
    evidence: ASSUMED,
    ifFalse: 'PENDING_REJECTED before AWSCURRENT moves. Raise `PROPAGATION_MS`',
  },
  'zilliz-gateway': {
    behaviour:
      'A new cluster may answer 401 for minutes. Assumed: a 401 or 403 without the body of Milvus proves nothing.',
    evidence: readIn({
      name: 'Terraform user_resource.go:141',
      url: `${PROVIDER}internal/provider/user_resource.go#L141`,
    }),
    ifFalse: 'CLUSTER_NOT_READY or NONE_IN_FORCE before any change. Wait, and rotate',
    unchecked: 'only a cluster that was just created shows it',
  },
  'zilliz-no-lockout': {
    behaviour: 'Failed logins do not lock a user. A step sends one wrong password on purpose.',
    evidence: ASSUMED,
    ifFalse: 'the user is locked for a time, and steps fail with CLUSTER_NOT_READY or NONE_IN_FORCE',
  },
  'zilliz-key-call': {
    behaviour: 'An API key may call GetVersion over gRPC. Over REST, it lists collections or is refused as forbidden.',
    evidence: ASSUMED,
    ifFalse: 'CLUSTER_FORBIDS or CLUSTER_NOT_READY, and AWSCURRENT does not move',
  },
};
