import type { Credentials } from '../../cluster/cluster.ts';
import {
  type EndpointOptions,
  isSameUser,
  readStoredCredential,
  type StoredCredential,
} from '../../credential/stored-credential.ts';
import { type SecretDescription, SecretStoreError } from '../../secret/store.ts';
import type { Aws } from '../aws/aws.ts';
import { loginPatiently, type PatiencePorts } from '../cluster/login-patiently.ts';
import type { RotateOutcome } from './outcome.ts';
import type { TellProgress } from './progress.ts';

export interface Confirming {
  readonly secret: SecretDescription;
  readonly versionId: string;
  /** The credential that was current before: the new one must be of the same user at the same endpoint. */
  readonly before: Credentials;
  readonly options: EndpointOptions;
}

export interface ConfirmPorts extends PatiencePorts {
  readonly aws: Pick<Aws, 'store'>;
}

/** Logs in with the new version: the proof that the rotation was worth its name. */
export async function confirm(of: Confirming, ports: ConfirmPorts, tell: TellProgress): Promise<RotateOutcome> {
  const stored = await readVersion(of, ports);
  if (stored.kind === 'unusable') {
    return unconfirmed(of, 'unreadable', stored.problem);
  }
  const { credentials } = stored;
  if (!isSameUser(credentials, of.before)) {
    return unconfirmed(
      of,
      'other-user',
      `The new version is for user ${credentials.username} of ${credentials.endpoint.url}, the one before was for ${of.before.username} of ${of.before.endpoint.url}; its password was sent nowhere.`,
    );
  }
  const user = credentials.username;
  const endpoint = credentials.endpoint.url;
  tell({ kind: 'logging-in', user, endpoint });
  const result = await loginPatiently(credentials, ports);
  switch (result.kind) {
    case 'accepted':
      return { kind: 'rotated', user, endpoint, roles: result.roles };
    case 'rejected':
      return {
        kind: 'rejected',
        code: 'login-rejected',
        message: `AWSCURRENT of ${of.secret.name} is the new version ${of.versionId}, and ${endpoint} rejects its password for ${user}: applications that read the secret now cannot log in.`,
        advice: `Find the password in force with: zilliz-rotation status ${of.secret.name}, then: zilliz-rotation repair ${of.secret.name}. The likely cause is another rotation of the same user at the same time.`,
      };
    case 'forbidden':
      return unconfirmed(of, 'login-forbidden', `${endpoint} knows ${user} and does not let it describe itself.`);
    case 'not-enforced':
      return unconfirmed(
        of,
        'authorization-off',
        `${endpoint} lets ${user} in with a wrong password too: authorization is switched off there, so a login proves nothing.`,
      );
    case 'unavailable':
      return unconfirmed(of, 'cluster-unavailable', result.explanation);
  }
}

async function readVersion(
  { secret, versionId, options }: Confirming,
  { aws }: ConfirmPorts,
): Promise<StoredCredential> {
  try {
    const text = await aws.store(secret.arn).read(versionId);
    return readStoredCredential({ versionId, text, tags: secret.tags }, options);
  } catch (error) {
    if (error instanceof SecretStoreError) {
      return { kind: 'unusable', reason: 'no-value', problem: error.message };
    }
    throw error;
  }
}

function unconfirmed(of: Confirming, code: string, why: string): RotateOutcome {
  return {
    kind: 'unconfirmed',
    code,
    message: `AWSCURRENT of ${of.secret.name} has moved to the new version ${of.versionId}; its login is not confirmed from here. ${why}`,
    advice: `The rotation function itself has tested the password before it was made current. Run this where the cluster can be reached, or try: zilliz-rotation status ${of.secret.name}`,
  };
}
