import { PRICES } from './prices.ts';

export type Architecture = 'arm64' | 'x86_64';

/** What one rotation uses. */
export interface RotationProfile {
  /** Calls of Secrets Manager by the function. */
  readonly calls: number;
  /** How many of the calls read a value, and how many store one. */
  readonly reads: number;
  readonly writes: number;
  /** The sum of the billed durations of the four invocations, with the start of the worker. */
  readonly billedSeconds: number;
  readonly logBytes: number;
}

export interface Workload {
  /** Secrets that share the function. */
  readonly secrets: number;
  /** Rotations of each secret. */
  readonly rotationsPerMonth: number;
  readonly memoryMb: number;
  readonly architecture: Architecture;
  readonly rotation: RotationProfile;
  /** Whether the stack has alarms, a dashboard and the overdue check: `monitoring`. */
  readonly monitoring: boolean;
  /** Whether the secrets have a customer managed key, one for all. */
  readonly customerKey: boolean;
  /** Whether the function reaches one cluster and Secrets Manager through PrivateLink. */
  readonly privateLink: boolean;
}

/** Dollars per secret and month, by what AWS charges for. */
export type Cost = Readonly<Record<CostItem, number>>;

export type CostItem =
  | 'secret'
  | 'Secrets Manager calls'
  | 'Lambda'
  | 'logs'
  | 'custom metrics'
  | 'alarms and dashboard'
  | 'overdue check'
  | 'customer managed key'
  | 'PrivateLink';

/** What the project deploys once for all secrets. */
export const ASSUMED = {
  hoursPerMonth: 730,
  invocationsPerRotation: 4,
  /** One Decrypt for a read; GenerateDataKey and Decrypt for a write. */
  keyRequestsPerRead: 1,
  keyRequestsPerWrite: 2,
  /** The default of `logRetention` of the function. */
  logMonths: 3,
  /** StepSucceeded and StepDuration for each of the four steps. */
  metrics: 8,
  monitoring: { alarms: 6, dashboards: 1, metrics: 1 },
  overdueCheck: { memoryMb: 256, seconds: 1, secretsPerCall: 100 },
  privateLink: { endpoints: 2, zones: 2, hostedZones: 1 },
} as const;

const BYTES_PER_GB = 1024 ** 3;
const MB_PER_GB = 1024;

/** Lambda's charge for one rotation, in dollars. */
export function lambdaCostOfRotation(
  billedSeconds: number,
  { memoryMb, architecture }: Pick<Workload, 'memoryMb' | 'architecture'>,
): number {
  return lambdaCost({ billedSeconds, memoryMb, architecture, invocations: ASSUMED.invocationsPerRotation });
}

export function monthlyCostPerSecret(workload: Workload): Cost {
  const { secrets, rotationsPerMonth, rotation, architecture } = workload;
  const perRotation = (dollars: number): number => rotationsPerMonth * dollars;
  const shared = (dollars: number): number => dollars / secrets;
  const { overdueCheck, privateLink, hoursPerMonth } = ASSUMED;
  const monitoring = workload.monitoring ? ASSUMED.monitoring : { alarms: 0, dashboards: 0, metrics: 0 };
  const listCalls = Math.ceil(secrets / overdueCheck.secretsPerCall);
  const hourlyCheck =
    lambdaCost({ ...overdueCheck, billedSeconds: overdueCheck.seconds, architecture, invocations: 1 }) +
    listCalls * PRICES.secretsManagerCall.dollars;
  const keyRequests = rotation.reads * ASSUMED.keyRequestsPerRead + rotation.writes * ASSUMED.keyRequestsPerWrite;
  const logPrice = PRICES.logIngestion.dollars + ASSUMED.logMonths * PRICES.logStorage.dollars;
  const endpointHours = privateLink.endpoints * privateLink.zones * hoursPerMonth;
  return {
    secret: PRICES.secret.dollars,
    'Secrets Manager calls': perRotation(rotation.calls * PRICES.secretsManagerCall.dollars),
    Lambda: perRotation(lambdaCostOfRotation(rotation.billedSeconds, workload)),
    logs: perRotation((rotation.logBytes / BYTES_PER_GB) * logPrice),
    'custom metrics': shared((ASSUMED.metrics + monitoring.metrics) * PRICES.metric.dollars),
    'alarms and dashboard': shared(
      monitoring.alarms * PRICES.alarm.dollars + monitoring.dashboards * PRICES.dashboard.dollars,
    ),
    'overdue check': workload.monitoring ? shared(hoursPerMonth * hourlyCheck) : 0,
    'customer managed key': workload.customerKey
      ? shared(PRICES.key.dollars) + perRotation(keyRequests * PRICES.keyRequest.dollars)
      : 0,
    PrivateLink: workload.privateLink
      ? shared(endpointHours * PRICES.endpointHour.dollars + privateLink.hostedZones * PRICES.hostedZone.dollars)
      : 0,
  };
}

export function total(cost: Cost): number {
  return Object.values(cost).reduce((sum, dollars) => sum + dollars, 0);
}

/** `billedSeconds` is the sum for all invocations. */
function lambdaCost({
  billedSeconds,
  memoryMb,
  architecture,
  invocations,
}: Pick<Workload, 'memoryMb' | 'architecture'> & { billedSeconds: number; invocations: number }): number {
  const second = architecture === 'arm64' ? PRICES.lambdaSecondArm : PRICES.lambdaSecondX86;
  return (memoryMb / MB_PER_GB) * billedSeconds * second.dollars + invocations * PRICES.lambdaRequest.dollars;
}
