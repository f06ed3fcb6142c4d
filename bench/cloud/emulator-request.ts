import type { LocalCloudAccess } from '../../local/cloud/access.ts';

/**
 * A request to a control endpoint of the emulator. docs/local-cloud.md lists the endpoints.
 *
 * @param path Below `/_local/`.
 */
export async function emulatorRequest(
  { awsUrl }: Pick<LocalCloudAccess, 'awsUrl'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await fetch(
    `${awsUrl}/_local/${path}`,
    body === undefined ? { method } : { method, body: JSON.stringify(body) },
  );
  if (!answer.ok) {
    throw new Error(`${method} /_local/${path} answered ${answer.status}: ${await answer.text()}`);
  }
  return await answer.json();
}
