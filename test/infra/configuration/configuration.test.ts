import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { core } from 'zod';
import { jsonSchema } from '../../../infra/configuration/generated-files.ts';
import {
  ConfigurationError,
  parseConfiguration,
  readConfiguration,
} from '../../../infra/configuration/read-configuration.ts';
import { expectOneMistake, mistakesIn } from '../support/mistakes.ts';
import { ENDPOINT, KEY_ARN, newFolder } from '../support/templates.ts';

type Schema = core.JSONSchema.BaseSchema;

/** A self-signed server certificate. */
const SELF_SIGNED_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBjTCCATSgAwIBAgIUNUF/qqvTpla5jZovYqTR1FKGAeQwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSbWlsdnVzLmV4YW1wbGUuY29tMCAXDTI2MTEyNDE2MzUxNVoY
DzIxMjYxMDMxMTYzNTE1WjAdMRswGQYDVQQDDBJtaWx2dXMuZXhhbXBsZS5jb20w
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATPBHPf42vKyOMVAjQ6e1t8NuJX7Jqm
rWP0Kma7qeTWrJlkULKbPezS5I4JaI8DMtnV2WFYB5I/Roq/IJQsmqPPo1AwTjAd
BgNVHQ4EFgQUVy+vLX8VzyQvktcvTZvW1eEGneEwHwYDVR0jBBgwFoAUVy+vLX8V
zyQvktcvTZvW1eEGneEwDAYDVR0TAQH/BAIwADAKBggqhkjOPQQDAgNHADBEAiA5
h+NA3jrbwdggXvwnzCF0Tk3UFCbqtKhz3lJ8TN1UBQIgU1RbqVk+U6xRZFULZWrQ
GP/OV1qJFE1Y+0WpkbuM3VM=
-----END CERTIFICATE-----
`;

/** A server certificate that an authority signed. */
const SERVER_CERTIFICATE = readFileSync(new URL('../fixtures/server-certificate.pem', import.meta.url), 'utf8');

function secret(...lines: string[]): string {
  return [
    'secrets:',
    '  - create: orders',
    `    endpoint: ${ENDPOINT}`,
    '    username: orders',
    ...lines.map((line) => `    ${line}`),
  ].join('\n');
}

function functionWith(line: string): string {
  return `function:\n  ${line}\nsecrets:\n  - name: orders`;
}

test('every integer key of the function refuses a value outside its limits', () => {
  const { function: fn } = jsonSchema().properties as Record<string, Schema>;
  const integers = Object.entries((fn?.properties ?? {}) as Record<string, Schema>).filter(
    ([, { type }]) => type === 'integer',
  );
  expect(integers.length).toBeGreaterThan(3);
  for (const [key, { minimum = 0, maximum = 0 }] of integers) {
    for (const value of [minimum - 1, maximum + 1, minimum + 0.5]) {
      expect(mistakesIn(functionWith(`${key}: ${value}`))).toEqual([
        expect.stringMatching(`function.${key}: ${value} Write a whole number of .* from ${minimum} to ${maximum}\\.`),
      ]);
    }
  }
});

test('the smallest file has one secret, and every other key has its default', () => {
  expect(parseConfiguration('secrets: [{name: orders}]', 'rotation.yaml')).toEqual({
    stackName: 'zilliz-secret-rotation',
    function: {},
    defaults: {},
    secrets: [{ name: 'orders' }],
  });
});

test('every mistake is reported at once, each with its place, path, value and rule', () => {
  const text = `stackName: 1st
function:
  memory: 512
  passwordLength: 65
secrets:
  - create: orders
    endpoint: ${ENDPOINT}
    schedule: rate(2 hours)
  - name: search
    duration: 30h
  - {}
