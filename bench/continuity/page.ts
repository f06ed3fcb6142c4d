import { type Blocks, digits, table } from '../pages/generated-block.ts';
import { ROTATION } from './events.ts';
import { failedCalls } from './judgement.ts';
import { type ApplicationResult, type ContinuityResults, type StrategyRun, SUBJECT } from './results.ts';
import { timeline } from './timeline.ts';
import { STRATEGY_TITLES, titleOf } from './titles.ts';

/** The tables in docs/continuity.md. */
export function continuityBlocks(results: ContinuityResults): Blocks {
  return {
    continuity: `${settingsOf(results)}\n\n${callsTable(results)}`,
    'continuity-latency': latencyTable(results),
    'continuity-faults': faultsTable(results),
  };
}

/** The files of docs/images, by name. */
export function continuityPictures({ runs, settings }: ContinuityResults): Map<string, string> {
  return new Map(
    runs.map((run) => {
      const title = `Calls of four applications through rotations, ${STRATEGY_TITLES[run.strategy]}`;
      return [`continuity-${run.strategy}.svg`, timeline(title, run, settings)];
    }),
  );
}

function settingsOf({ date, processors, node, settings, runs }: ContinuityResults): string {
  const { workers, rotations, gapMs } = settings;
  const minutes = runs.map(({ seconds }) => (seconds / 60).toFixed(1)).join(' and ');
  const codes = new Set(
    runs.flatMap(({ applications }) => applications.flatMap(({ failures }) => Object.keys(failures))),
  );
  return [
    `Run of ${date}: ${processors} processors, Node ${node}, ${minutes} minutes.`,
    `Each application has ${workers} workers. ${rotations} rotations, then the faults. The gap between two rotations is at least ${gapMs / 1000} s.`,
    `Codes of the failed calls: ${[...codes].map((code) => (code === '16' ? '16 (refused credential)' : code)).join(', ')}.`,
  ].join('\n');
}

/** The table of all applications, which the benchmark also prints. */
export function callsTable({ settings, runs }: Pick<ContinuityResults, 'settings' | 'runs'>): string {
  const heads = ['secret', 'client', 'calls a second', 'calls', `failed in ${settings.rotations} rotations`];
  return table(
    [
      ...heads,
      'failed around faults',
      'failed (% of calls)',
      'confirmed inserts',
      'lost',
      'duplicate',
      'executed although failed',
    ],
    runs.flatMap((run) =>
      run.applications.map((application) => {
        const inRotations = application.around[ROTATION.name]?.failed ?? 0;
        const { confirmed, lost, duplicates, unconfirmed } = application.inserts;
        const failed = failedCalls(application);
        const numbers = [application.calls, inRotations, failed - inRotations, (failed / application.calls) * 100];
        return [
          STRATEGY_TITLES[run.strategy],
          emphasised(run, application, titleOf(application.client, settings)),
          digits(application.callsPerSecond),
          ...[...numbers, confirmed, lost, duplicates, unconfirmed].map(digits),
        ];
      }),
    ),
  );
}

function emphasised({ strategy }: StrategyRun, { client }: ApplicationResult, title: string): string {
  return client === SUBJECT[strategy] ? `**${title}**` : title;
}

function latencyTable({ runs }: ContinuityResults): string {
  const rows = runs.flatMap(({ strategy, applications }) =>
    applications.flatMap(({ around }) =>
      Object.entries(around).flatMap(([name, { repeated }]) => {
        const title = name === ROTATION.name ? 'all rotations before the faults' : name;
        return repeated === undefined
          ? []
          : [
              [
                STRATEGY_TITLES[strategy],
                title,
                ...[repeated.calls, repeated.p50Ms, repeated.p99Ms, repeated.maxMs].map(digits),
              ],
            ];
      }),
    ),
  );
  return table(['secret', 'around', 'repeated calls', 'p50 (ms)', 'p99 (ms)', 'maximum (ms)'], rows);
}

function faultsTable({ settings, runs }: ContinuityResults): string {
  const columns = runs.flatMap((run) => run.applications.map((application) => ({ run, application })));
  const names = new Set(runs.flatMap(({ events }) => events.map(({ name }) => name)));
  names.delete(ROTATION.name);
  return table(
    [
      'fault',
      ...columns.map(
        ({ run, application }) => `${STRATEGY_TITLES[run.strategy]}: ${titleOf(application.client, settings)}`,
      ),
    ],
    [...names].map((name) => [
      name,
      ...columns.map(({ application }) => {
        const failed = application.around[name]?.failed;
        return failed === undefined ? '–' : digits(failed);
      }),
    ]),
  );
}
