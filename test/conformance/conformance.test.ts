import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AtEnd } from '../support/loopback.ts';
import { leakedForms } from '../support/password-forms.ts';
import { type ClientName, type ConformanceCase, expectedOf, readCases, type Step } from './case.ts';
import { type Client, DRIVEN_CLIENTS } from './clients.ts';
import { Driver } from './driver.ts';
import type { PlayedSecret } from './played-secret.ts';

const CASES: ConformanceCase[] = readCases();

/** Every password and key of the cases. */
const PASSWORDS = new Set(JSON.stringify(CASES).match(/pass-[\w-]+/g));

interface Played {
  /** What each call has seen, for each step with calls. */
  readonly seen: string[][];
  readonly expected: string[][];
  readonly misdirected: readonly string[];
  readonly output: string;
}

/** Plays a case to a new application. `name` is the client whose outcome the case names. */
async function play(
  { steps }: ConformanceCase,
  name: ClientName,
  { callsAtOnce }: Client,
  driver: Driver,
  atEnd: AtEnd,
): Promise<Played> {
  const application = await driver.open(atEnd);
  const { secret } = application;
  const [seen, expected]: [string[][], string[][]] = [[], []];
  const later: Promise<void>[] = [];
  let waiting = 0;
  for (const step of steps) {
    if (step.afterMs !== undefined) {
      later.push(playLater(secret, step));
      continue;
    }
    secret.play(step);
    if (step.call !== undefined) {
      const count = Math.min(step.call, callsAtOnce);
      application.call(count);
      if (step.sees === 'waits') {
        await vi.waitUntil(() => secret.waiting >= count, 20_000);
        waiting += count;
        continue;
      }
      const waitsToo = waiting > 0 && expectedOf(step, name) === 'unavailable';
      if (waitsToo) {
        // These calls wait for Secrets Manager beside the others. Which of them ends first is
        // chance.
        await vi.waitUntil(() => secret.waiting >= waiting + count, 60_000);
      }
      seen.push(await application.outcomes(count));
      if (!waitsToo) {
        // Otherwise these calls may have waited for the others. A call pauses before it repeats a
        // read.
        await vi.waitUntil(() => secret.waiting >= waiting, 60_000);
      }
      expected.push(Array.from({ length: count }, () => expectedOf(step, name)));
      await Promise.all(later.splice(0));
    }
  }
  await application.outcomes(waiting);
  application.close();
  return { seen, expected, misdirected: secret.misdirected, output: driver.output };
}

for (const [name, client] of DRIVEN_CLIENTS) {
  describe.skipIf(client.skipped)(`${name} sees what the case says${client.skipped}`, () => {
    const driver = sharedDriver(client);

    for (const one of CASES) {
      it.concurrent(one.title, async ({ onTestFinished }) => {
        const { seen, expected, misdirected, output } = await play(one, name, client, driver(), onTestFinished);
        expect(seen, output).toEqual(expected);
        expect(misdirected).toEqual([]);
        expect(leakedForms(output, PASSWORDS)).toEqual([]);
      });
    }

    if (name === 'java' || name === 'go') {
      it('a client that is closed while it connects leaves no connection open', async () => {
        const application = await driver().open(onTestFinished);
        const { secret } = application;
        secret.play({
          secret: { AWSCURRENT: 'orders:pass-one' },
          cluster: [{ accepts: ['orders:pass-one'], delayMs: 2000 }],
        });
        application.call(1);
        await vi.waitUntil(() => secret.cluster.received.size > 0, 60_000);
        application.close();
        await expect.poll(() => secret.cluster.connections).toBe(0);
      });
    }

    if (name === 'go') {
      it('ends a call that waits for a version when its context ends', async () => {
        const limited = await Driver.start(client, onTestFinished, { CALL_LIMIT: '5s' });
        const application = await limited.open(onTestFinished);
        application.secret.play({ secret: { AWSCURRENT: 'orders:pass-one' }, cluster: [['orders:pass-one']] });
        application.call(1);
        expect(await application.outcomes(1), limited.output).toEqual(['ok']);
        application.secret.play({ secretsManager: 'silent', cluster: [[]] });
        const began = performance.now();
        application.call(1);
        expect(await application.outcomes(1), limited.output).toEqual(['refused']);
        // Without the context, the wait ends after ten seconds.
        expect(performance.now() - began).toBeLessThan(9500);
      });
    }
  });
}

it('Java is skipped with its reason, and not left out, if the PATH has no Java', async () => {
  vi.stubEnv('PATH', '/nowhere');
  vi.resetModules();
  const { DRIVEN_CLIENTS: clients } = await import('./clients.ts');
  expect(new Map(clients).get('java')?.skipped).toContain('no JDK 17');
});

/** The driver of all cases of a client. Its process must end with its input. */
function sharedDriver(client: Client): () => Driver {
  let driver: Driver | undefined;
  const closing: (() => void)[] = [];
  beforeAll(async () => {
    const atEnd: AtEnd = (close) => closing.push(close);
    driver = await Driver.start(client, atEnd);
    // The first call loads the SDKs. Only then, the cases are played at the same time.
    const first = await driver.open(atEnd);
    first.secret.play({ secret: { AWSCURRENT: 'orders:pass-first' }, cluster: [['orders:pass-first']] });
    first.call(1);
    expect(await first.outcomes(1), driver.output).toEqual(['ok']);
    first.close();
  });
  afterAll(async () => {
    expect(await driver?.end()).toBe(0);
    for (const close of closing) {
      close();
    }
  });
  return () => driver ?? expect.fail('The driver has not started.');
}

async function playLater(secret: PlayedSecret, step: Step): Promise<void> {
  await sleep(step.afterMs);
  secret.play(step);
}
