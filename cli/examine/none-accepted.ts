import { AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import { nameOf } from '../cluster/credential-words.ts';
import type { Examination } from './examination.ts';
import { type Finding, problem } from './finding.ts';
import type { KnownStrategy } from './read-strategy.ts';
import { listDenied, listTries, userAt } from './tried-versions.ts';
import { explainLostToOther } from './users-of-secret.ts';

/** The cluster rejected every password that was tried, each of them twice. */
export function noneAcceptedFinding(examination: Examination): Finding {
  const { secret, versions, allListed, sameUser, tried, strategy } = examination;
  const isKey = strategy.form === 'api-key';
  const lost = explainLostToOther(secret.name, sameUser.others);
  const denied = listDenied(examination);
  const untried = versions.length - tried.length;
  const message = [
    isKey
      ? `The cluster rejects every tried API key, also ${userAt(examination)}.`
      : `The cluster rejects every tried password of ${userAt(examination)}.`,
    allListed ? '' : 'Versions without a label could not be listed.',
    untried > 0 ? `The oldest ${untried} of ${versions.length} versions were not tried.` : '',
    denied,
    lost?.message ?? likelyCause(examination),
    'Another possible cause: the cluster rejects every login while its proxies cannot reach the root coordinator.',
    ...listTries(examination),
  ];
  const advice = [
    denied === undefined ? '' : 'First ask for kms:Decrypt with the keys of these versions, and repeat the command.',
    howToRestore(examination),
    howToRotateOther(examination),
    lost?.advice ??
      `If the cluster is new or unhealthy, wait and repeat the command. ${howToStore(secret.name, strategy)} ${
        isKey
          ? `If nobody has a valid key, create one with the role and scope of an existing key: \`zilliz-rotation repair ${secret.name} --manager --like KEY-ID\`.`
          : `If nobody knows the password, let an admin set a new one: \`zilliz-rotation repair ${secret.name} --admin-secret ADMIN-SECRET\`.`
      }`,
  ];
  return problem('none-in-force', message.filter(Boolean).join(' '), advice.filter(Boolean).join(' '));
}

/** The stack creates a secret with one version, which holds a generated placeholder. */
function likelyCause({ secret, versions, allListed, strategy }: Examination): string {
  if (strategy.form === 'api-key') {
    return 'Probably somebody deleted the keys in the console, or AWSCURRENT names the wrong cluster.';
  }
  return allListed && versions.length === 1 && secret.lastRotatedAt === undefined
    ? 'The secret has only its first value. If the rotation stack created the secret, this value is a placeholder, and nobody has stored the password yet.'
    : 'Probably somebody changed the password outside this secret, or AWSCURRENT names the wrong user or host.';
}

/** Names every version that logs in, and the command that makes it AWSCURRENT. */
export function howToRestore({ alternatives, secret }: Examination): string | undefined {
  const commands = alternatives.map(({ versionId, credentials }) => {
    const option = versionId === holderOf(secret, AWSPREVIOUS) ? '--restore-previous' : `--version ${versionId}`;
    return `to ${nameOf(credentials)} at ${credentials.endpoint.url} with \`zilliz-rotation repair ${secret.name} ${option}\``;
  });
  return commands.length === 0
    ? undefined
    : `If the value in AWSCURRENT was stored by mistake, move AWSCURRENT to a version that the cluster accepts: ${commands.join(', or ')}.`;
}

/** The command for a person who knows the password, or has a key. */
export function howToStore(name: string, { form }: Pick<KnownStrategy, 'form'>): string {
  return form === 'api-key'
    ? `If you have a valid API key and its id, store both with \`zilliz-rotation init ${name} --strategy api-key\`, which asks for them and proves the key.`
    : `If you know the password, store it with \`zilliz-rotation init ${name}\`, which asks for it and proves it.`;
}

/** Advises a rotation, if the cluster accepts the stored credential of the next user. */
function howToRotateOther({ secret, other }: Examination): string | undefined {
  return other?.search.kind === 'found' && other.gap?.hasPassed === true && secret.rotationEnabled
    ? `To give applications a valid credential, run \`zilliz-rotation rotate ${secret.name}\`: the next rotation changes ${other.username}, whose stored credential is accepted.`
    : undefined;
}
