import { AWSCURRENT, AWSPENDING, holderOf } from '../../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../../aws/aws.ts';
import { explainAwsError } from '../../aws/explain-aws-error.ts';
import { readStrategy } from '../../examine/read-strategy.ts';
import { readVersion } from '../../examine/read-version.ts';
import { howToFollow } from '../explain.ts';
import type { ProgressListener, RotateOutcome } from '../report.ts';
import { type Start, type StartPorts, startRotation } from '../start/start-rotation.ts';
import type { RecordedStart } from './journal.ts';

/**
 * Continues a rotation of an earlier run from its record. The token tells whether it has started.
 * If it has not, RotateSecret is sent with the same token, so that it never starts twice.
 */
export async function continueRotation(
  secretId: string,
  recorded: RecordedStart,
  ports: StartPorts,
  onProgress: ProgressListener,
): Promise<Start> {
  const { token, previousVersionId } = recorded;
  try {
    const secret = await ports.aws.rotation.describeSecret(secretId);
    const visible = secret.versions.some(({ versionId }) => versionId === token);
    if (!recorded.answered && !visible) {
      return await startRotation(secretId, { ...ports, newToken: () => token }, onProgress);
    }
    const current = holderOf(secret, AWSCURRENT);
    if (current !== token && current !== previousVersionId && holderOf(secret, AWSPENDING) !== token) {
      return { kind: 'not-started', outcome: explainSuperseded(secret, token) };
    }
    const store = ports.aws.store(secretId);
    const previous = await readVersion(secret, previousVersionId, { store, endpoints: ports.endpoints });
    if (previous.kind === 'unusable') {
      return { kind: 'not-started', outcome: explainUnusable(secret, token, previous.problem) };
    }
    return {
      kind: 'started',
      secret,
      functionArn: secret.rotationFunctionArn ?? '',
      previous,
      strategy: await readStrategy(secret, ports.usernames, ports.aws),
      versionId: token,
      startedAt: recorded.at,
      pendingSeen: true,
      notes: [],
    };
  } catch (error) {
    const { message, ...explanation } = explainAwsError(error);
    const text = `An earlier run of this command requested the rotation ${token}, and its state cannot be read. ${message}`;
    return { kind: 'not-started', outcome: { kind: 'running', ...explanation, message: text } };
  }
}

function explainSuperseded({ name }: RotatingSecret, token: string): RotateOutcome {
  return {
    kind: 'failed',
    retryable: false,
    code: 'superseded',
    message: `An earlier run of this command started the rotation ${token} of ${name}. Since then, another version has become AWSCURRENT, so the command cannot tell how the rotation ended.`,
    advice: howToFollow(name),
  };
}

function explainUnusable({ name }: RotatingSecret, token: string, problem: string): RotateOutcome {
  return {
    kind: 'running',
    code: 'not-followed',
    message: `An earlier run of this command started the rotation ${token} of ${name}. The version before the rotation cannot be read, so the command cannot check the new one. ${problem}`,
    advice: howToFollow(name),
  };
}
