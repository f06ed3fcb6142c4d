import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { awsEnvironment } from '../../local/cloud/access.ts';
import type { AtEnd } from '../support/loopback.ts';
import { leakedForms } from '../support/password-forms.ts';
import { type ClientName, type ConformanceCase, expectedOf, readCases, type Step } from './case.ts';
import { type Client, DRIVEN_CLIENTS, NAIVE } from './clients.ts';
import { Driver } from './driver.ts';
import { PlayedCloud, SECRET_ID } from './played-cloud.ts';

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

/** Plays a case to a driver. `name` is the client whose outcome the case names. */
async function play(
  { steps: [first = {}, ...others] }: ConformanceCase,
  name: ClientName,
  client: Client,
  atEnd: AtEnd,
): Promise<Played> {
  const cloud = await PlayedCloud.start(client.transport, atEnd);
  const driver = new Driver(client, environmentOf(cloud), atEnd);
  const [seen, expected]: [string[][], string[][]] = [[], []];
  const later: Promise<void>[] = [];
  let waiting = 0;
  cloud.play(first);
  const ready = driver.ready();
  for (const step of others) {
    if (step.afterMs !== undefined) {
      later.push(playLater(cloud, step));
      continue;
    }
    cloud.play(step);
    if (step.call !== undefined) {
      const count = Math.min(step.call, client.callsAtOnce);
      await ready;
      driver.start(count);
      if (step.sees === 'waits') {
        await vi.waitUntil(() => cloud.waiting >= count, 20_000);
        waiting += count;
        continue;
      }
      seen.push(await driver.outcomes(count));
      // Otherwise these calls may have waited for the others. A call pauses before it repeats a read.
      await vi.waitUntil(() => cloud.waiting >= waiting, 60_000);
      expected.push(Array.from({ length: count }, () => expectedOf(step, name)));
      await Promise.all(later.splice(0));
    }
  }
  await driver.outcomes(waiting);
  expect(await driver.stop()).toBeUndefined();
  return { seen, expected, misdirected: cloud.misdirected, output: driver.output };
}

for (const [name, client] of DRIVEN_CLIENTS) {
  describe.skipIf(client.skipped)(`${name} sees what the case says${client.skipped}`, () => {
    for (const one of CASES) {
      it.concurrent(one.title, async ({ onTestFinished }) => {
        const { seen, expected, misdirected, output } = await play(one, name, client, onTestFinished);
        expect(seen, output).toEqual(expected);
        expect(misdirected).toEqual([]);
        expect(leakedForms(output, PASSWORDS)).toEqual([]);
      });
    }
  });
}

for (const [name, client] of DRIVEN_CLIENTS.filter(([name]) => name === 'java' || name === 'go')) {
  it.skipIf(client.skipped)(
    `${name} leaves no connection open if it is closed while it connects${client.skipped}`,
    async () => {
      const cloud = await PlayedCloud.start(client.transport, onTestFinished);
      const driver = new Driver(client, environmentOf(cloud), onTestFinished);
      cloud.play({
        secret: { AWSCURRENT: 'orders:pass-one' },
        cluster: [{ accepts: ['orders:pass-one'], delayMs: 2000 }],
      });
      await driver.ready();
      driver.start(1);
      await vi.waitUntil(() => cloud.cluster.received.size > 0, 60_000);
      driver.close();
      await expect.poll(() => cloud.cluster.connections).toBe(0);
    },
  );
}

const GO = DRIVEN_CLIENTS.find(([name]) => name === 'go')?.[1] ?? NAIVE;

it.skipIf(GO.skipped)(`go ends a call that waits for a version when its context ends${GO.skipped}`, async () => {
  const cloud = await PlayedCloud.start(GO.transport, onTestFinished);
  const driver = new Driver(GO, { ...environmentOf(cloud), CALL_LIMIT: '5s' }, onTestFinished);
  cloud.play({ secret: { AWSCURRENT: 'orders:pass-one' }, cluster: [['orders:pass-one']] });
  await driver.ready();
  driver.start(1);
  expect(await driver.outcomes(1), driver.output).toEqual(['ok']);
  cloud.play({ secretsManager: 'silent', cluster: [[]] });
  const began = performance.now();
  driver.start(1);
  expect(await driver.outcomes(1), driver.output).toEqual(['refused']);
  // Without the context, the wait ends after ten seconds.
  expect(performance.now() - began).toBeLessThan(9500);
});

it('Java is skipped with its reason, and not left out, if the PATH has no Java', async () => {
  vi.stubEnv('PATH', '/nowhere');
  vi.resetModules();
  const { DRIVEN_CLIENTS: clients } = await import('./clients.ts');
  expect(new Map(clients).get('java')?.skipped).toContain('no JDK 17');
});

it.each([
  ['A rotation of a single user, and ten calls at once before its end', ['refused']],
  ['Another user replaces the user, whose token ends at once', ['ok']],
])('an application that reads AWSCURRENT once after a refusal sees, in the case "%s", %s', async (title, outcome) => {
  const one = CASES.find((other) => other.title === title);
  expect(one).toBeDefined();
  const { seen } = await play(one ?? { title, steps: [] }, 'node', NAIVE, onTestFinished);
  expect([...new Set(seen[1])]).toEqual(outcome);
});

function environmentOf({ awsUrl }: PlayedCloud): Record<string, string> {
  const { AWS_ENDPOINT_URL: _, ...environment } = awsEnvironment({ awsUrl });
  return { ...environment, AWS_ENDPOINT_URL_SECRETS_MANAGER: awsUrl, SECRET_ID };
}

async function playLater(cloud: PlayedCloud, step: Step): Promise<void> {
  await sleep(step.afterMs);
  cloud.play(step);
}
