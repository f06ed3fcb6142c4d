import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  ConfigurationError,
  parseConfiguration,
  readConfiguration,
} from '../../../infra/configuration/read-configuration.ts';
import { newFolder } from '../support/templates.ts';

const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ENDPOINT = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';

/** Of a server too, which signed it itself. */
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

/** Of a server, signed by an authority, valid for a hundred years; the keys were thrown away. */
const SERVER_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBkDCCATegAwIBAgIUW15cJe6uk19LS7dmQThbcjbtAQwwCgYIKoZIzj0EAwIw
IDEeMBwGA1UEAwwVYXV0aG9yaXR5LmV4YW1wbGUuY29tMCAXDTI2MTEyNDIxMjcz
N1oYDzIxMjYxMDMxMjEyNzM3WjAdMRswGQYDVQQDDBJtaWx2dXMuZXhhbXBsZS5j
b20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATJQh81+o2K+of2XG8xCARR8loE
97bm8w7Pys+jU9+WJ3cFaJbXp68WKMf4wte6GgtvCWp0TfnziAl5f6OJzx3Ao1Aw
TjAMBgNVHRMBAf8EAjAAMB0GA1UdDgQWBBRfmDKQ2DINXwdQH8k0R2jhqlen6DAf
BgNVHSMEGDAWgBS2o+kKShhDsmtwxZzt0TBELqVxAzAKBggqhkjOPQQDAgNHADBE
AiBkHuvwWA1ef7Fi4tiBVz0kNoXqCFNWw0P95Vf8Ui5MfgIgHL8sWoiWRgot4nJW
injg6p+pt9Iguzu/cyH+PGN4Bgs=
-----END CERTIFICATE-----
`;

/** The lines of the message after its first, which counts them. */
function mistakesIn(text: string, file = 'rotation.yaml'): string[] {
  try {
    parseConfiguration(text, file);
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
  return [];
}

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

test('the smallest file names one secret, and everything else has its default', () => {
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
  expect(mistakesIn(text)).toMatchInlineSnapshot(`
    [
      "  rotation.yaml:1:12  stackName: "1st" A stack name begins with a letter and holds letters, digits and -, 128 at the most.",
      "  rotation.yaml:3:3  function.memory: No such key here. Allowed: strategy, allowedEndpoints, clusterEndpoint, allowPlaintext, caFile, passwordLength, passwordExcludeCharacters, adminSecretArn, adminSecretKmsKeyArn, secretNamePrefix, secretKmsKeyArns, vpc, timeout, memorySize, architecture, reservedConcurrentExecutions, permissionsBoundaryArn, logRetentionDays, logKmsKeyArn, logRemovalPolicy.",
      "  rotation.yaml:4:19  function.passwordLength: 65 Zilliz Cloud accepts 8 to 64 characters.",
      "  rotation.yaml:6:5  secrets[0].username: Missing. A cluster user begins with a letter and holds letters, digits and _, 32 at the most.",
      "  rotation.yaml:8:15  secrets[0].schedule: "rate(2 hours)" Secrets Manager rotates at most every 4 hours and at least every 999 days.",
      "  rotation.yaml:10:15  secrets[1].duration: "30h" Write whole hours, 1h to 24h.",
      "  rotation.yaml:11:5  secrets[2]: A secret is named by one of create, name and arn, and this has none of them. Write create for a new secret, name or arn for an existing one.",
    ]
  `);
});

test('the sample in docs/configuration.md is what the file gets to hear', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const [, sample = ''] = /```\n(2 mistakes [\s\S]*?)\n```/.exec(page) ?? [];
  const text = `stackName: sample
defaults:
  duration: 1h
