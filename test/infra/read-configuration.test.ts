import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DeploymentPlace } from '../../infra/configuration/location-checks.ts';
import {
  ConfigurationError,
  parseConfiguration,
  readConfiguration,
} from '../../infra/configuration/read-configuration.ts';
import { PROJECT } from '../../local/project.ts';
import { ENDPOINT, newFolder } from './support/templates.ts';

/** The lines of the message without the first line, which has the number of problems. */
function problemsIn(text: string, deployment: DeploymentPlace = {}): string[] {
  try {
    parseConfiguration(text, 'rotation.yaml', deployment);
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
  return [];
}

/** `LINE:COLUMN PATH` of each problem. */
const placesIn = (text: string, deployment?: DeploymentPlace): string[] =>
  problemsIn(text, deployment).map((line) => line.replace(/^ {2}rotation\.yaml:(\d+:\d+) {2}(\S+): .*$/, '$1 $2'));

test('the smallest file has one secret, and every other key has its default', () => {
  expect(parseConfiguration('secrets: [{name: orders}]', 'rotation.yaml')).toEqual({
    stackName: 'zilliz-secret-rotation',
    function: {},
    defaults: {},
    secrets: [{ name: 'orders' }],
  });
});

test('all wrong keys are reported at once, each with its line, column and path', () => {
  const text = `stackName: 1st
function:
  memory: 512
  passwordLength: 65
secrets:
  - create: orders
    username: orders
    schedule: rate(2 hours)
  - name: search
    duration: 30h
  - {}
`;
  expect(placesIn(text)).toEqual([
    '1:12 stackName',
    '3:3 function.memory',
    '4:19 function.passwordLength',
    '6:5 secrets[0].endpoint',
    '8:15 secrets[0].schedule',
    '10:15 secrets[1].duration',
    '11:5 secrets[2]',
  ]);
});

test('all keys that contradict each other are reported at once', () => {
  const text = `function:
  adminSecretKmsKeyArn: arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
secrets:
  - name: orders
    endpoint: https://milvus.example.com
    schedule: cron(0 20 1 * ? *)
    duration: 6h
  - name: orders
    strategy: alternating-users
`;
  expect(placesIn(text)).toEqual([
    '2:25 function.adminSecretKmsKeyArn',
    '5:15 secrets[0].endpoint',
    '7:15 secrets[0].duration',
    '8:5 secrets[1].usernames',
    '8:5 secrets[1].endpoint',
    '8:11 secrets[1].name',
  ]);
});

test('the sample message in docs/configuration.md is the message for such a file', () => {
  const page = readFileSync(join(PROJECT, 'docs/configuration.md'), 'utf8');
  const [, sample = ''] = /```\n(2 problems [\s\S]*?)\n```/.exec(page) ?? [];
  const text = `stackName: sample
defaults:
  duration: 1h
secrets:
  - create: milvus/orders
    endpoint: ${ENDPOINT}
    username: orders
    # The shortest period is 4 hours.
    schedule: rate(2 hours)
  - name: milvus/search
    duration: 30h
`;
  expect(() => parseConfiguration(text, 'rotation.yaml')).toThrow(new ConfigurationError(sample));
});

test.each([
  ['', '1:1  the file: null Write a map.'],
  ['- a', '1:1  the file: ["a"] Write a map.'],
  ['secrets:\n  - nam: orders', '2:5  secrets[0]: {"nam"} An entry needs'],
  ['secrets:\n  - name: "a\n', '3:1  Missing closing "quote'],
  ['secrets:\n  - name: orders\n    name: search', '3:5  Map keys must be unique'],
  ['secrets:\n  - name: !Ref Orders', '2:11  Unresolved tag: !Ref'],
  ['secrets: [{name: *orders}]', '1:1  Unresolved alias'],
])('a wrong key, and a file that is no map or no YAML, are refused by line and column: %j', (text, problem) => {
  expect(problemsIn(text)).toEqual([expect.stringContaining(`  rotation.yaml:${problem}`)]);
});

test('a file that does not exist is refused', () => {
  expect(() => readConfiguration('/nowhere/rotation.yaml')).toThrow('/nowhere/rotation.yaml');
});

test('the certificate of an authority is found beside the file', () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'rotation.yaml'), 'function: {caFile: ca.pem}\nsecrets: [{name: orders}]');
  expect(readConfiguration(join(folder, 'rotation.yaml')).function.caFile).toBe(join(folder, 'ca.pem'));
});

test.each([
  `secrets:\n  - name: orders\n    password: Hunter2!`,
  `secrets:\n  - create: orders\n    endpoint: https://orders:Hunter2!@in01.zillizcloud.com\n    username: orders`,
  `secrets:\n  - create: orders\n    endpoint: ${ENDPOINT}\n    username: "orders:Hunter2!"`,
  `secrets:\n  - create: "orders:Hunter2!"\n    endpoint: ${ENDPOINT}\n    username: orders`,
  'secrets: [{orders:Hunter2!}]',
  'function: {clusterEndpoint: "orders:Hunter2!"}\nsecrets: [{name: orders}]',
])('a password in the wrong place is not repeated: %j', (text) => {
  const told = problemsIn(text).join('\n');
  expect(told).not.toBe('');
  expect(told).not.toContain('Hunter2');
});

describe('the ARNs of a file', () => {
  const KEY = 'arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const SECRET = 'arn:aws:secretsmanager:us-west-2:123456789012:secret';
  const FILE = `function:
  secretNamePrefix: milvus/
  adminSecretArn: ${SECRET}:ops/admin-Ab12Cd
  adminSecretKmsKeyArn: ${KEY}
  secretKmsKeyArns: [${KEY}]
  logKmsKeyArn: ${KEY}
  permissionsBoundaryArn: arn:aws:iam::123456789012:policy/boundary
defaults:
  kmsKeyArn: ${KEY}
monitoring:
  topicArn: arn:aws:sns:us-west-2:123456789012:oncall
secrets:
  - arn: ${SECRET}:milvus/a-Ab12Cd
  - arn: ${SECRET}:milvus/b-Ab12Cd
    kmsKeyArn: ${KEY}
`;
  const LINES = [3, 4, 5, 6, 9, 11, 13, 14, 15];

  test('are accepted where the stacks will be, and if this is unknown', () => {
    expect(problemsIn(FILE)).toEqual([]);
    expect(problemsIn(FILE, { account: '123456789012', region: 'us-west-2' })).toEqual([]);
  });

  test('are refused in another region than the deployment', () => {
    const places = placesIn(FILE, { region: 'us-east-1' });
    expect(places.map((place) => Number.parseInt(place, 10))).toEqual(LINES);
  });

  test('of secrets are refused in another account than the deployment, and those of keys are not', () => {
    expect(placesIn(FILE, { account: '444455556666' })).toEqual(['13:10 secrets[0].arn', '14:10 secrets[1].arn']);
  });

  test.each(LINES.filter((line) => line !== 13))(
    'are refused in another region than the first secret: line %i',
    (line) => {
      const text = FILE.split('\n').map((content, index) =>
        index + 1 === line ? content.replace('us-west-2', 'eu-west-1') : content,
      );
      expect(placesIn(text.join('\n'))).toEqual([expect.stringMatching(`^${line}:`)]);
    },
  );
});
