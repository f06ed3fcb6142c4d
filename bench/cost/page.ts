import { DEFAULT_MEMORY_MB } from '../../infra/rules/function-settings.ts';
import type { MemoryMeasurement } from '../memory/measure.ts';
import { longLivedText, memoryTable, pressureTable } from '../memory/page.ts';
import { billedSeconds } from '../memory/share.ts';
import { type Blocks, digits, table } from '../pages/generated-block.ts';
import { type CostItem, monthlyCostPerSecret, type RotationProfile, total, type Workload } from './cost-model.ts';
import { PRICES } from './prices.ts';

const FLEETS = [1, 10, 100, 1000];
const FLEET_HEADS = FLEETS.map((secrets) => `${digits(secrets)} secret${secrets === 1 ? '' : 's'}`);

/** The tables in docs/cost.md. */
export function costBlocks(measured: MemoryMeasurement): Blocks {
  return {
    cost: costTable(measured),
    options: optionsTable(measured),
    profile: profileTable(measured),
    prices: priceTable(),
    memory: memoryTable(measured),
    'long-lived': longLivedText(measured),
    pressure: pressureTable(measured),
  };
}

/** The cold rotation of the measurement, with a memory size. */
function profileOf({ unlimited, logBytes }: MemoryMeasurement, memoryMb: number): RotationProfile {
  const calls = Object.entries(unlimited.coldCalls).map(([action, count]) => ({ action, count }));
  const countOf = (name: string): number =>
    calls.filter(({ action }) => action.endsWith(`.${name}`)).reduce((sum, { count }) => sum + count, 0);
  return {
    calls: calls.reduce((sum, { count }) => sum + count, 0),
    reads: countOf('GetSecretValue'),
    writes: countOf('PutSecretValue'),
    billedSeconds: billedSeconds(unlimited.cold, memoryMb),
    logBytes,
  };
}

function workload(measured: MemoryMeasurement, options: Partial<Workload> = {}): Workload {
  const memoryMb = options.memoryMb ?? DEFAULT_MEMORY_MB;
  return {
    secrets: 1000,
    rotationsPerMonth: 1,
    memoryMb,
    architecture: 'arm64',
    rotation: profileOf(measured, memoryMb),
    monitoring: true,
    customerKey: false,
    privateLink: false,
    ...options,
  };
}

function costTable(measured: MemoryMeasurement): string {
  const costs = FLEETS.map((secrets) => monthlyCostPerSecret(workload(measured, { secrets })));
  const items = Object.keys(costs[0] ?? {}) as CostItem[];
  const rows = items
    .filter((item) => costs.some((cost) => cost[item] > 0))
    .map((item) => [item, ...costs.map((cost) => dollars(cost[item]))]);
  return table(
    ['charge', ...FLEET_HEADS],
    [...rows, ['**total**', ...costs.map((cost) => `**${dollars(total(cost))}**`)]],
  );
}

function optionsTable(measured: MemoryMeasurement): string {
  const options: Readonly<Record<string, Partial<Workload>>> = {
    'as above': {},
    'without `monitoring`': { monitoring: false },
    'x86_64 instead of arm64': { architecture: 'x86_64' },
    'a rotation every day': { rotationsPerMonth: 30 },
    'one customer managed key for all secrets': { customerKey: true },
    'PrivateLink to one cluster and to Secrets Manager, two zones': { privateLink: true },
  };
  const rows = Object.entries(options).map(([name, option]) => [
    name,
    ...FLEETS.map((secrets) => dollars(total(monthlyCostPerSecret(workload(measured, { ...option, secrets }))))),
  ]);
  return table(['', ...FLEET_HEADS], rows);
}

function profileTable(measured: MemoryMeasurement): string {
  const { calls, reads, writes, billedSeconds: seconds, logBytes } = profileOf(measured, DEFAULT_MEMORY_MB);
  return table(
    ['a cold rotation', 'value'],
    [
      ['calls of Secrets Manager', `${calls}, of which ${reads} read and ${writes} store a value`],
      ['the same with a worker that has rotated before', digits(sumOf(measured.unlimited.warmCalls))],
      [`billed time with ${DEFAULT_MEMORY_MB} MB, by the model below`, `${digits(seconds)} s`],
      ['logs', `${digits(logBytes)} bytes`],
    ],
  );
}

function priceTable(): string {
  return table(
    ['price in us-east-1', 'for one', 'page'],
    Object.values(PRICES).map(({ dollars: price, unit, page }) => [dollars(price), unit, `<${page}>`]),
  );
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** `$0.40`, `$6.71`, `$0.00007`. */
function dollars(value: number): string {
  const [whole, fraction = ''] = digits(value).split('.');
  return `$${whole}.${fraction.padEnd(2, '0')}`;
}
