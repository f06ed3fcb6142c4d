import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AWSPENDING, sentLabel } from '../../protocol/secret/versions.ts';
import { createFixture, type Fixture } from './support/command-fixture.ts';
import { addToFleet, createFleetFixture } from './support/fleet-fixture.ts';
import { createPastFixture, DAY_MS } from './support/past-fixture.ts';
import {
  attemptSuccessfully,
  documentOf,
  documentOfUser,
  HOST,
  NEW_PASSWORD,
  OLD_PASSWORD,
  successfulRotation,
} from './support/rotations.ts';

const PAGES = new URL('../../cli/', import.meta.url);
const NAME = 'prod/orders/zilliz';
const PENDING = '421d45c8-0000-4000-8000-000000000000';

interface Example {
  readonly command: string;
  readonly lines: readonly string[];
}

const EXAMPLES: readonly Example[] = readdirSync(PAGES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('page.md'))
  .toSorted()
  .flatMap((file) => [
    ...readFileSync(new URL(file, PAGES), 'utf8').matchAll(/^```console\n\$ (.+)\n([\s\S]*?)\n```$/gm),
  ])
  .map(([, command = '', output = '']) => ({ command, lines: output.split('\n') }));

/** Brings a fixture into the state of each example. */
const STATES: Readonly<Record<string, () => Fixture | Promise<Fixture>>> = {
  [`doctor ${NAME}`]: () => {
    const fixture = createRotated('milvus.example.com');
    fixture.networkProbe.answers.certificate = { kind: 'failed', code: 'SELF_SIGNED_CERT_IN_CHAIN' };
    fixture.aws.inspection.account.alarms = [];
    return fixture;
  },
  [`history ${NAME}`]: async () => {
    const fixture = createPastFixture(NAME);
    fixture.clock.advance(100 * DAY_MS);
    fixture.secret.store.storeByHand('67957441-0000-4000-8000-000000000000', documentOf(OLD_PASSWORD));
    fixture.clock.advance(DAY_MS);
    fixture.record('RotateSecret');
    fixture.record('RotationStarted');
    await fixture.rotate('succeeds');
    fixture.clock.advance(DAY_MS);
    fixture.record('RotationStarted');
    await fixture.rotate('fails');
    return fixture;
  },
  [`init ${NAME} --endpoint https://in01-….vectordb.zillizcloud.com:19530 --username app`]: () => {
    const fixture = createFixture();
    fixture.cluster.addUser('app', OLD_PASSWORD);
    fixture.passwords.push(OLD_PASSWORD);
    return fixture;
  },
  [`repair ${NAME}`]: leaveInForce,
  [`rotate ${NAME}`]: () => createRotated(),
  'rotate --all --older-than 30d': () => {
    const fixture = createFleetFixture(5);
    addToFleet(fixture, 'milvus/search').store.startRotation(PENDING);
    addToFleet(fixture, 'slow', {
      rotate: (rotation) => attemptSuccessfully(rotation, fixture.cluster, documentOfUser('slow', NEW_PASSWORD), 8000),
    });
    for (const { store } of fixture.aws.secrets.values()) {
      store.lastRotatedAt = fixture.clock.now() - 40 * DAY_MS;
    }
    return fixture;
  },
  [`status ${NAME}`]: leaveInForce,
};

/** Options that an example does not need on a real cluster. */
const MORE_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  doctor: ['--allow-endpoint', '.example.com'],
};

function createRotated(host: string = HOST): Fixture {
  const fixture = createFixture(host);
  fixture.cluster.addUser('app', OLD_PASSWORD);
  fixture.aws.environment['ROTATED_SECRETS'] = NAME;
  fixture.aws.add(NAME, documentOf(OLD_PASSWORD, { endpoint: `https://${host}:19530` }), {
    rotate: successfulRotation(fixture.cluster),
  });
  return fixture;
}

/** A rotation stopped after it had changed the password. */
async function leaveInForce(): Promise<Fixture> {
  const fixture = createRotated();
  const { store } = fixture.aws.secret(NAME);
  store.lastRotatedAt = fixture.clock.now() - 9 * DAY_MS;
  store.startRotation(PENDING);
  const labels = [AWSPENDING, sentLabel(PENDING)];
  await store.put({ versionId: PENDING, value: documentOf(NEW_PASSWORD), labels });
  fixture.cluster.setByHand('app', NEW_PASSWORD);
  return fixture;
}

/** Replaces what a run may print in another way: ids, durations and numbers. */
function shapeOf(line: string): string {
  return line
    .replaceAll(`${NAME}-v1`, 'ID')
    .replace(/\b[0-9a-f]{8}-(…|[0-9a-f-]{27})/g, 'ID')
    .replace(/\b\d[\d.]* (ms|s|min)\b/g, 'TIME')
    .replace(/\d+(\.\d+)?/g, '0');
}

/** `…` in a line stands for any text, and in a line of its own for any lines. */
function patternOf(lines: readonly string[]): RegExp {
  if (lines.length === 0) {
    return /^\n$/;
  }
  const patterns = lines.map((line) =>
    line.trim() === '…'
      ? '(?:.*\n)*?'
      : `${shapeOf(line)
          .replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')
          .replaceAll('…', '.*')}\n`,
  );
  return new RegExp(`^${patterns.join('')}$`);
}

describe('the console examples of the pages', () => {
  it('have a test each', () => {
    expect(EXAMPLES.map(({ command }) => command.replace('zilliz-rotation ', '')).toSorted()).toEqual(
      Object.keys(STATES).toSorted(),
    );
  });

  it.each(EXAMPLES)('show what the command prints: $command', async ({ command, lines }) => {
    const [, ...args] = command.replace('in01-….', HOST.replace('vectordb.zillizcloud.com', '')).split(' ');
    const fixture = await STATES[command.replace('zilliz-rotation ', '')]?.();
    const asked: string[] = [];

    const { out = '', err = '' } =
      (await fixture?.run([...args, ...(MORE_OPTIONS[args[0] ?? ''] ?? [])], {
        isTTY: false,
        answer: (question) => {
          asked.push(`${question} [y/N] y`);
          return 'yes';
        },
      })) ?? {};

    const questions = [...(fixture?.passwordQuestions ?? []), ...asked].map((question) => question.trim());
    const isQuestion = (line: string): boolean => /^Password of |\[y\/N\]/.test(line);
    const isProgress = (line: string): boolean => line.startsWith('› ');
    expect(shapeOf(out)).toMatch(patternOf(lines.filter((line) => !isQuestion(line) && !isProgress(line))));
    expect(`${shapeOf(questions.join('\n'))}\n`).toMatch(patternOf(lines.filter(isQuestion)));
    for (const line of lines.filter(isProgress)) {
      expect(err.split('\n').map((printed) => `${shapeOf(printed)}\n`)).toContainEqual(
        expect.stringMatching(patternOf([line])),
      );
    }
  });
});
