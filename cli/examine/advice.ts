import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import { AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import type { Examination } from './examination.ts';

/** Names every version that logs in, and the command that makes it AWSCURRENT. */
export function howToRestore({ alternatives, secret }: Examination): string | undefined {
  const isPrevious = ({ versionId }: AcceptedCredential): boolean => versionId === holderOf(secret, AWSPREVIOUS);
  const commands = alternatives.map((accepted) => {
    const { username, endpoint } = accepted.credentials;
    const option = isPrevious(accepted) ? '--restore-previous' : `--version ${accepted.versionId}`;
    return `to ${username} at ${endpoint.url} with \`zilliz-rotation repair ${secret.name} ${option}\``;
  });
  return commands.length === 0
    ? undefined
    : `If the value in AWSCURRENT was stored by mistake, move AWSCURRENT to a version that the cluster accepts: ${commands.join(', or ')}.`;
}

/** The command for a person who knows the password. */
export function howToStore(name: string): string {
  return `If you know the password, store it with \`zilliz-rotation init ${name}\`, which asks for it and proves it.`;
}

/** Advises a rotation, if the cluster accepts the stored credential of the next user. */
export function howToRotateOther({ secret, other }: Examination): string | undefined {
  return other?.search.kind === 'found' && other.gap?.hasPassed === true && secret.rotationEnabled
    ? `To give applications a valid credential, run \`zilliz-rotation rotate ${secret.name}\`: the next rotation changes ${other.username}, whose stored credential is accepted.`
    : undefined;
}
