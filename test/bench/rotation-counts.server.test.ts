import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBench, createIdleFunction } from '../../bench/performance/measurement.ts';
import type { Rotation } from '../../bench/performance/results.ts';
import { SUBJECTS } from '../../bench/performance/subjects.ts';
import { servers } from '../support/servers.ts';

/** What a rotation of the deployed bundle costs, without the times, which vary. */
describe('the deployed bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-counts-'));
  const coverage = join(folder, 'coverage');
  let bundle: string;
  let rotations: Readonly<Record<'cold' | 'warm', Rotation | undefined>>;

  beforeAll(async () => {
    const subject = SUBJECTS.find(({ id }) => id === 'grpc');
    if (subject === undefined) {
      throw new Error('The benchmark does not measure this function.');
    }
    const target = join(folder, 'function');
    mkdirSync(target);
    bundle = await subject.build(target);
    const bench = await createBench(servers(), subject, bundle, await createIdleFunction(servers()));
    // After this sample, the secret has a previous version, as in production.
    await bench.sample(0);
    const { cold, warm } = await bench.sample(1, { NODE_V8_COVERAGE: coverage });
    rotations = { cold, warm: warm[0] };
    bench.close();
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  /** How often a worker called the function of the bundle whose source contains the text. */
  function callsOf(text: string): number {
    const source = readFileSync(bundle, 'utf8');
    const at = source.indexOf(text);
    expect(at, `the bundle contains ${text}, and once`).toBeGreaterThan(0);
    expect(source.indexOf(text, at + 1)).toBe(-1);
    const scripts = readdirSync(coverage).flatMap(
      (file) => (JSON.parse(readFileSync(join(coverage, file), 'utf8')) as Coverage).result,
    );
    const functions = scripts.find(({ url }) => url === pathToFileURL(bundle).href)?.functions ?? [];
    const around = functions
      .flatMap(({ ranges }) => ranges.slice(0, 1))
      .filter(({ startOffset, endOffset }) => startOffset <= at && at < endOffset)
      .sort((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset));
    return around[0]?.count ?? 0;
  }

  it.each(['cold', 'warm'] as const)('makes 7 calls to AWS in a %s rotation with pins', (kind) => {
    expect(rotations[kind]?.awsCalls).toEqual([
      ...['DescribeSecret', 'GetSecretValue', 'GetSecretValue', 'PutSecretValue'],
      'DescribeSecret',
      ...['UpdateSecretVersionStage', 'UpdateSecretVersionStage'],
    ]);
  });

  it.each(['cold', 'warm'] as const)('sends 11 requests to the cluster in a %s rotation', (kind) => {
    const login = 'SelectUser';
    expect(rotations[kind]?.clusterRequests).toEqual([
      ...[login, login, 'UpdateCredential', login],
      ...Array<string>(4).fill(login),
      ...Array<string>(3).fill(login),
    ]);
  });

  it.each(['cold', 'warm'] as const)('opens a connection for each request in a %s rotation', (kind) => {
    expect(rotations[kind]?.connections).toBe(11);
  });

  it('makes one client of the Milvus SDK for all rotations of a process', () => {
    // The constructor of the client sets this property.
    expect(callsOf('protoInternalPath={')).toBe(1);
  });
});

/** The part of a file of NODE_V8_COVERAGE that the test reads. The first range is the function. */
interface Coverage {
  readonly result: ReadonlyArray<{
    readonly url: string;
    readonly functions: ReadonlyArray<{
      readonly ranges: ReadonlyArray<{ startOffset: number; endOffset: number; count: number }>;
    }>;
  }>;
}
