import { EXCEPTION_NAMES, type PageData, type PageRotation, type PageSecret } from '../formats/page-data.ts';
import { element, svg } from './dom.ts';
import { age, dateTime, duration } from './format.ts';
import type { Column } from './table.ts';
import { drawMarks, groupOf, timeOf } from './timeline.ts';

export interface SecretRow {
  readonly secret: PageSecret;
  readonly rotations: readonly PageRotation[];
}

export interface RotationRow {
  readonly secret: PageSecret;
  readonly rotation: PageRotation;
}

export function secretColumns(data: PageData, showRotationsOf: (name: string) => void): readonly Column<SecretRow>[] {
  return [
    {
      title: 'Secret',
      sortBy: ({ secret }) => secret.name,
      cell: ({ secret }) => nameCell(secret),
    },
    { title: 'Owner', sortBy: ({ secret }) => secret.owner, cell: ({ secret }) => secret.owner || none('none') },
    {
      title: 'Policy',
      sortBy: ({ secret }) => secret.policy.join(' '),
      cell: ({ secret }) => policyCell(secret.policy),
    },
    { title: 'Age of the password', sortBy: ({ secret }) => shareOf(secret), cell: ({ secret }) => ageCell(secret) },
    {
      title: 'Rotations',
      sortBy: ({ rotations }) => rotations.length,
      cell: ({ secret, rotations }) => {
        const button = element(
          'button',
          { type: 'button', class: 'link', 'aria-label': `${rotations.length}, show the rotations of ${secret.name}` },
          String(rotations.length),
        );
        button.addEventListener('click', () => showRotationsOf(secret.name));
        return element('div', { class: 'past' }, button, drawMarks(rotations, data));
      },
    },
    {
      title: 'Exceptions',
      sortBy: ({ secret }) => secret.exceptions.length,
      cell: ({ secret }) => exceptionsCell(secret),
    },
  ];
}

export function rotationColumns(): readonly Column<RotationRow>[] {
  return [
    { title: 'Secret', sortBy: ({ secret }) => secret.name, cell: ({ secret }) => nameCell(secret) },
    {
      title: 'Start (UTC)',
      sortBy: ({ rotation }) => timeOf(rotation),
      cell: ({ rotation: { startedAt, sources } }) =>
        withSource(startedAt === null ? null : dateTime(startedAt), sources[1]),
    },
    {
      title: 'End (UTC)',
      sortBy: ({ rotation }) => rotation.endedAt ?? 0,
      cell: ({ rotation: { startedAt, endedAt, sources } }) => {
        const took = startedAt === null || endedAt === null ? '' : `, ${duration(endedAt - startedAt)}`;
        return withSource(endedAt === null ? null : `${dateTime(endedAt)}${took}`, sources[2]);
      },
    },
    {
      title: 'Started by',
      sortBy: ({ rotation }) => rotation.trigger ?? '',
      cell: ({ rotation: { trigger, sources } }) => withSource(trigger, sources[3]),
    },
    {
      title: 'Result',
      sortBy: ({ rotation }) => resultOf(rotation),
      cell: ({ rotation }) => resultCell(rotation),
    },
  ];
}

/** The result of a rotation, as the filter names it. */
export function resultOf({ kind, outcome }: PageRotation): string {
  if (kind === 'version') {
    return 'stored';
  }
  return kind === 'test' ? 'schedule test' : (outcome ?? 'not known');
}

function resultCell(rotation: PageRotation): Node {
  const { failures, versionId, sources } = rotation;
  const cell = element('div', {}, element('span', { class: `pill ${groupOf(rotation)}` }, resultOf(rotation)), ' ');
  if (sources[0] !== null) {
    cell.append(source(sources[0]));
  }
  for (const failure of failures) {
    cell.append(element('div', { class: 'small' }, failure));
  }
  cell.append(element('div', { class: 'small mono' }, versionId ?? ''));
  return cell;
}

/** A value and its source. */
function withSource(value: string | null, from: string | null): Node | string {
  if (value === null) {
    return none('not known');
  }
  return from === null ? value : element('div', {}, `${value} `, source(from));
}

function source(from: string): HTMLElement {
  return element('span', { class: 'source' }, from === 'cloudtrail' ? 'CloudTrail' : from);
}

function none(text: string): HTMLElement {
  return element('span', { class: 'none' }, text);
}

function nameCell({ name, place }: PageSecret): HTMLElement {
  const parts = place.map((part) => element('span', { class: 'part' }, part));
  const second = element(
    'div',
    { class: 'small' },
    ...parts.flatMap((part, index) => (index === 0 ? [part] : [' · ', part])),
  );
  // A long name breaks after a slash.
  const segments = name.split(/(?<=\/)/).flatMap((segment) => [segment, element('wbr')]);
  return element('div', { class: 'name' }, ...segments, second);
}

function policyCell([schedule, window]: readonly string[]): Node {
  return schedule === undefined
    ? element('span', { class: 'pill' }, 'off')
    : element('div', { class: 'policy' }, schedule, element('div', { class: 'small' }, window ?? ''));
}

/** How much of the allowed age has passed. Secrets without a schedule come after all others. */
function shareOf({ ageMs, allowedAgeMs }: PageSecret): number {
  return allowedAgeMs === null ? -1 : ageMs / Math.max(1, allowedAgeMs);
}

function ageCell(secret: PageSecret): Node {
  const { ageMs, allowedAgeMs } = secret;
  if (allowedAgeMs === null) {
    return element('div', {}, age(ageMs), element('div', { class: 'small' }, 'no schedule'));
  }
  const share = shareOf(secret);
  const text = `${age(ageMs)} of ${age(allowedAgeMs)}`;
  return element(
    'div',
    { class: 'age' },
    text,
    svg(
      'svg',
      { viewBox: '0 0 100 6', preserveAspectRatio: 'none', class: 'meter', 'aria-hidden': 'true' },
      svg('rect', { width: 100, height: 6, rx: 3, class: 'track' }),
      svg('rect', {
        width: Math.max(2, Math.min(100, share * 100)),
        height: 6,
        rx: 3,
        class: share > 1 ? 'over' : 'fill',
      }),
    ),
  );
}

function exceptionsCell({ exceptions }: PageSecret): Node {
  if (exceptions.length === 0) {
    return none('none');
  }
  return element(
    'ul',
    { class: 'exceptions' },
    ...exceptions.map(({ code, reason }) =>
      element('li', {}, element('span', { class: 'pill warn' }, EXCEPTION_NAMES[code]), ` ${reason}`),
    ),
  );
}
