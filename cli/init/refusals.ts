import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { hasSentLabel } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import type { Examination } from '../examine/examine-secret.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { describeStaleCopies, howToDeclare, stalePlaces } from '../examine/stale-copies.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import type { InitRequest } from './init-definition.ts';

interface Wanted {
  readonly usernames: readonly string[];
  /** The endpoint of `--endpoint`. */
  readonly endpoint: Endpoint | undefined;
}

/** Why a secret with a credential in AWSCURRENT does not fit the request. */
export function refusalOf(
  examination: Examination & { readonly current: UsableCredential },
  wanted: Wanted,
): Failure | undefined {
  return (
    otherTarget(examination, wanted) ??
    otherUsersConfigured(examination, wanted) ??
    unknownInForce(examination) ??
    staleCopies(examination, wanted)
  );
}

/**
 * Refuses `--kms-key` if the secret exists with another key. The same key is accepted, because the
 * operator may repeat an interrupted command that has created the secret.
 */
export function refusalOfKey(
  { name, kmsKeyId }: RotatingSecret,
  { kmsKey }: Pick<InitRequest, 'kmsKey'>,
): Failure | undefined {
  return kmsKey === undefined || kmsKeyId === kmsKey || kmsKey.endsWith(`:key/${kmsKeyId}`)
    ? undefined
    : refused(
        'other-key',
        `${name} exists, and its key is ${kmsKeyId ?? 'aws/secretsmanager'}, not ${kmsKey}.`,
        `Nothing was changed. Leave out --kms-key, or change the key first: \`aws secretsmanager update-secret --secret-id ${name} --kms-key-id ${kmsKey}\`.`,
      );
}

function otherTarget(
  { current, secret }: Examination & { readonly current: UsableCredential },
  { usernames, endpoint }: Wanted,
): Failure | undefined {
  const { credentials } = current;
  if (usernames[0] !== credentials.username) {
    return refused(
      'other-user',
      `AWSCURRENT of ${secret.name} is for ${credentials.username}, and you ask for ${usernames.join(' and ')}.`,
      `Nothing was changed. Ask for ${credentials.username}, or name another secret.`,
    );
  }
  return endpoint === undefined || endpoint.url === credentials.endpoint.url
    ? undefined
    : refused(
        'other-endpoint',
        `AWSCURRENT of ${secret.name} is for ${credentials.endpoint.url}, and you ask for ${endpoint.url}.`,
        'Nothing was changed. Leave out --endpoint and CLUSTER_ENDPOINT, or name another secret.',
      );
}

/** A single user may get a second one: the configuration is deployed after the command. */
function otherUsersConfigured({ strategy, secret }: Examination, { usernames }: Wanted): Failure | undefined {
  return strategy.users.every((user) => usernames.includes(user))
    ? undefined
    : refused(
        'other-users-configured',
        `The configuration names ${strategy.users.join(' and ')} for ${secret.name}, and you ask for ${usernames.join(' and ')}.`,
        'Nothing was changed. Ask for the configured users, or first correct the entry in the configuration and deploy it.',
      );
}

function unknownInForce(examination: Examination & { readonly current: UsableCredential }): Failure | undefined {
  const { cluster, current, secret } = examination;
  switch (cluster.kind) {
    case 'undecided':
    case 'not-enforced':
      return failureOfFinding(searchFinding(cluster));
    case 'found':
      return cluster.inForce.versionId === current.versionId || isInterruptedInit(examination, cluster.inForce)
        ? undefined
        : refused(
            'current-not-in-force',
            `The cluster accepts version ${cluster.inForce.versionId} of ${secret.name}, not AWSCURRENT.`,
            `Nothing was changed. Move AWSCURRENT first: \`zilliz-rotation repair ${secret.name}\`.`,
          );
    case 'none':
      return undefined;
  }
}

/** The command has stored a credential with its label, and AWSCURRENT has not moved to it yet. */
function isInterruptedInit(
  { current, secret }: Examination & { readonly current: UsableCredential },
  inForce: AcceptedCredential,
): boolean {
  return (
    inForce.candidate.stage === 'stranded' &&
    hasSentLabel(secret, inForce.versionId) &&
    inForce.withCredential({ password: '' }) === current.withCredential({ password: '' })
  );
}

/** Places that a rotation does not update make every rotation fail. */
function staleCopies(examination: Examination, { usernames }: Wanted): Failure | undefined {
  const { current, secret } = examination;
  const places = current === undefined ? [] : stalePlaces(current, usernames.length > 1);
  return places.length === 0
    ? undefined
    : refused(
        'stale-copies',
        `AWSCURRENT ${describeStaleCopies(places)}`,
        `Nothing was changed. ${howToDeclare(secret, places)}`,
      );
}
