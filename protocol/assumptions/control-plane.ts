import { ASSUMED, type Assumption, documented, type Evidence, readIn } from './assumption.ts';

const DOCS = 'https://docs.zilliz.com/';
const CREATE: Evidence = documented(`${DOCS}reference/restful/create-api-key-v2`);
const GUIDE: Evidence = documented(`${DOCS}docs/manage-api-keys`);
const PROVIDER = 'https://github.com/zilliztech/terraform-provider-zillizcloud/blob/13a5e920e8e6/';

/** What the rotation of API keys relies on, and what the simulator imitates. */
export const CONTROL_PLANE: Readonly<Record<string, Assumption>> = {
  'keys-address': {
    behaviour:
      'The control plane is `https://api.cloud.zilliz.com/v2/api-keys`. The Terraform provider calls `apiKeys`.',
    evidence: CREATE,
    ifFalse: 'CONTROL_PLANE_UNAVAILABLE, or KEY_REFUSED with 404. Set `CONTROL_PLANE_URL`, `CONTROL_PLANE_PATH`',
  },
  'keys-codes': {
    behaviour:
      'Code 0 means success. Assumed: so does 200, a code below 600 is a status of HTTP, and 21119, 1800 and 80001 reject the manager key.',
    evidence: CREATE,
    ifFalse: 'KEY_REFUSED, which quotes the code. Set `CONTROL_PLANE_SUCCESS_CODES`',
  },
  'keys-listed': {
    behaviour: 'A list has a new key, with its name and description, 10 seconds after its creation.',
    evidence: ASSUMED,
    ifFalse: 'KEY_CHANGED, and the new key is deleted',
  },
  'keys-scope': {
    behaviour:
      'Role and scope of a key are `orgRole` and `projects`. Without `allCluster`, it opens the named clusters only.',
    evidence: CREATE,
    ifFalse: 'the copy of a key that another field restricts is wider: compare the first copy',
  },
  'keys-owner': {
    behaviour: 'The API neither creates nor updates a key with the role Owner.',
    evidence: readIn({ name: 'Terraform api_key.md:64', url: `${PROVIDER}docs/resources/api_key.md#L64` }),
    ifFalse: 'such a key is refused, although it could rotate',
    unchecked: 'a check would create a key of an Owner if it is false',
  },
  'keys-ids': {
    behaviour: 'An id has letters, digits and `_.-`.',
    evidence: ASSUMED,
    ifFalse: 'PENDING_INVALID, and a key that `status --manager` names',
  },
  'keys-quota': {
    behaviour: 'An organization has at most 100 customized keys. Assumed: the manager key is one of them.',
    evidence: GUIDE,
    ifFalse: 'KEY_REFUSED, or KEY_QUOTA too early. `verify` can only refute it, by a list of more than 100 keys',
  },
  'keys-names': {
    behaviour: 'A name has up to 64 characters, a description up to 255, and two keys may have the same name.',
    evidence: ASSUMED,
    ifFalse: 'KEY_REFUSED before any change',
  },
  'keys-managers': {
    behaviour:
      'Owners manage all keys, project Admins those of their projects. Assumed: for manager keys too. The Terraform provider says: only Owner keys.',
    evidence: GUIDE,
    ifFalse: 'MANAGER_REJECTED, and AWSCURRENT does not move',
  },
  'keys-refusals': {
    behaviour:
      'Refusals are 400 for wrong fields, 409 above the quota, 404 for unknown keys, 429 for too many requests.',
    evidence: ASSUMED,
    ifFalse: 'KEY_REFUSED with another code. After a refused deletion, a list decides',
  },
};
