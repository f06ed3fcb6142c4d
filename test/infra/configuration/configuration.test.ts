import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { core } from 'zod';
import { jsonSchema } from '../../../infra/configuration/generated-files.ts';
import { ConfigurationError, parseConfiguration } from '../../../infra/configuration/read-configuration.ts';
import { mistakesIn } from '../support/mistakes.ts';
import { expectAdvice } from '../support/refusals.ts';
import { REFUSED_FILES } from '../support/refused-files.ts';
import { ENDPOINT, newFolder } from '../support/templates.ts';

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

describe('the only mistake of a file is reported, and its advice leads to an accepted file', () => {
  test.each(REFUSED_FILES.map((refusal) => [refusal.says.join(' … '), refusal] as const))('%s', (_, refusal) => {
    expectAdvice(refusal);
  });
});

test.each([
  ['', '1:1  the file: null Write a map. Its keys: stackName, function, defaults, secrets, monitoring, stacks, tags.'],
  ['- a', '1:1  the file: ["a"] Write a map. Its keys'],
  ['secrets:\n  - name: "a\n', '3:1  Missing closing "quote'],
  ['secrets:\n  - name: orders\n    name: search', '3:5  Map keys must be unique'],
])('a file that is no map or no YAML is refused by line and column: %j', (text, mistake) => {
  expect(mistakesIn(text)).toEqual([expect.stringContaining(`  rotation.yaml:${mistake}`)]);
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
