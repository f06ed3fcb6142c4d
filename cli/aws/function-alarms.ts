import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';

/** Which of the alarms watch the function, or the check for its overdue rotations. */
export function alarmsAround(functionName: string, alarms: readonly MetricAlarm[]): readonly MetricAlarm[] {
  // The alarms of the check have its own name as dimension. The description of one of them says
  // how to list the secrets of the rotation function (infra/monitoring/rotation-alarms.ts).
  const ofCheck = alarms.filter(({ AlarmDescription = '' }) =>
    AlarmDescription.includes(`--rotated-by ${functionName}.`),
  );
  const watched = new Set([functionName, ...ofCheck.flatMap(dimensionsOf)]);
  return alarms.filter((alarm) => dimensionsOf(alarm).some((value) => watched.has(value)));
}

function dimensionsOf({ Dimensions = [], Metrics = [] }: MetricAlarm): string[] {
  const ofMetrics = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric?.Dimensions ?? []);
  return [...Dimensions, ...ofMetrics].map(({ Value = '' }) => Value);
}
