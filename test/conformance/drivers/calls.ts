import { createInterface } from 'node:readline';

/** The loop of a driver for Node. See {@link Driver} in test/conformance/driver.ts. */
export async function makeCalls<T extends { close(): Promise<unknown> }>(
  open: (secretId: string) => Promise<T>,
  call: (client: T) => Promise<unknown>,
  kindOf: (error: unknown) => string,
): Promise<never> {
  const clients = new Map<string, Promise<T>>();
  const makeCall = async (secretId: string, client: Promise<T>): Promise<void> => {
    const outcome = await client.then(call).then(
      () => 'ok',
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        return `failed ${kindOf(error)}`;
      },
    );
    process.stdout.write(`${secretId} ${outcome}\n`);
  };
  for await (const line of createInterface(process.stdin)) {
    const [secretId = '', word, count] = line.split(' ');
    const client = clients.get(secretId) ?? open(secretId);
    clients.set(secretId, client);
    if (word === 'close') {
      // A client that could not be created fails its own case only.
      client.then((opened) => opened.close()).catch(() => undefined);
    }
    for (let started = 0; started < Number(count ?? 0); started++) {
      void makeCall(secretId, client);
    }
  }
  process.exit(0);
}

/** Whether Milvus has refused the token, in its own words. */
export function isRefusal(error: unknown): boolean {
  const { code, details } = error as { code?: unknown; details?: unknown };
  return code === 16 && /auth check failure/.test(String(details));
}
