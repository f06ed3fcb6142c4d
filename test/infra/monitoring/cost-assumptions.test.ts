import { expect, test } from 'vitest';
import { ASSUMED } from '../../../bench/cost/cost-model.ts';
import { METRIC } from '../../../telemetry/metrics.ts';
import { templateOfConfiguration } from '../support/templates.ts';

test('the assumed metrics, alarms and dashboards are those of the stack', () => {
  const template = templateOfConfiguration('monitoring: {}\nsecrets:\n  - name: milvus/orders\n');
  template.resourceCountIs('AWS::CloudWatch::Alarm', ASSUMED.monitoring.alarms);
  template.resourceCountIs('AWS::CloudWatch::Dashboard', ASSUMED.monitoring.dashboards);
  template.hasResourceProperties('AWS::Lambda::Function', { MemorySize: ASSUMED.overdueCheck.memoryMb });
  // Two metrics of each of four steps, and the metric of the overdue check. Failures have more.
  expect(METRIC).toMatchObject({ stepSucceeded: 'StepSucceeded', stepDuration: 'StepDuration' });
  expect(ASSUMED.metrics).toBe(2 * 4);
  expect(ASSUMED.monitoring.metrics).toBe(1);
});