`;
  expect(() => parseConfiguration(text, 'conf/rotation.yaml')).toThrow(
    /^7 mistakes in rotation.yaml; nothing was deployed.\n/,
  );
  const mistakes = mistakesIn(text).map((mistake) => mistake.replace(/Allowed: .*/, 'Allowed: …'));
  expect(mistakes).toMatchInlineSnapshot(`
    [
      "  rotation.yaml:1:12  stackName: "1st" A stack name starts with a letter and has at most 128 letters, digits and hyphens.",
      "  rotation.yaml:3:3  function.memory: Unknown key. Allowed: …",
      "  rotation.yaml:4:19  function.passwordLength: 65 Write a whole number of characters from 8 to 64.",
      "  rotation.yaml:6:5  secrets[0].username: Missing. A cluster user starts with a letter and has at most 32 letters, digits and _.- characters.",
      "  rotation.yaml:8:15  secrets[0].schedule: "rate(2 hours)" Write an interval from 4 hours to 999 days.",
      "  rotation.yaml:10:15  secrets[1].duration: "30h" Write whole hours from 1h to 24h.",
      "  rotation.yaml:11:5  secrets[2]: An entry needs exactly one of create, name and arn. This entry has none of them. Write create for a new secret, and name or arn for an existing secret.",
    ]
  `);
});

test('the sample message in docs/configuration.md is the message for such a file', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const [, sample = ''] = /```\n(2 mistakes [\s\S]*?)\n```/.exec(page) ?? [];
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

describe('a mistake in the function', () => {
  test.each([
    ['allowedEndpoints: milvus.example.com', '2:21', 'function.allowedEndpoints: "milvus.example.com" Write a list'],
    ['allowedEndpoints: []', '2:21', 'function.allowedEndpoints: [] An empty list allows no cluster'],
    [
      'allowedEndpoints: ["https://a.example.com"]',
      '2:22',
      'function.allowedEndpoints[0]: "https://a.example.com" Write a host',
    ],
    ['clusterEndpoint: milvus', '2:20', 'function.clusterEndpoint: "milvus" The endpoint is not an address'],
    ['clusterEndpoint: https://milvus.example.com', '2:20', 'milvus.example.com is not an allowed endpoint'],
    ['clusterEndpoint: http://a.zillizcloud.com', '2:20', 'would carry passwords in plain text'],
    ['allowPlaintext: maybe', '2:19', 'function.allowPlaintext: "maybe" Write true or false.'],
    ['caFile: none.pem', '2:11', 'function.caFile: "none.pem" This file cannot be read.'],
    ['caFile: 1', '2:11', 'function.caFile: 1 Write the path of a PEM file'],
    ['passwordLength: 7', '2:19', 'function.passwordLength: 7 Write a whole number of characters from 8 to 64.'],
    ['passwordLength: long', '2:19', 'function.passwordLength: "long" Write a whole number of characters'],
    ['passwordExcludeCharacters: 0123456789', '2:30', 'Write the characters as one string, in quotes.'],
    ['passwordExcludeCharacters: "0123456789"', '2:30', 'leave no digit character'],
    ['timeout: 10', '2:12', 'function.timeout: 10 Write a whole number of seconds from 30 to 900.'],
    ['memorySize: 127', '2:15', 'function.memorySize: 127 Write a whole number of MB from 128 to 10240.'],
    [
      'logRetentionDays: 31',
      '2:21',
      'function.logRetentionDays: 31 CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60,',
    ],
    ['adminSecretArn: admin', '2:19', 'function.adminSecretArn: "admin" Write the full ARN'],
    ['secretNamePrefix: milvus', '2:21', 'function.secretNamePrefix: "milvus" Write a folder'],
    [
      'vpc: {vpcId: mine, subnetIds: [subnet-01234567], securityGroupIds: [sg-01234567]}',
      '2:16',
      'Write the id of a VPC',
    ],
    [
      'vpc: {vpcId: vpc-01234567, subnetIds: [subnet-01234567, subnet-01234567]}',
      '2:59',
      'function.vpc.subnetIds[1]: "subnet-01234567" Item 1 is the same. Write each item once.',
    ],
    [
      'vpc: {vpcId: vpc-01234567, subnetIds: [subnet-01234567], securityGroupIds: [sg-01234567, sg-01234567]}',
      '2:92',
      'function.vpc.securityGroupIds[1]: "sg-01234567" Item 1 is the same.',
    ],
    ['vpc: {vpcId: vpc-01234567, subnetIds: [], securityGroupIds: [sg-01234567]}', '2:41', 'Write at least one subnet'],
    [
      'vpc: {vpcId: vpc-01234567, subnetIds: [subnet-01234567], securityGroupIds: []}',
      '2:78',
      'An empty list is not allowed.',
    ],
    [
      'vpc: {vpcId: vpc-01234567, subnetIds: [subnet-01234567], privateLink: {serviceName: vpce-svc-0, endpoints: ["https://in01.zillizcloud.com"]}}',
      '2:87',
      'Write the service name that the Zilliz Cloud console shows under "Private Endpoint": com.amazonaws.vpce.',
    ],
    [
      'vpc: {vpcId: vpc-01234567, subnetIds: [subnet-01234567], privateLink: {serviceName: com.amazonaws.vpce.us-west-2.vpce-svc-0, endpoints: ["https://in01.zillizcloud.com"], clientSecurityGroupIds: [sg-01234567, sg-01234567]}}',
      '2:211',
      'function.vpc.privateLink.clientSecurityGroupIds[1]: "sg-01234567" Item 1 is the same.',
    ],
    ['logRemovalPolicy: delete', '2:21', 'Write retain or destroy.'],
    [`adminSecretKmsKeyArn: ${KEY_ARN}`, '2:25', 'This key has no effect without function.adminSecretArn.'],
    ['transport: http', '2:14', '"http" Write grpc or rest.'],
    ['strategy: two-users', '2:13', 'function.strategy: "two-users" Write single-user or alternating-users.'],
    ['minimumGapMinutes: -1', '2:22', 'Write a whole number of minutes'],
    ['architecture: arm', '2:17', 'Write arm64 or x86_64.'],
    ['reservedConcurrentExecutions: -1', '2:33', 'Write a whole number of concurrent rotations'],
    ['permissionsBoundaryArn: boundary', '2:27', 'Write the ARN of a managed policy'],
    ['logKmsKeyArn: alias/mine', '2:17', 'Write the ARN of a KMS key'],
    ['memory: 512', '2:3', 'function.memory: Unknown key. Allowed: strategy, allowedEndpoints,'],
  ])('%s', (line, place, message) => expectOneMistake(functionWith(line), place, message));
});

describe('a mistake in a secret', () => {
  test.each([
    ['schedule: monthly', '5:15', 'secrets[0].schedule: "monthly" Write rate(N hours)'],
    ['schedule: 30', '5:15', 'secrets[0].schedule: 30 Write rate(30 days) or cron'],
    ['duration: 3', '5:15', 'secrets[0].duration: 3 Write whole hours from 1h to 24h.'],
    ['duration: 25h', '5:15', 'secrets[0].duration: "25h" Write whole hours from 1h to 24h.'],
    ['rotateImmediatelyOnUpdate: 1', '5:32', 'Write true or false.'],
    ['kmsKeyArn: alias/mine', '5:16', 'Write the ARN of a KMS key'],
    ['removalPolicy: delete', '5:20', 'secrets[0].removalPolicy: "delete" Write retain or destroy.'],
    [
      'replicaRegions: [Ireland]',
      '5:22',
      'secrets[0].replicaRegions[0]: "Ireland" Write the name of a region: eu-west-1.',
    ],
    [
      'replicaRegions: [eu-west-1, eu-central-1, eu-west-1]',
      '5:47',
      'secrets[0].replicaRegions[2]: "eu-west-1" Item 1 is the same.',
    ],
    ['description: [a]', '5:18', 'Write one line of text.'],
    [
      'name: search',
      '2:5',
      'secrets[0]: An entry needs exactly one of create, name and arn. This entry has create and name.',
    ],
    ['engine: milvus', '5:5', 'secrets[0].engine: Unknown key. Allowed: create, endpoint, username,'],
    ['endpoint: https://b.zillizcloud.com', '5:5', 'Map keys must be unique'],
  ])('%s', (line, place, message) => expectOneMistake(secret(line), place, message));

  test.each([
    ['create: a b', 'secrets[0].create: "a b" A secret name has'],
    ['create: orders-abcdef', 'must not end in a hyphen and six letters or digits'],
  ])('%s', (line, message) => {
    expect(mistakesIn(`secrets:\n  - ${line}\n    endpoint: ${ENDPOINT}\n    username: u`)).toEqual([
      expect.stringContaining(message),
    ]);
  });

  test.each([
    ['arn: orders', '2:10', 'Write the full ARN'],
    [
      'arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders"',
      '2:10',
      'with the six characters at its end',
    ],
    ['name: ""', '2:11', 'A secret name has'],
    ['user: db_admin', '2:5', 'This entry has none of them'],
  ])('%s', (line, place, message) => expectOneMistake(`secrets:\n  - ${line}`, place, message));

  test('a missing endpoint and a missing user', () => {
    expect(mistakesIn('secrets:\n  - create: orders')).toEqual([
      '  rotation.yaml:2:5  secrets[0].endpoint: Missing. Write https://host[:port].',
      '  rotation.yaml:2:5  secrets[0].username: Missing. A cluster user starts with a letter and has at most 32 letters, digits and _.- characters.',
    ]);
  });

  test.each([
    [secret('schedule: cron(0 20 1 * ? *)', 'duration: 6h'), '6:15', 'secrets[0].duration: "6h" The window must end'],
    [
      `defaults: {schedule: cron(0 20 1 * ? *)}\n${secret('duration: 6h')}`,
      '6:15',
      'secrets[0].duration: "6h" The window must end before the next window',
    ],
    [secret('schedule: rate(30 days)', 'spreadHours: 4'), '6:18', '4 Write a cron schedule with one hour'],
    [secret('schedule: cron(0 */8 * * ? *)', 'spreadHours: 4'), '6:18', '4 Write a cron schedule with one hour'],
    [
      secret('schedule: cron(0 20 1 * ? *)', 'spreadHours: 6'),
      '6:18',
      'secrets[0].spreadHours: 6 The last window would end after the UTC day.',
    ],
    [
      'function: {secretNamePrefix: milvus/}\nsecrets: [{name: postgres/orders}]',
      '2:18',
      'secrets[0].name: "postgres/orders" The function may rotate only secrets whose name starts with milvus/',
    ],
    [`function: {allowedEndpoints: [.example.com]}\n${secret()}`, '4:15', 'secrets[0].endpoint: '],
  ])('a value that another value of the file does not allow: %s', expectOneMistake);

  test('a private endpoint on a host that the function may not connect to', () => {
    const privateLink = {
      serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
      endpoints: [ENDPOINT, 'https://milvus.example.com', 'http://in01.zillizcloud.com'],
    };
    const vpc = { vpcId: 'vpc-01234567', subnetIds: ['subnet-01234567'], privateLink };
    expect(mistakesIn(`function: {vpc: ${JSON.stringify(vpc)}}\nsecrets: [{name: orders}]`)).toEqual([
      expect.stringContaining(
        'function.vpc.privateLink.endpoints[1]: "https://milvus.example.com" milvus.example.com is not',
      ),
      expect.stringContaining('function.vpc.privateLink.endpoints[2]: "http://in01.zillizcloud.com" '),
    ]);
  });

  test('an existing secret may have an endpoint and a user', () => {
    const entry = { name: 'orders', endpoint: ENDPOINT, username: 'orders' };
    expect(parseConfiguration(JSON.stringify({ secrets: [entry] }), 'rotation.yaml').secrets).toEqual([entry]);
    expect(mistakesIn('secrets:\n  - name: orders\n    endpoint: https://a.example.com\n    username: 1st')).toEqual([
      expect.stringContaining('3:15  secrets[0].endpoint: "https://a.example.com" a.example.com is not an allowed'),
      expect.stringContaining('4:15  secrets[0].username: "1st" A cluster user starts with a letter'),
    ]);
  });

  test.each([
    ['orders.read-only', true],
    [`a${'-'.repeat(31)}`, true],
    [`a${'-'.repeat(32)}`, false],
    ['.orders', false],
    ['orders/read', false],
  ])('the user %s is valid: %s (Milvus 2.6 allows . and -)', (username, isValid) => {
    expect(mistakesIn(`secrets:\n  - {name: orders, username: "${username}"}`)).toHaveLength(isValid ? 0 : 1);
  });

  test('a key for new secrets in the entry of an existing secret', () => {
    expect(mistakesIn('secrets:\n  - name: orders\n    removalPolicy: destroy')).toEqual([
      expect.stringMatching(
        /3:5 {2}secrets\[0\]\.removalPolicy: Unknown key\. Allowed: .*only for a secret with create/,
      ),
    ]);
  });

  test('the same secret twice, by name and by ARN', () => {
    const text = `secrets:
  - name: orders
  - arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-Ab12Cd