secrets:
  - create: milvus/orders
    endpoint: ${ENDPOINT}
    username: orders
    # too often
    schedule: rate(2 hours)
  - name: milvus/search
    duration: 3h
    user: search
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
    ['caFile: none.pem', '2:11', 'function.caFile: "none.pem" No such file'],
    ['caFile: 1', '2:11', 'function.caFile: 1 Write the path of a PEM file'],
    ['passwordLength: 7', '2:19', 'function.passwordLength: 7 Zilliz Cloud accepts 8 to 64 characters.'],
    ['passwordLength: long', '2:19', 'function.passwordLength: "long" Zilliz Cloud accepts'],
    ['passwordExcludeCharacters: 0123456789', '2:30', 'Write the characters as one string, in quotes.'],
    ['passwordExcludeCharacters: "0123456789"', '2:30', 'leave no digit character'],
    ['timeout: 10', '2:12', 'function.timeout: 10 Write seconds, 30 to 900.'],
    ['memorySize: 128', '2:15', 'function.memorySize: 128 Write MB, 192 to 10240.'],
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
      'function.vpc.subnetIds[1]: "subnet-01234567" This is number 1 of the list again. List each once.',
    ],
    [
      'vpc: {vpcId: vpc-01234567, subnetIds: [subnet-01234567], securityGroupIds: [sg-01234567, sg-01234567]}',
      '2:92',
      'function.vpc.securityGroupIds[1]: "sg-01234567" This is number 1 of the list again.',
    ],
    [
      'vpc: {vpcId: vpc-01234567, subnetIds: [], securityGroupIds: [sg-01234567]}',
      '2:41',
      'At least one subnet is needed',
    ],
    [
      'vpc: {vpcId: vpc-01234567, subnetIds: [subnet-01234567], securityGroupIds: []}',
      '2:78',
      'An empty list is none.',
    ],
    [
      'vpc: {vpcId: vpc-01234567, subnetIds: [subnet-01234567], privateLink: {serviceName: vpce-svc-0, endpoints: ["https://in01.zillizcloud.com"]}}',
      '2:87',
      'Write what the console of Zilliz Cloud shows under "Private Endpoint": com.amazonaws.vpce.',
    ],
    ['logRemovalPolicy: delete', '2:21', 'Write retain or destroy.'],
    [`adminSecretKmsKeyArn: ${KEY}`, '2:25', 'This is the key of an admin secret, and there is none.'],
    ['strategy: alternating-users', '2:13', 'Write single-user, the only strategy there is'],
    ['architecture: arm', '2:17', 'Write arm64 or x86_64.'],
    ['reservedConcurrentExecutions: -1', '2:33', 'Write how many rotations may run at once'],
    ['permissionsBoundaryArn: boundary', '2:27', 'Write the ARN of a managed policy'],
    ['logKmsKeyArn: alias/mine', '2:17', 'Write the ARN of a key'],
    ['memory: 512', '2:3', 'function.memory: No such key here. Allowed: strategy, allowedEndpoints,'],
  ])('%s', (line, place, message) => {
    const [mistake, ...others] = mistakesIn(functionWith(line));
    expect(mistake).toContain(`  rotation.yaml:${place}  `);
    expect(mistake).toContain(message);
    expect(others).toEqual([]);
  });
});

