import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addEntry, type ConfigurationEntry, entryText } from '../../../../cli/init/entry/configuration-entry.ts';
import { parseConfiguration } from '../../../../infra/configuration/read-configuration.ts';

const SINGLE: ConfigurationEntry = {
  name: 'milvus/new',
  arn: undefined,
  endpoint: 'https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530',
  usernames: ['orders'],
};
const WITH_KEY: ConfigurationEntry = {
  ...SINGLE,
  kmsKeyArn: 'arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
};
const PAIR: ConfigurationEntry = { ...SINGLE, usernames: ['orders', 'orders_b'] };

function ownFile(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
}

async function added(text: string, entry: ConfigurationEntry = SINGLE): Promise<string> {
  const addition = await addEntry(text, entry);
  return addition.kind === 'added' ? addition.text : addition.kind;
}

describe('the entry of a secret', () => {
  it.each([SINGLE, PAIR, WITH_KEY])('is what synth accepts: $usernames', async (entry) => {
    const { secrets } = parseConfiguration(`secrets:\n${await entryText(entry)}`, 'rotation.yaml');

    expect(secrets).toHaveLength(1);
  });

  it('is quoted if its name is special in YAML', async () => {
    expect(await entryText({ ...SINGLE, name: '@team/orders' })).toContain('- name: "@team/orders"\n');
  });
});

describe('the addition of an entry to a configuration file', () => {
  it.each(['rotation.yaml', 'examples/cdk/fleet.yaml', 'test/infra/fixtures/every-key.yaml'])(
    'keeps every other character of %s',
    async (path) => {
      const text = ownFile(path);
      const result = await added(text);
      const entry = (await entryText(SINGLE)).replace(/^(?=.)/gm, '  ');

      expect(result).toContain(entry);
      expect(result.replace(entry, '')).toBe(text);
    },
  );

  it('keeps comments, spaces and an indentation of its own', async () => {
    const text = 'secrets: # all\n- name: a   # one\n\n# end\nfunction:  {}';

    expect(await added(text)).toBe(
      `secrets: # all\n- name: a   # one\n${await entryText(SINGLE)}\n# end\nfunction:  {}\n`,
    );
  });

  it.each(['', 'function: {}\n', 'function: {}'])('adds the list to a file without one: %j', async (text) => {
    expect(await added(text)).toBe(`${text.trim() === '' ? '' : 'function: {}\n'}secrets:
  - name: milvus/new
    endpoint: ${SINGLE.endpoint}
    username: orders
`);
  });

  it.each<[string, ConfigurationEntry, string]>([
    ['- name: milvus/new', SINGLE, 'present'],
    ['- create: milvus/new\n  username: orders', SINGLE, 'present'],
    ['- arn: arn:x', { ...SINGLE, arn: 'arn:x' }, 'present'],
    ['- name: milvus/new\n  username: other', SINGLE, 'different'],
    ['- name: milvus/new\n  username: orders', PAIR, 'different'],
    ['- name: milvus/new\n  usernames: [orders_b, orders]', PAIR, 'present'],
    ['- name: milvus/new\n  usernames: [orders, orders_b]', SINGLE, 'different'],
  ])('leaves an entry for the secret: %j', async (entry, wanted, expected) => {
    expect(await added(`secrets:\n${entry}\n`, wanted)).toBe(expected);
  });

  it.each(['secrets: [{ name: a }]', 'secrets: []', 'secrets: text', 'a: [', 'secrets:\n'])(
    'does not touch a file in which the entry has no place: %j',
    async (text) => {
      expect(await added(text)).toBe('unusable');
    },
  );
});
