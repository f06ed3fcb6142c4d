import { expect, test } from 'vitest';
import {
  ASSUMED,
  lambdaCostOfRotation,
  monthlyCostPerSecret,
  total,
  type Workload,
} from '../../../bench/cost/cost-model.ts';
import { PRICES, PRICES_AS_OF } from '../../../bench/cost/prices.ts';

const WORKLOAD: Workload = {
  secrets: 10,
  rotationsPerMonth: 2,
  memoryMb: 512,
  architecture: 'arm64',
  rotation: { calls: 14, reads: 6, writes: 1, billedSeconds: 3, logBytes: 1024 ** 2 },
  monitoring: true,
  customerKey: false,
  privateLink: false,
};

test("Lambda's charge for a rotation has GB-seconds and four requests", () => {
  const requests = (4 * 0.2) / 1e6;
  expect(lambdaCostOfRotation(3, { memoryMb: 512, architecture: 'arm64' })).toBeCloseTo(
    0.5 * 3 * 0.0000133334 + requests,
    12,
  );
  expect(lambdaCostOfRotation(3, { memoryMb: 128, architecture: 'x86_64' })).toBeCloseTo(
    0.125 * 3 * 0.0000166667 + requests,
    12,
  );
});

test('the charges of a secret grow with its rotations, and shared charges are divided', () => {
  const cost = monthlyCostPerSecret(WORKLOAD);
  expect(cost.secret).toBe(0.4);
  expect(cost['Secrets Manager calls']).toBeCloseTo((2 * 14 * 0.05) / 10_000, 12);
  expect(cost.Lambda).toBeCloseTo(2 * lambdaCostOfRotation(3, WORKLOAD), 12);
  expect(cost.logs).toBeCloseTo((2 / 1024) * (0.5 + 3 * 0.03), 12);
  expect(cost['custom metrics']).toBeCloseTo((9 * 0.3) / 10, 12);
  expect(cost['alarms and dashboard']).toBeCloseTo((ASSUMED.monitoring.alarms * 0.1 + 3) / 10, 12);
  expect(cost['overdue check']).toBeCloseTo((730 * (0.25 * 0.0000133334 + 0.2 / 1e6 + 0.05 / 10_000)) / 10, 12);
  expect(total(cost)).toBeCloseTo(
    Object.values(cost).reduce((sum, dollars) => sum + dollars, 0),
    12,
  );
});

test('one rotation a month costs less than a thousandth of its secret', () => {
  const { secret, ...cost } = monthlyCostPerSecret({ ...WORKLOAD, rotationsPerMonth: 1 });
  expect(cost['Secrets Manager calls'] + cost.Lambda).toBeLessThan(secret / 1000);
});

test('without monitoring, only the metrics of the function are shared', () => {
  expect(monthlyCostPerSecret({ ...WORKLOAD, monitoring: false })).toMatchObject({
    'custom metrics': (8 * 0.3) / 10,
    'alarms and dashboard': 0,
    'overdue check': 0,
  });
});

test('the overdue check lists 100 secrets in a call', () => {
  const check = (secrets: number): number => secrets * monthlyCostPerSecret({ ...WORKLOAD, secrets })['overdue check'];
  expect(check(101) - check(100)).toBeCloseTo((730 * 0.05) / 10_000, 9);
  expect(check(100)).toBeCloseTo(check(1), 9);
});

test('a customer managed key costs its price and its requests', () => {
  const { 'customer managed key': key } = monthlyCostPerSecret({ ...WORKLOAD, customerKey: true });
  expect(key).toBeCloseTo(1 / 10 + (2 * (6 + 2) * 0.03) / 10_000, 12);
  expect(monthlyCostPerSecret(WORKLOAD)['customer managed key']).toBe(0);
});

test('PrivateLink costs its endpoint hours and a hosted zone', () => {
  expect(monthlyCostPerSecret({ ...WORKLOAD, privateLink: true }).PrivateLink).toBeCloseTo(
    (2 * 2 * 730 * 0.01 + 0.5) / 10,
    12,
  );
  expect(monthlyCostPerSecret(WORKLOAD).PrivateLink).toBe(0);
});

test('every price names a pricing page of AWS, and the prices have a date', () => {
  expect(PRICES_AS_OF).toMatch(/^\d{4}-\d\d-\d\d$/);
  for (const { page, dollars } of Object.values(PRICES)) {
    expect(page).toMatch(/^https:\/\/aws\.amazon\.com\/[\w-]+\/pricing\/$/);
    expect(dollars).toBeGreaterThan(0);
  }
});
