import { type Endpoint, EndpointError, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type Examination, type ExaminePorts, examineSecret } from '../examine/examine-secret.ts';
import { searchFinding } from '../examine/findings.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import type { InitRequest } from './init-definition.ts';
import { refusalOf, refusalOfKey } from './refusals.ts';

/** A secret with a credential in AWSCURRENT, accepted or not. */
export type FilledSecret = Examination & { readonly current: UsableCredential };

/** The secret before any change, and the users that the operator asks for. */
export interface SecretToInit {
  readonly kind: 'secret';
  /** `undefined`: the secret does not exist. */
  readonly secret: RotatingSecret | undefined;
  /** `undefined`: the secret has no AWSCURRENT version. */
  readonly filled: FilledSecret | undefined;
  readonly endpoint: Endpoint;
  /** The user in AWSCURRENT first, then the user that takes turns with it. */
  readonly usernames: readonly string[];
}

/**
 * Reads the secret, and refuses a secret that does not fit the request. Changes nothing.
 *
 * @throws AwsError, SecretStoreError
 */
export async function readSecret(request: InitRequest, ports: ExaminePorts): Promise<SecretToInit | Failure> {
  const endpoint = parseRequested(request, ports);
  if (endpoint !== undefined && 'code' in endpoint) {
    return endpoint;
  }
  const secret = await describe(request.secretId, ports);
  if (secret?.deletedAt !== undefined) {
    return refused(
      'marked-for-deletion',
      `${secret.name} is marked for deletion.`,
      `Restore it first: \`aws secretsmanager restore-secret --secret-id ${secret.name}\`.`,
    );
  }
  const otherKey = secret && refusalOfKey(secret, request);
  if (otherKey !== undefined) {
    return otherKey;
  }
  return secret === undefined || holderOf(secret, AWSCURRENT) === undefined
    ? withoutValue(secret, endpoint, request)
    : await examineFilled(endpoint, request, ports);
}

function parseRequested({ endpoint }: InitRequest, { endpoints }: ExaminePorts): Endpoint | Failure | undefined {
  try {
    return endpoint === undefined ? undefined : parseEndpoint(endpoint, endpoints.rules);
  } catch (error) {
    if (error instanceof EndpointError) {
      return refused(
        'endpoint-refused',
        error.message,
        'Nothing was changed. Correct --endpoint, or allow the host of your own cluster with --allow-endpoint HOST.',
      );
    }
    throw error;
  }
}

async function describe(secretId: string, { aws }: ExaminePorts): Promise<RotatingSecret | undefined> {
  try {
    return await aws.rotation.describeSecret(secretId);
  } catch (error) {
    // An ARN cannot be created, so a missing secret with an ARN is an error.
    if (error instanceof AwsError && error.kind === 'not-found' && !secretId.startsWith('arn:')) {
      return undefined;
    }
    throw error;
  }
}

function withoutValue(
  secret: RotatingSecret | undefined,
  endpoint: Endpoint | undefined,
  request: InitRequest,
): SecretToInit | Failure {
  const usernames = wantedUsers(request, undefined);
  return endpoint === undefined || usernames.length === 0
    ? refused(
        endpoint === undefined ? 'endpoint-needed' : 'username-needed',
        `${request.secretId} ${secret === undefined ? 'does not exist' : 'holds no value'}, so it names neither a cluster nor a user.`,
        'Nothing was changed. Give --endpoint https://host[:port], and --username USER for a single user.',
      )
    : { kind: 'secret', secret, filled: undefined, endpoint, usernames };
}

async function examineFilled(
  asked: Endpoint | undefined,
  request: InitRequest,
  ports: ExaminePorts,
): Promise<SecretToInit | Failure> {
  const examination = await examineSecret(request.secretId, ports);
  if (examination.kind === 'refused') {
    return examination;
  }
  if (examination.current === undefined) {
    const { code, message, advice } = searchFinding(examination.cluster);
    return refused(code === 'undecided' ? 'endpoint-refused' : code, message, `Nothing was changed. ${advice}`);
  }
  const { endpoint, username } = examination.current.credentials;
  const usernames = wantedUsers(request, username);
  return (
    refusalOf(examination, { usernames, endpoint: asked }) ?? {
      kind: 'secret',
      secret: examination.secret,
      filled: examination,
      endpoint,
      usernames,
    }
  );
}

/** @param current the user in AWSCURRENT */
function wantedUsers({ username, users }: InitRequest, current: string | undefined): readonly string[] {
  if (users === undefined) {
    return [username ?? current].filter((name) => name !== undefined);
  }
  return users[1] === current ? users.toReversed() : users;
}
