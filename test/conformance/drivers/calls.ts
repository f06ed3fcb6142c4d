import { createInterface } from 'node:readline';

/** The loop of a driver for Node. See {@link Driver} in test/conformance/driver.ts. */
export async function makeCalls(call: () => Promise<unknown>, kindOf: (error: unknown) => string): Promise<never> {
  const makeCall = async (): Promise<void> => {
    const outcome = await call().then(
      () => 'ok',
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        return `failed ${kindOf(error)}`;
      },
    );
    process.stdout.write(`${outcome}\n`);
  };
  process.stdout.write('ready\n');
  for await (const line of createInterface(process.stdin)) {
    const [word, count] = line.split(' ');
    if (word === 'stop') {
      break;
    }
    for (let started = 0; started < Number(count); started++) {
      void makeCall();
    }
  }
  process.exit(0);
}

/** Whether Milvus has refused the token, in its own words. */
export function isRefusal(error: unknown): boolean {
  const { code, details } = error as { code?: unknown; details?: unknown };
  return code === 16 && /auth check failure/.test(String(details));
}