describe('a mistake in a secret', () => {
  test.each([
    ['schedule: monthly', '5:15', 'secrets[0].schedule: "monthly" Write rate(N hours)'],
    ['schedule: 30', '5:15', 'secrets[0].schedule: 30 Write rate(30 days) or cron'],
    ['duration: 3', '5:15', 'secrets[0].duration: 3 Write whole hours, 1h to 24h.'],
    ['duration: 25h', '5:15', 'secrets[0].duration: "25h" Write whole hours, 1h to 24h.'],
    ['rotateImmediatelyOnUpdate: 1', '5:32', 'Write true or false.'],
    ['kmsKeyArn: alias/mine', '5:16', 'Write the ARN of a key'],
    ['removalPolicy: delete', '5:20', 'secrets[0].removalPolicy: "delete" Write retain or destroy.'],
    [
      'replicaRegions: [Ireland]',
      '5:22',
      'secrets[0].replicaRegions[0]: "Ireland" Write the name of a region: eu-west-1.',
    ],
    [
      'replicaRegions: [eu-west-1, eu-central-1, eu-west-1]',
      '5:47',
      'secrets[0].replicaRegions[2]: "eu-west-1" This is number 1 of the list again.',
    ],
    ['description: [a]', '5:18', 'Write one line of text.'],
    [
      'name: search',
      '2:5',
      'secrets[0]: A secret is named by one of create, name and arn, and this has create and name.',
    ],
    ['engine: milvus', '5:5', 'secrets[0].engine: No such key here. Allowed: create, endpoint, username,'],
    ['endpoint: https://b.zillizcloud.com', '5:5', 'Map keys must be unique'],
  ])('%s', (line, place, message) => {
    const [mistake, ...others] = mistakesIn(secret(line));
    expect(mistake).toContain(`  rotation.yaml:${place}  `);
    expect(mistake).toContain(message);
    expect(others).toEqual([]);
  });

  test.each([
    ['create: a b', 'secrets[0].create: "a b" A name of a secret holds'],
    ['create: orders-abcdef', 'must not end in a hyphen and six characters'],
  ])('%s', (line, message) => {
    expect(mistakesIn(`secrets:\n  - ${line}\n    endpoint: ${ENDPOINT}\n    username: u`)).toEqual([
      expect.stringContaining(message),
    ]);
  });

  test.each([
    ['arn: orders', '2:10', 'Write the full ARN'],
    ['arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders"', '2:10', 'its six characters included'],
    ['name: ""', '2:11', 'A name of a secret holds'],
    ['user: db_admin', '2:5', 'this has none of them'],
  ])('%s', (line, place, message) => {
    const [mistake, ...others] = mistakesIn(`secrets:\n  - ${line}`);
    expect(mistake).toContain(`  rotation.yaml:${place}  `);
    expect(mistake).toContain(message);
    expect(others).toEqual([]);
  });

  test('an endpoint and a user that are missing', () => {
    expect(mistakesIn('secrets:\n  - create: orders')).toEqual([
      '  rotation.yaml:2:5  secrets[0].endpoint: Missing. Write https://host[:port], in quotes or bare.',
      '  rotation.yaml:2:5  secrets[0].username: Missing. A cluster user begins with a letter and holds letters, digits and _, 32 at the most.',
    ]);
  });

  test('a window that the schedule leaves no room for', () => {
    expect(mistakesIn(secret('schedule: cron(0 20 1 * ? *)', 'duration: 6h'))).toEqual([
      expect.stringContaining(
        'rotation.yaml:6:15  secrets[0].duration: "6h" The window must not reach into the next one',
      ),
    ]);
  });

  test('a window that the schedule of the defaults leaves no room for', () => {
    expect(mistakesIn(`defaults: {schedule: cron(0 20 1 * ? *)}\n${secret('duration: 6h')}`)).toEqual([
      expect.stringContaining(
        'rotation.yaml:6:15  secrets[0].duration: "6h" The window must not reach into the next one',
      ),
    ]);
  });

  test.each([
    ['rate(30 days)', 4, 'Only a schedule with one hour can be spread'],
    ['cron(0 */8 * * ? *)', 4, 'Only a schedule with one hour can be spread'],
    ['cron(0 20 1 * ? *)', 6, 'The last window would reach into the next UTC day.'],
  ])('a spread that %s has no room for', (schedule, hours, message) => {
    expect(mistakesIn(secret(`schedule: ${schedule}`, `spreadHours: ${hours}`))).toEqual([
      expect.stringContaining(`rotation.yaml:6:18  secrets[0].spreadHours: ${hours} ${message}`),
    ]);
  });

  test('a secret outside of the folder of the function', () => {
    expect(mistakesIn(`function: {secretNamePrefix: milvus/}\nsecrets: [{name: postgres/orders}]`)).toEqual([
      expect.stringContaining('secrets[0].name: "postgres/orders" The function may rotate secrets below milvus/ only'),
    ]);
  });

  test('an endpoint on a host that the function may not talk to', () => {
    expect(mistakesIn(`function: {allowedEndpoints: [.example.com]}\n${secret()}`)).toEqual([
      expect.stringContaining('rotation.yaml:4:15  secrets[0].endpoint: '),
    ]);
  });

  test('a private way to a host that the function may not talk to', () => {
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

  test('an endpoint and a user for an existing secret, which need not be there', () => {
    const entry = { name: 'orders', endpoint: ENDPOINT, username: 'orders' };
    expect(parseConfiguration(JSON.stringify({ secrets: [entry] }), 'rotation.yaml').secrets).toEqual([entry]);
    expect(mistakesIn('secrets:\n  - name: orders\n    endpoint: https://a.example.com\n    username: 1st')).toEqual([
      expect.stringContaining('3:15  secrets[0].endpoint: "https://a.example.com" a.example.com is not an allowed'),
      expect.stringContaining('4:15  secrets[0].username: "1st" A cluster user begins with a letter'),
    ]);
  });

  test('what only a new secret has, for an existing one', () => {
    expect(mistakesIn('secrets:\n  - name: orders\n    removalPolicy: destroy')).toEqual([
      expect.stringMatching(/3:5 {2}secrets\[0\]\.removalPolicy: No such key here\..*stays whatever becomes/),
    ]);
  });

  test('the same secret twice, whichever way it is named', () => {
    const text = `secrets:
  - name: orders
  - arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-Ab12Cd
`;
    expect(mistakesIn(text)).toEqual([expect.stringContaining('3:10  secrets[1].arn: "arn:aws')]);
    expect(mistakesIn(text)[0]).toContain('This is the secret of secrets[0] again.');
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
      /5:10 {2}secrets\[3\]\.arn: .* This secret is in account 123456789012, region eu-west-1, and secrets\[1\] in account 123456789012, region us-east-1\. A file is for one/,
    ),
    expect.stringMatching(
      /6:10 {2}secrets\[4\]\.arn: .* in account 111122223333, region us-east-1, and secrets\[1\] in/,
    ),
  ]);
});

test('two names of which CDK makes the same', () => {
  expect(mistakesIn('secrets:\n  - name: a/b\n  - name: a--b')).toEqual([
    '  rotation.yaml:3:11  secrets[1].name: "a--b" CDK cannot tell this name from that of secrets[0], a/b: it writes / as --. Put one of them into another file, with a stackName of its own.',
  ]);
});

describe('a file as a whole', () => {
  test.each([
    [
      '',
      'the file: null Write a map with keys among stackName, function, defaults, secrets, monitoring, stacks, tags.',
    ],
    ['- a', 'Write a map with keys'],
    ['secrets: []', 'At least one secret is needed'],
    ['secrets: orders', 'Write a list of secrets.'],
    ['secrets: [orders]', 'A secret is named by one of create, name and arn'],
    ['stacks: 1\nsecrets: [{name: a}]', 'Write how many stacks the secrets are spread over, 2 to 200.'],
    ['stacks: 8\nsecrets: [{name: a}]', 'Secrets in several stacks need function.secretNamePrefix'],
    [
      'function: {secretKmsKeyArns: [alias/mine], secretNamePrefix: a/}\nsecrets: [{name: a/b}]',
      'Write the ARN of a key',
    ],
    [
      `function: {secretKmsKeyArns: ["${KEY}", "${KEY}"], secretNamePrefix: a/}\nsecrets: [{name: a/b}]`,
      'This is number 1 of the list again.',
    ],
    [
      `function: {secretKmsKeyArns: ["${KEY}"]}\nsecrets: [{name: a}]`,
      'These are the keys of a folder of secrets, and there is none. Write function.secretNamePrefix too',
    ],
    ['tags: [a]\nsecrets: [{name: a}]', 'Write a map of tags.'],
    ['tags: {"": search}\nsecrets: [{name: a}]', 'A key of a tag has 1 to 128 characters'],
    ['tags: {AWS:team: search}\nsecrets: [{name: a}]', 'rotation.yaml:1:8  tags.AWS:team: A key of a tag has 1 to 128'],
    ['tags: {team: 7}\nsecrets: [{name: a}]', 'tags.team: 7 Write a string.'],
    ['monitoring: {topicArn: oncall}\nsecrets: [{name: a}]', 'Write the ARN of a topic'],
    ['monitoring: {email: oncall}\nsecrets: [{name: a}]', 'Write an address: oncall@example.com.'],
    ['monitoring: {maxAgeDays: 0}\nsecrets: [{name: a}]', 'Write days, 1 to 1000.'],
    ['defaults: {schedule: monthly}\nsecrets: [{name: a}]', 'defaults.schedule: "monthly" Write rate(N hours)'],
    ['defaults: {duration: 25h}\nsecrets: [{name: a}]', 'defaults.duration: "25h" Write whole hours'],
    ['stackName: my_stack\nsecrets: [{name: a}]', 'A stack name begins with a letter'],
    ['secret: []', 'secret: No such key here. Allowed: stackName, function, defaults, secrets,'],
  ])('%j is refused', (text, message) => {
    expect(mistakesIn(text).join('\n')).toContain(message);
  });

  test('more secrets than one stack takes', () => {
    const entries = Array.from({ length: 191 }, (_, index) => `  - name: orders${index}`);
    expect(mistakesIn(`secrets:\n${entries.join('\n')}`)).toEqual([
      expect.stringContaining('secrets: 191 secrets do not fit into one stack, which takes 190. Write stacks: 8'),
    ]);
  });

  test('what a secret of a fleet cannot bring along without a change of the function', () => {
    const text = `function: {secretNamePrefix: a/, secretKmsKeyArns: ["${KEY}"]}
defaults: {kmsKeyArn: "${KEY}2"}
stacks: 2
secrets:
  - {name: a/b, endpoint: ${ENDPOINT}}
  - {arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:a/c-Ab12Cd", username: c}
  - {create: a/d, endpoint: ${ENDPOINT}, username: d, kmsKeyArn: "${KEY}"}
  - {name: a/e, kmsKeyArn: "${KEY}2"}
  - {name: a/f, kmsKeyArn: "${KEY}3"}
`;
    expect(mistakesIn(text)).toEqual([
      expect.stringContaining(
        `5:27  secrets[0].endpoint: "${ENDPOINT}" With stacks, an existing secret says this itself`,
      ),
      expect.stringContaining('6:88  secrets[1].username: "c" With stacks, an existing secret says this itself'),
      expect.stringContaining(
        `9:28  secrets[4].kmsKeyArn: "${KEY}3" With stacks, the function knows the keys beforehand`,
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

describe('what is no certificate of an authority', () => {
  test.each([
    [SERVER_CERTIFICATE, 'is the certificate of a server'],
    ['-----BEGIN PRIVATE KEY-----\nx\n', 'holds a private key, which must stay where it is'],
    ['hello', 'holds no certificate'],
  ])('%j is refused', (content, message) => {
    const directory = newFolder();
    writeFileSync(join(directory, 'ca.pem'), content);
    expect(mistakesIn(functionWith('caFile: ca.pem'), join(directory, 'rotation.yaml'))).toEqual([
      expect.stringContaining(message),
    ]);
  });
});

test('a certificate that a server signed for itself is its own authority', () => {
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
