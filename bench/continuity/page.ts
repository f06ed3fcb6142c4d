import { table } from '../../build/pages.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { digits } from '../numbers.ts';
import type { ClientName } from './clients.ts';
import { ROTATION } from './events.ts';
import { failedCalls, type RunSettings, type StrategyRun, subjectOf } from './results.ts';

function titleOf(client: ClientName, intervalMs: number): string {
  const titles: Record<ClientName, string> = {
    rotating: 'zilliz-secret-client',
    interval: `SDK, re-reads every ${intervalMs / 1000} s`,
    failure: 'SDK, re-reads after a refusal',
    never: 'SDK, never re-reads',
  };
  return titles[client];
}

/** The title of a strategy without its relative clause: `two users`. */
function shortTitle(strategy: StrategyRun['strategy']): string {
  return STRATEGIES[strategy].title.replace(/,? (that|of which) .*/, '');
}

/** The tables in docs/continuity.md. `machine` says when and where the runs took place. */
export function continuityBlocks(
  machine: string,
  settings: RunSettings,
  runs: readonly StrategyRun[],
): Record<string, string> {
  const { workers, rotations, gapMs } = settings;
  const minutes = new Intl.ListFormat('en').format(runs.map(({ seconds }) => digits(seconds / 60)));
  const codes = runs.flatMap(({ applications }) => applications.flatMap(({ failures }) => Object.keys(failures)));
  return {
    'bench:continuity': [
      `${machine}, ${minutes} minutes. Each application has ${workers} workers.`,
      `${rotations} rotations, then the faults. The gap between two rotations is at least ${gapMs / 1000} s.`,
      `Codes of the failed calls: ${[...new Set(codes)].join(', ')}. Code 16 is a refused credential.`,
      `\n${callsTable(settings, runs)}`,
    ].join('\n'),
    'bench:continuity-latency': latencyTable(runs),
    'bench:continuity-faults': faultsTable(settings, runs),
  };
}

/** Without the numbers that a promise keeps at 0 for every client. */
function callsTable({ rotations, intervalMs }: RunSettings, runs: readonly StrategyRun[]): string {
  return table(
    [
      ...['secret', 'client', 'calls a second', 'calls', `failed in ${rotations} rotations`],
      ...['failed around faults', 'confirmed inserts', 'executed although failed'],
    ],
    runs.flatMap(({ strategy, applications }) =>
      applications.map((application) => {
        const { client, calls, callsPerSecond, around, inserts } = application;
        const inRotations = around[ROTATION.name]?.failed ?? 0;
        const title = titleOf(client, intervalMs);
        const aroundFaults = failedCalls(application) - inRotations;
        return [
          shortTitle(strategy),
          client === subjectOf(strategy) ? `**${title}**` : title,
          ...[callsPerSecond, calls, inRotations, aroundFaults, inserts.confirmed, inserts.unconfirmed].map(digits),
        ];
      }),
    ),
  );
}

/** The repeated calls of the rotating client. */
function latencyTable(runs: readonly StrategyRun[]): string {
  const rows = runs.flatMap(({ strategy, applications }) =>
    applications
      .filter(({ client }) => client === 'rotating')
      .map(({ around: { [ROTATION.name]: rotations, ...faults } }) => {
        const { calls = 0, medianMs = 0, maxMs = 0 } = rotations?.repeated ?? {};
        const aroundFaults = Object.values(faults).flatMap(({ repeated = [] }) => repeated);
        const ofFaults = aroundFaults.reduce((sum, repeated) => sum + repeated.calls, 0);
        const longest = Math.max(0, ...aroundFaults.map((repeated) => repeated.maxMs));
        return [shortTitle(strategy), ...[calls, medianMs, maxMs, ofFaults, longest].map(digits)];
      }),
  );
  return table(
    ['secret', 'calls in rotations', 'median (ms)', 'maximum (ms)', 'calls around faults', 'maximum (ms)'],
    rows,
  );
}

/** Each cell has a number for each strategy. No call of the rotating client may fail. */
function faultsTable({ clients, intervalMs }: RunSettings, runs: readonly StrategyRun[]): string {
  const others = clients.filter((client) => client !== 'rotating');
  const names = new Set(runs.flatMap(({ events }) => events.map(({ name }) => name)));
  names.delete(ROTATION.name);
  const failed = (name: string, client: ClientName): string =>
    runs
      .map(({ applications }) => applications.find((application) => application.client === client)?.around[name])
      .map((around) => (around === undefined ? '–' : digits(around.failed)))
      .join(' / ');
  return table(
    [
      `fault (${runs.map(({ strategy }) => shortTitle(strategy)).join(' / ')})`,
      ...others.map((client) => titleOf(client, intervalMs)),
    ],
    [...names].map((name) => [name, ...others.map((client) => failed(name, client))]),
  );
}
