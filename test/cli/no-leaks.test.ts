import { describe, expect, it } from 'vitest';
import { AWSPENDING, sentLabel } from '../../secret/versions.ts';
import {
  attemptBadly,
  documentOf,
  FORBIDDEN,
  GENERATED_PASSWORD,
  goodRotation,
  NEW_PASSWORD,
  OLD_PASSWORD,
} from './support/rotations.ts';
import { type Bench, createBench } from './support/run-command.ts';

const STRANDED_PASSWORD = 'Str/an"ded:1\\+';
const ADMIN_PASSWORD = 'Adm"in/\\Pass+1';
const IN_FORCE_PASSWORD = 'Un"known/\\+1';

const PASSWORDS = [
  OLD_PASSWORD,
  NEW_PASSWORD,
  GENERATED_PASSWORD,
  STRANDED_PASSWORD,
  ADMIN_PASSWORD,
  IN_FORCE_PASSWORD,
];

/** Every way in which a password could stand in a text, with and without the user in front. */
function formsOf(password: string): string[] {
  return [password, `app:${password}`, `admin:${password}`].flatMap((text) => [
    text,
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('hex'),
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
  ]);
}

async function everyCommand(bench: Bench): Promise<void> {
  for (const flags of [[], ['--json'], ['--quiet']]) {
    await bench.run(['rotate', 'orders', 'failing', 'broken', ...flags]);
    await bench.run(['status', 'orders', 'failing', 'broken', 'lost', ...flags]);
    await bench.run(['repair', 'lost', '--yes', ...flags]);
    await bench.run(['repair', 'lost', '--admin-secret', 'admin', ...flags]);
    await bench.run(['repair', 'lost', '--admin-secret', 'admin', '--recreate-user', '--yes', ...flags]);
    await bench.run(['repair', 'broken', '--yes', ...flags]);
  }
  await bench.run(['rotate', 'orders'], { isTTY: true });
}

async function prepared(): Promise<Bench> {
  const bench = createBench();
  bench.cluster.addUser('app', OLD_PASSWORD).addUser('admin', ADMIN_PASSWORD);
  bench.adminCluster.admins.add(`admin:${ADMIN_PASSWORD}`);
  bench.aws.add('orders', documentOf(OLD_PASSWORD), { rotate: goodRotation(bench.cluster) });
  bench.aws.add('failing', documentOf(OLD_PASSWORD), { rotate: (rotation) => attemptBadly(rotation, FORBIDDEN) });
  bench.aws.add('broken', `{"username":"app","password":"${OLD_PASSWORD}`);
  bench.aws.add('admin', `admin:${ADMIN_PASSWORD}`);
  const lost = bench.aws.add('lost', documentOf(OLD_PASSWORD));
  await lost.store.put({ versionId: 'sent', value: documentOf(STRANDED_PASSWORD), labels: [sentLabel('sent')] });
  lost.store.startRotation('pending');
  await lost.store.put({ versionId: 'pending', value: documentOf(NEW_PASSWORD), labels: [AWSPENDING] });
  return bench;
}

describe('what the command prints', () => {
  it('never holds a password in any form, whatever happens', async () => {
    const bench = await prepared();
    await everyCommand(bench);
    bench.cluster.setByHand('app', IN_FORCE_PASSWORD);
    await everyCommand(bench);
    bench.cluster.superUsers = ['admin'];
    bench.cluster.setByHand('app', IN_FORCE_PASSWORD);
    await everyCommand(bench);
    bench.cluster.reachable = false;
    await everyCommand(bench);

    const printed = bench.printed.out + bench.printed.err;
    expect(printed).toContain('repaired');
    expect(printed.length).toBeGreaterThan(20_000);
    for (const form of PASSWORDS.flatMap(formsOf)) {
      expect(printed.includes(form), `a form of a password was printed: ${form.length} characters`).toBe(false);
    }
  });
});