`;
    expect(mistakesIn(text)).toEqual([expect.stringContaining('3:10  secrets[1].arn: "arn:aws')]);
    expect(mistakesIn(text)[0]).toContain('secrets[0] names the same secret.');
  });
});

describe('an admin secret that the function could change', () => {
  const adminSecretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/admin-Ab12Cd';
  const mistakesWith = (fn: object, entry: object): string[] =>
    mistakesIn(JSON.stringify({ function: { adminSecretArn, ...fn }, secrets: [{ name: 'milvus/orders' }, entry] }));

  test('below secretNamePrefix', () => {
    const entry = { name: 'milvus/search' };
    expect(mistakesWith({ secretNamePrefix: 'milvus/' }, entry)).toEqual([
      expect.stringMatching(
        /1:31 {2}function\.adminSecretArn: "arn:aws:.*" This secret is below milvus\/ \(function\.secretNamePrefix\), so the function could change it\. Write an admin secret outside of milvus\/, or another prefix\./,
      ),
    ]);
    expect(mistakesWith({ secretNamePrefix: 'a/' }, entry).join()).not.toContain('adminSecretArn');
  });

  test.each([
    { name: 'milvus/admin' },
    { create: 'milvus/admin', endpoint: ENDPOINT, username: 'admin' },
    { arn: adminSecretArn },
  ])('as an entry of secrets: %j', (entry) => {
    expect(mistakesWith({}, entry)).toEqual([
      expect.stringContaining(
        'secrets[1] is this secret, too. The function only reads the admin secret and does not rotate it. Write another admin secret, or remove the entry.',
      ),
    ]);
  });

  test('but not a secret with the same name in another account', () => {
    expect(mistakesWith({}, { arn: adminSecretArn.replace('123456789012', '444455556666') })).toEqual([]);
  });
});

test('a secret of another account or region than that of the file', () => {
  const arn = (region: string, account: string, name: string): string =>
    `  - arn: arn:aws:secretsmanager:${region}:${account}:secret:${name}-Ab12Cd\n`;
  const [first, same] = ['a', 'b'].map((name) => arn('us-east-1', '123456789012', name));
  const others = [arn('eu-west-1', '123456789012', 'c'), arn('us-east-1', '111122223333', 'd')];
  expect(mistakesIn(`secrets:\n  - name: orders\n${first}${same}`)).toEqual([]);
  expect(mistakesIn(`secrets:\n  - name: orders\n${first}${same}${others.join('')}`)).toEqual([
    expect.stringMatching(
      /5:10 {2}secrets\[3\]\.arn: .* This is in account 123456789012, region eu-west-1, but secrets\[1\]\.arn is in account 123456789012, region us-east-1\. A file is for one/,
    ),
    expect.stringMatching(
      /6:10 {2}secrets\[4\]\.arn: .* in account 111122223333, region us-east-1, but secrets\[1\]\.arn is in/,
    ),
  ]);
});

test('two names with the same construct id', () => {
  expect(mistakesIn('secrets:\n  - name: a/b\n  - name: a--b')).toEqual([
    '  rotation.yaml:3:11  secrets[1].name: "a--b" CDK cannot distinguish this name from a/b of secrets[0], because it replaces / with --. Move one of the two secrets to another file with its own stackName.',
  ]);
});

describe('a file as a whole', () => {
  test.each([
    ['', 'the file: null Write a map. Its keys: stackName, function, defaults, secrets, monitoring, stacks, tags.'],
    ['- a', 'Write a map. Its keys'],
    ['secrets: []', 'Write at least one secret'],
    ['secrets: orders', 'Write a list of secrets.'],
    ['secrets: [orders]', 'An entry needs exactly one of create, name and arn'],
    ['stacks: 1\nsecrets: [{name: a}]', 'Write a whole number of stacks from 2 to 200.'],
    ['stacks: 8\nsecrets: [{name: a}]', 'Secrets in several stacks need function.secretNamePrefix'],
    [
      'function: {secretKmsKeyArns: [alias/mine], secretNamePrefix: a/}\nsecrets: [{name: a/b}]',
      'Write the ARN of a KMS key',
    ],
    [
      `function: {secretKmsKeyArns: ["${KEY_ARN}", "${KEY_ARN}"], secretNamePrefix: a/}\nsecrets: [{name: a/b}]`,
      'Item 1 is the same.',
    ],
    [
      `function: {secretKmsKeyArns: ["${KEY_ARN}"]}\nsecrets: [{name: a}]`,
      'These keys have no effect without function.secretNamePrefix. Write that key too',
    ],
    ['tags: [a]\nsecrets: [{name: a}]', 'Write a map of tags.'],
    ['tags: {"": search}\nsecrets: [{name: a}]', 'A tag key has 1 to 128 characters'],
    ['tags: {AWS:team: search}\nsecrets: [{name: a}]', 'rotation.yaml:1:8  tags.AWS:team: A tag key has 1 to 128'],
    ['tags: {team: 7}\nsecrets: [{name: a}]', 'tags.team: 7 Write a string.'],
    ['monitoring: {topicArn: oncall}\nsecrets: [{name: a}]', 'Write the ARN of an SNS topic'],
    ['monitoring: {email: oncall}\nsecrets: [{name: a}]', 'Write an email address: oncall@example.com.'],
    ['monitoring: {maxAgeDays: 0}\nsecrets: [{name: a}]', 'Write a whole number of days from 1 to 1000.'],
    ['defaults: {schedule: monthly}\nsecrets: [{name: a}]', 'defaults.schedule: "monthly" Write rate(N hours)'],
    ['defaults: {duration: 25h}\nsecrets: [{name: a}]', 'defaults.duration: "25h" Write whole hours'],
    ['stackName: my_stack\nsecrets: [{name: a}]', 'A stack name starts with a letter'],
    ['secret: []', 'secret: Unknown key. Allowed: stackName, function, defaults, secrets,'],
  ])('%j is refused', (text, message) => {
    expect(mistakesIn(text).join('\n')).toContain(message);
  });

  test('more secrets than one stack takes', () => {
    const entries = Array.from({ length: 191 }, (_, index) => `  - name: orders${index}`);
    expect(mistakesIn(`secrets:\n${entries.join('\n')}`)).toEqual([
      expect.stringContaining('secrets: The file has 191 secrets, and one stack takes 190. Write stacks: 8'),
    ]);
  });

  test('an admin secret of a fleet, which could reset no user', () => {
    const adminSecretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:admin-Ab12Cd';
    const text = `stacks: 2
