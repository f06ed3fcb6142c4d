import { expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes.ts';

const ENDPOINT = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com';
const OTHER = 'https://in02-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com';
const RULE =
  'secrets[0] has the same user at the same endpoint. A rotation of one secret changes the password, and the other secret keeps the old one. Give each secret its own user, or let all applications read one secret. If the value of a secret names another endpoint, give the secret this endpoint here too.';

/** @param before The lines before the secrets. */
function mistakesWith(before: string, ...entries: readonly string[]): string[] {
  return mistakesIn(`${before}secrets:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`);
}

test('two secrets for one user at one endpoint are refused with line and value, also if the host ends in a dot', () => {
  const first = `{create: a, endpoint: "${ENDPOINT}", username: orders}`;
  expect(mistakesWith('', first, `{name: b, endpoint: "${ENDPOINT.toUpperCase()}:443", username: orders}`)).toEqual([
    expect.stringMatching(/^ {2}rotation\.yaml:3:\d+ {2}secrets\[1\]\.username: "orders" /),
  ]);
  expect(mistakesWith('', first, `{name: b, endpoint: "${ENDPOINT}", username: orders}`)[0]).toContain(RULE);
  expect(mistakesWith('', first, `{name: b, endpoint: "${ENDPOINT}.", username: orders}`)).toEqual([
    expect.stringContaining(`secrets[1].username: "orders" ${RULE}`),
  ]);
});

test('also if only the function names the endpoint', () => {
  const entries = [
    '{name: a, username: orders}',
    '{name: b, username: orders}',
    `{create: c, username: orders, endpoint: "${ENDPOINT}"}`,
    `{name: d, username: orders, endpoint: "${OTHER}"}`,
  ];
  expect(mistakesWith(`function: {clusterEndpoint: "${ENDPOINT}"}\n`, ...entries)).toEqual([
    expect.stringContaining(`secrets[1].username: "orders" ${RULE}`),
    expect.stringContaining(`secrets[2].username: "orders" ${RULE}`),
  ]);
});

test('also one of two users that take turns', () => {
  const pair = (name: string, users: string): string =>
    `{name: ${name}, strategy: alternating-users, endpoint: "${ENDPOINT}", usernames: [${users}]}`;
  expect(mistakesWith('', pair('a', 'x, y'), pair('b', 'z, x'), pair('c', 'u, v'))).toEqual([
    expect.stringContaining(`secrets[1].usernames[1]: "x" ${RULE}`),
  ]);
});

test('the same user at another endpoint, and secrets that name no endpoint, are accepted', () => {
  expect(
    mistakesWith(
      '',
      `{name: a, endpoint: "${ENDPOINT}", username: orders}`,
      `{name: b, endpoint: "${OTHER}", username: orders}`,
      `{name: c, endpoint: "${ENDPOINT}:19530", username: orders}`,
      '{name: d, username: orders}',
      '{name: e, username: orders}',
    ),
  ).toEqual([]);
});
