import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { awsOptions, type LocalCloudAccess } from '../../local/cloud/access.ts';

export interface LambdaMetrics {
  /** The sum of all durations. In the emulator, a duration includes the start of a worker. */
  readonly seconds: number;
  /** The number of invocations, without those that Lambda refused. */
  readonly invocations: number;
}

const DAY = 86_400;

/**
 * The sums of the function's metrics from one day before to one day after the real time, because
 * CloudWatch ignores the clock of the emulator.
 */
export async function lambdaMetrics(access: LocalCloudAccess, functionName: string): Promise<LambdaMetrics> {
  const client = new CloudWatch(awsOptions(access));
  const sum = async (MetricName: string): Promise<number> => {
    const { Datapoints = [] } = await client.getMetricStatistics({
      Namespace: 'AWS/Lambda',
      MetricName,
      Dimensions: [{ Name: 'FunctionName', Value: functionName }],
      StartTime: new Date(Date.now() - DAY * 1000),
      EndTime: new Date(Date.now() + DAY * 1000),
      Period: DAY,
      Statistics: ['Sum'],
    });
    return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
  };
  // The emulator counts a refused invocation in both metrics.
  const invocations = (await sum('Invocations')) - (await sum('Throttles'));
  const seconds = (await sum('Duration')) / 1000;
  client.destroy();
  return { seconds, invocations };
}