function: {secretNamePrefix: a/, adminSecretArn: "${adminSecretArn}"}
secrets: [{create: a/b, endpoint: "${ENDPOINT}", username: b}]
`;
    expect(mistakesIn(text)).toEqual([
      `  rotation.yaml:2:50  function.adminSecretArn: "${adminSecretArn}" With stacks, the function pins no secret to its endpoint and user, and it uses an admin secret only for pinned secrets. Remove this key, and reset a user with zilliz-rotation repair --admin-secret. Or remove stacks.`,
    ]);
    expect(mistakesIn(text.replace('stacks: 2', 'stackName: one'))).toEqual([]);
  });

  test('keys of a new secret that would change the function of a fleet', () => {
    const text = `function: {secretNamePrefix: a/, secretKmsKeyArns: ["${KEY_ARN}"]}
defaults: {kmsKeyArn: "${KEY_ARN}2"}
stacks: 2
secrets:
  - {name: a/b, endpoint: ${ENDPOINT}}
  - {arn: "arn:aws:secretsmanager:us-west-2:123456789012:secret:a/c-Ab12Cd", username: c}
  - {create: a/d, endpoint: ${ENDPOINT}, username: d, kmsKeyArn: "${KEY_ARN}"}
  - {name: a/e, kmsKeyArn: "${KEY_ARN}2"}
  - {name: a/f, kmsKeyArn: "${KEY_ARN}3"}
