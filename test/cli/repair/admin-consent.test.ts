import { beforeEach, describe, expect, it } from 'vitest';
import type { Admin } from '../../../protocol/cluster/cluster.ts';
import { Fixture } from '../support/command-fixture.ts';
import { ADD_SECOND, addSecretOfFirstUser } from '../support/init-fixture.ts';
import { interruptAt } from '../support/interrupted-calls.ts';
import { addAdmin } from '../support/repair-fixture.ts';
import { documentOf, ENDPOINT, OLD_PASSWORD } from '../support/rotations.ts';

const ADMIN_PASSWORD = 'Adm/in"Pass1';
const OTHER_ENDPOINT = 'https://in01-other.aws-us-west-2.vectordb.zillizcloud.com:19530';

const COMMANDS = [
  {
    name: 'repair',
    args: ['repair', 'orders', '--admin-secret', 'zilliz-admin'],
    questions: ['Carry this out?'],
    prepare: (fixture: Fixture) => {
      fixture.cluster.addUser('app', 'Unknown!1');
      fixture.aws.add('orders', documentOf(OLD_PASSWORD));
      addAdmin(fixture);
    },
  },
  {
    name: 'init',
    args: [...ADD_SECOND],
    questions: [`Send the admin's credential to ${ENDPOINT}?`, 'Carry this out?'],
    prepare: (fixture: Fixture) => addSecretOfFirstUser(fixture, OLD_PASSWORD),
  },
];

describe.each(COMMANDS)('the credential of the admin in $name', ({ args, questions: expected, prepare }) => {
  let fixture: Fixture;
  /** The hosts that got the token of the admin. */
  let hosts: string[];

  beforeEach(() => {
    fixture = new Fixture();
    prepare(fixture);
    hosts = [];
    interruptAt(fixture, Number.NaN, 'fails before', ([first]) => {
      const { token, endpoint } = Object(first) as Partial<Admin>;
      hosts.push(...(token === undefined || endpoint === undefined ? [] : [endpoint.host]));
    });
  });

  it('is sent only after a yes, to the endpoint in the question', async () => {
    const questions: string[] = [];
    let sentBefore = -1;

    const { code } = await fixture.run(args, {
      answer: (question) => {
        questions.push(question);
        sentBefore = questions.length === 1 ? hosts.length : sentBefore;
        return 'yes';
      },
    });

    expect(code).toBe(0);
    expect(questions).toEqual(expected);
    expect(sentBefore).toBe(0);
    expect(new Set(hosts)).toEqual(new Set([new URL(ENDPOINT).hostname]));
  });

  it.each([
    ['after a no', { answer: 'no' }, 'declined', []],
    ['in a pipe without --yes', undefined, 'consent-needed', []],
    ['with --json and without --yes', undefined, 'consent-needed', ['--json']],
  ] as const)('is not sent %s', async (_, terminal, refusal, more) => {
    const { code, out } = await fixture.run([...args, ...more], terminal);

    expect(code).toBe(5);
    expect(out).toContain(refusal);
    expect(out).toMatch(new RegExp(`${ENDPOINT} .*zilliz-admin`));
    expect(hosts).toEqual([]);
  });

  it('is not sent after Ctrl-C at the question', async () => {
    const { code } = await fixture.run(args, {
      answer: () => {
        fixture.interruption.abort();
        return 'yes';
      },
    });

    expect(code).toBe(130);
    expect(hosts).toEqual([]);
  });

  it.each([
    ['has no endpoint', `root_admin:${ADMIN_PASSWORD}`, [], 'zilliz-admin'],
    ['names another endpoint', documentOf('Adm/in1', { endpoint: OTHER_ENDPOINT }), [], OTHER_ENDPOINT],
    [
      'has no endpoint, and --endpoint is another one',
      `root_admin:${ADMIN_PASSWORD}`,
      ['--endpoint', OTHER_ENDPOINT],
      OTHER_ENDPOINT,
    ],
  ])('is not sent with --yes if its secret %s', async (_, document, more, named) => {
    fixture.aws.secret('zilliz-admin').store.storeByHand('other', document);

    const { code, out } = await fixture.run([...args, '--yes', ...more]);

    expect(code).toBe(5);
    expect(out).toContain(named);
    expect(hosts).toEqual([]);
  });
});
