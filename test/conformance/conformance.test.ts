import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { leakedForms } from '../support/password-forms.ts';
import { type ConformanceCase, expectedOf, readCases, type Step } from './case.ts';
import { DRIVEN_CLIENTS } from './clients.ts';
import { Driver } from './driver.ts';
import { PlayedCloud, SECRET_ID } from './played-cloud.ts';

const CASES: ConformanceCase[] = readCases();

/** Every password and key of the cases. */
const PASSWORDS = new Set(JSON.stringify(CASES).match(/pass-[\w-]+/g));

for (const [name, client] of DRIVEN_CLIENTS) {
  describe.skipIf(client.skipped)(`${name} sees what the case says${client.skipped}`, () => {
    for (const { title, steps } of CASES) {
      it.concurrent(title, async ({ onTestFinished }) => {
        const cloud = await PlayedCloud.start(client.transport, onTestFinished);
        const driver = new Driver(client, environmentOf(cloud), onTestFinished);
        const [first = {}, ...others] = steps;
        cloud.play(first);
        await driver.ready();
        const later: Promise<void>[] = [];
        for (const step of others) {
          if (step.afterMs !== undefined) {
            later.push(playLater(cloud, step));
            continue;
          }
          cloud.play(step);
          if (step.call !== undefined) {
            const count = Math.min(step.call, client.callsAtOnce);
            const seen = await driver.call(count);
            const expected = Array.from({ length: count }, () => expectedOf(step, name));
            expect(seen, driver.output).toEqual(expected);
            await Promise.all(later.splice(0));
          }
        }
        expect(await driver.stop()).toBeUndefined();
        expect(cloud.misdirected).toEqual([]);
        expect(leakedForms(driver.output, PASSWORDS)).toEqual([]);
      });
    }
  });
}

function environmentOf({ awsUrl }: PlayedCloud): Record<string, string> {
  const { AWS_ENDPOINT_URL: _, ...environment } = awsEnvironment({ awsUrl });
  return { ...environment, AWS_ENDPOINT_URL_SECRETS_MANAGER: awsUrl, SECRET_ID };
}

async function playLater(cloud: PlayedCloud, step: Step): Promise<void> {
  await sleep(step.afterMs);
  cloud.play(step);
}