`;
    expect(mistakesIn(text)).toEqual([
      expect.stringContaining(
        `5:27  secrets[0].endpoint: "${ENDPOINT}" With stacks, an existing secret must contain this itself`,
      ),
      expect.stringContaining(
        '6:88  secrets[1].username: "c" With stacks, an existing secret must contain this itself',
      ),
      expect.stringContaining(
        `9:28  secrets[4].kmsKeyArn: "${KEY_ARN}3" With stacks, the function must know the key before the secret exists`,
      ),
    ]);
  });

  test('YAML that cannot be read is reported by line and column', () => {
    expect(mistakesIn('secrets:\n  - name: "a\n').join('\n')).toMatch(
      /rotation\.yaml:\d+:\d+ {2}Missing closing "quote/,
    );
  });

  test('a file that is not there is named, with what to do', () => {
    expect(() => readConfiguration('/nowhere/rotation.yaml')).toThrow(
      'The configuration file /nowhere/rotation.yaml does not exist. Copy rotation.yaml from the package',
    );
  });
});

describe('a PEM file without the certificate of an authority', () => {
  test.each([
    [SERVER_CERTIFICATE, 'is the certificate of a server'],
    ['-----BEGIN PRIVATE KEY-----\nx\n', 'contains a private key, which must stay secret'],
    ['hello', 'contains no certificate'],
  ])('%j is refused', (content, message) => {
    const directory = newFolder();
    writeFileSync(join(directory, 'ca.pem'), content);
    expect(mistakesIn(functionWith('caFile: ca.pem'), join(directory, 'rotation.yaml'))).toEqual([
      expect.stringContaining(message),
    ]);
  });
});

test('a self-signed server certificate is its own authority', () => {
  const directory = newFolder();
  writeFileSync(join(directory, 'ca.pem'), SELF_SIGNED_CERTIFICATE);
  expect(() => parseConfiguration(functionWith('caFile: ca.pem'), join(directory, 'rotation.yaml'))).not.toThrow();
});

test('the certificate of an authority is found beside the file', () => {
  const file = fileURLToPath(new URL('../../../examples/cdk/rotation.yaml', import.meta.url));
  expect(parseConfiguration(functionWith('caFile: private-ca.pem'), file).function.caFile).toBe(
    fileURLToPath(new URL('../../../examples/cdk/private-ca.pem', import.meta.url)),
  );
});

describe('a password in the wrong place is not repeated', () => {
  test.each([
    `secrets:\n  - name: orders\n    password: Hunter2!`,
    `secrets:\n  - create: orders\n    endpoint: https://orders:Hunter2!@in01.zillizcloud.com\n    username: orders`,
    `secrets:\n  - create: orders\n    endpoint: ${ENDPOINT}\n    username: "orders:Hunter2!"`,
    `secrets:\n  - create: "orders:Hunter2!"\n    endpoint: ${ENDPOINT}\n    username: orders`,
    functionWith('clusterEndpoint: "orders:Hunter2!"'),
  ])('%j', (text) => {
    const told = mistakesIn(text).join('\n');
    expect(told).not.toBe('');
    expect(told).not.toContain('Hunter2');
  });
});
