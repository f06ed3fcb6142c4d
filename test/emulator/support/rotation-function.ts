// The rotation function of the emulator's tests. The function changes no cluster, writes every
// event to a file, and fails the step that its environment names.
import { appendFileSync, readFileSync } from 'node:fs';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  readonly RotationToken?: string;
}

/** A line of the notes: an event, the Node version and the names of the environment variables. */
export interface Note extends RotationEvent {
  readonly node: string;
  readonly environment: readonly string[];
}

const client = new SecretsManagerClient({ maxAttempts: 1 });
const notes = process.env['NOTES_FILE'] ?? '';

export async function handler(event: RotationEvent): Promise<void> {
  const earlier = readFileSync(notes, 'utf8').split('\n').filter(Boolean);
  appendFileSync(
    notes,
    `${JSON.stringify({ ...event, node: process.version, environment: Object.keys(process.env) })}\n`,
  );
  if (event.Step === process.env['FAIL_STEP']) {
    const failures = earlier.filter((line) => (JSON.parse(line) as Note).Step === event.Step).length;
    if (failures < Number(process.env['FAIL_TIMES'])) throw new Error(`configured to fail in ${event.Step}`);
  }
  if (event.Step === 'createSecret') await createSecret(event);
  if (event.Step === 'finishSecret') await finishSecret(event);
}

async function createSecret(event: RotationEvent): Promise<void> {
  const version = { SecretId: event.SecretId, VersionId: event.ClientRequestToken, VersionStage: 'AWSPENDING' };
  try {
    await client.send(new GetSecretValueCommand(version));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await client.send(
      new PutSecretValueCommand({
        SecretId: event.SecretId,
        ClientRequestToken: event.ClientRequestToken,
        SecretString: `rotated to ${event.ClientRequestToken}`,
        VersionStages: ['AWSPENDING'],
        ...(event.RotationToken === undefined ? {} : { RotationToken: event.RotationToken }),
      }),
    );
  }
}

async function finishSecret(event: RotationEvent): Promise<void> {
  const current = await client.send(new GetSecretValueCommand({ SecretId: event.SecretId }));
  if (current.VersionId === event.ClientRequestToken) return;
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: event.SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: event.ClientRequestToken,
      RemoveFromVersionId: current.VersionId,
    }),
  );
}
