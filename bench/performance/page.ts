import { HELP_TARGET_MS, type HelpResults } from '../cli-help/results.ts';
import { count, megabytes, milliseconds, spread } from '../pages/format.ts';
import { plotsOf } from './plots.ts';
import type { Results, RotationFigures, SubjectFigures } from './results.ts';
import { STEPS } from './sample.ts';
import { judge } from './targets.ts';

/** @returns docs/performance.md. */
export function pageOf(results: Results, help: HelpResults): string {
  const { date, seconds, rounds, warmRotations, node, cores, subjects } = results;
  const plots = [...plotsOf(results)].map(
    ([file, svg]) => `![${/<title>(.*)<\/title>/.exec(svg)?.[1]}](images/${file})`,
  );
  const targets = judge(results).map(({ figure, relativeTo, atMost, measured, isMet }) => [
    figure,
    relativeTo,
    `≤ ${atMost.toFixed(2)}`,
    measured.toFixed(3),
    isMet ? 'pass' : '**fail**',
  ]);
  return `<!-- npm run bench writes this page. To change its text: bench/performance/page.ts, then npm run generate. -->
# Performance

For evaluators who compare this function with alternatives, and for developers who change what a rotation costs. After this page you can name the cost of a
rotation relative to other functions, and repeat the measurement.

\`\`\`sh
npm run bench                 # at most ten minutes on two cores; leave the machine alone meanwhile
npm run bench -- --rounds 1   # a short trial
\`\`\`

The command writes this page, its plots and [performance.json](../bench/results/performance.json).

## What is measured

| function | what it is |
|---|---|
${table(subjects.map(({ id, title, packages }) => [title, aboutSubject(id, packages)]))}

- Last run: ${date}, ${seconds} seconds, ${rounds === 1 ? '1 round (a trial)' : `${rounds} rounds`} on Node ${node} and ${cores} cores. In each round, every function gets a fresh process. The order of the functions changes with each round. One
  more round before them warms the servers and is discarded.
- Cold is the first rotation of a process. Warm are the ${warmRotations} rotations after it.
- All functions use the same servers: the AWS emulator and a real Milvus without TLS, on the same machine. A front between the function and each server counts requests
  and connections. It also measures the time from the cluster's answer to the change until AWSCURRENT has moved.
- The benchmark starts the next step as soon as a step has ended.
- CPU time and peak memory are those of the process. CPU time of a cold rotation includes the start of the process and the load.

## Targets

The targets are ratios of medians within one run.

| figure of this function | relative to | target | measured | |
|---|---|---|---|---|
${table(targets)}

## A cold rotation

| function | load | ${STEPS.join(' | ')} | all steps | CPU time | peak memory | change to AWSCURRENT |
|${'---|'.repeat(10)}
${table(subjects.map((figures) => [figures.title, spread(figures.loadMs, milliseconds), ...timesOf(figures.cold)]))}

Each cell is the median. In parentheses: the least and the most of all samples.

## A warm rotation

| function | ${STEPS.join(' | ')} | all steps | CPU time | peak memory | change to AWSCURRENT |
|${'---|'.repeat(9)}
${table(subjects.map((figures) => [figures.title, ...timesOf(figures.warm)]))}

## Bytes, calls and connections

These figures do not depend on the machine.

| function | bytes | AWS calls, cold | warm | cluster requests, cold | warm | new cluster connections, cold | warm |
|${'---|'.repeat(8)}
${table(subjects.map(countsOf))}

Bytes are those of the deployed code, uncompressed. For Python, they are those of pymilvus and its dependencies, because Lambda's runtime contains boto3.

## Plots

${plots.join('\n\n')}

## The command \`zilliz-rotation\`

\`npm run bench:help\` measures the CPU time, user and system, of a cold \`zilliz-rotation --help\`, compiled as in its package. Last run: ${help.date}, ${help.runs} runs on Node ${help.node}.

| program | CPU time | target |
|---|---|---|
| \`zilliz-rotation --help\` | ${spread(help.helpMs, milliseconds)} | < ${HELP_TARGET_MS} ms: ${help.helpMs.median < HELP_TARGET_MS ? 'pass' : '**fail**'} |
| \`node -e 0\` | ${spread(help.nodeMs, milliseconds)} | |

A test checks that \`--help\` loads no SDK. In a clone, where Node runs the TypeScript sources, \`zilliz-rotation --help\` took 253–280 ms in six runs on 2026-11-26, so the target is for the package only.

## What these figures do not say

- Times depend on the machine. Only the ratios within one run can be compared with another run.
- A function in Lambda with little memory gets a part of a core, so a rotation takes longer there than here. CPU time shows by how much relative to another function.
- The servers and the functions share the cores. There is no TLS, and the network adds no delay. In production, each connection and each request costs more time, and
  the logins cost more than they do here.
- Milvus 2.3.5 has no REST v2. With REST, each request also passes a server of this project, which calls Milvus by gRPC. The time of this server is included, its CPU
  time and memory are not.
- Secrets Manager takes time between two steps. This time is not included.
- AWS's algorithm and commit 648522f send fewer requests to the cluster and open fewer connections, because they do not prove what
  [decision 0105](decisions/0105-several-logins-before-a-promotion.md) asks for.
`;
}

function aboutSubject(id: string, packages: string | undefined): string {
  const source = packages === undefined ? '' : `. Its packages come from ${packages}`;
  return `${ABOUT[id] ?? id}${source}`;
}

const ABOUT: Readonly<Record<string, string>> = {
  grpc: 'the bundle that `cdk deploy` of this checkout deploys',
  rest: 'the same bundle with REST instead of gRPC. A small server of this project answers REST in front of Milvus',
  baseline: 'the bundle of that commit, made with its own code',
  'one-sdk-client':
    "AWS's single-user algorithm in TypeScript, on the Milvus SDK as it is, with one client per process",
  python: "the algorithm of AWS's Python templates, on pymilvus and boto3",
  http2: 'the same algorithm on `node:http2` with messages encoded by hand: the lower bound',
};

function timesOf({ steps, rotationMs, cpuMs, peakBytes, changeToCurrentMs }: RotationFigures): string[] {
  return [
    ...STEPS.map((step) => milliseconds(steps[step].median)),
    spread(rotationMs, milliseconds),
    spread(cpuMs, milliseconds),
    spread(peakBytes, megabytes),
    spread(changeToCurrentMs, milliseconds),
  ];
}

function countsOf({ title, bytes, cold, warm }: SubjectFigures): string[] {
  const counts = (['awsCalls', 'clusterRequests', 'connections'] as const).flatMap((name) => [
    count(cold[name]),
    count(warm[name]),
  ]);
  return [title, megabytes(bytes), ...counts];
}

const table = (rows: ReadonlyArray<readonly string[]>): string =>
  rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
