import { EXCEPTION_NAMES, type PageData } from '../formats/page-data.ts';
import { type RotationRow, resultOf, rotationColumns, type SecretRow, secretColumns } from './columns.ts';
import { byId } from './dom.ts';
import { type Choice, createFilters } from './filters.ts';
import { createTable } from './table.ts';
import { drawTimeline } from './timeline.ts';

const data = JSON.parse(byId('data').textContent ?? '') as PageData;

const ofSecret = Map.groupBy(data.rotations, ({ secret }) => secret);
const secretRows = data.secrets.map((secret, index): SecretRow => ({ secret, rotations: ofSecret.get(index) ?? [] }));
const rotationRows = secretRows.flatMap(({ secret, rotations }) =>
  rotations.map((rotation): RotationRow => ({ secret, rotation })),
);

/** The list and the choices that the buttons of the page pick. */
const STATE = 'State';

function stateChoices(): readonly Choice<SecretRow>[] {
  const codes = [...new Set(data.secrets.flatMap(({ exceptions }) => exceptions.map(({ code }) => code)))].sort();
  const failed = [...new Set(data.secrets.flatMap(({ failedControls }) => failedControls))].sort((a, b) => a - b);
  return [
    { name: 'without exceptions', matches: ({ secret }) => secret.exceptions.length === 0 },
    { name: 'with exceptions', matches: ({ secret }) => secret.exceptions.length > 0 },
    ...codes.map((code) => ({
      name: EXCEPTION_NAMES[code],
      matches: ({ secret }: SecretRow) => secret.exceptions.some((exception) => exception.code === code),
    })),
    ...failed.map((index) => ({
      name: `fails ${data.controls[index] ?? ''}`,
      matches: ({ secret }: SecretRow) => secret.failedControls.includes(index),
    })),
  ];
}

/** One choice for each value. */
function choicesOf<Row>(rows: readonly Row[], textOf: (row: Row) => string): readonly Choice<Row>[] {
  const values = [...new Set(rows.map(textOf))].sort();
  return values.map((value) => ({ name: value || 'none', matches: (row) => textOf(row) === value }));
}

byId('timeline').replaceChildren(...drawTimeline(data));

const showRotations = createTable<RotationRow>({
  host: byId('rotation-rows'),
  caption: 'Rotations of the period',
  noun: 'rotation',
  columns: rotationColumns(),
  sortedBy: { column: 1, descending: true },
});
const rotationFilters = createFilters<RotationRow>({
  host: byId('rotation-filters'),
  placeholder: 'Search secret, principal, version or code',
  textOf: ({ secret, rotation: { trigger, versionId, failures } }) =>
    [secret.name, ...secret.place, secret.owner, trigger, versionId, ...failures].join(' '),
  lists: [{ label: 'Result', choices: choicesOf(rotationRows, ({ rotation }) => resultOf(rotation)) }],
  rows: rotationRows,
  show: showRotations,
});

const showSecrets = createTable<SecretRow>({
  host: byId('secret-rows'),
  caption: 'Secrets in scope',
  noun: 'secret',
  columns: secretColumns(data, (name) => {
    rotationFilters.search(name);
    byId('rotations').scrollIntoView();
    byId('rotations').focus();
  }),
  sortedBy: { column: 3, descending: true },
});
const secretFilters = createFilters<SecretRow>({
  host: byId('secret-filters'),
  placeholder: 'Search secret, region, account or owner',
  textOf: ({ secret: { name, place, owner } }) => [name, ...place, owner].join(' '),
  lists: [
    { label: STATE, choices: stateChoices() },
    { label: 'Owner', choices: choicesOf(secretRows, ({ secret }) => secret.owner) },
  ],
  rows: secretRows,
  show: showSecrets,
});

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-state]')) {
  const state = button.dataset['state'] ?? '';
  button.addEventListener('click', () => {
    secretFilters.pick(STATE, EXCEPTION_NAMES[state as keyof typeof EXCEPTION_NAMES] ?? state);
    byId('secrets').scrollIntoView();
    byId('secrets').focus();
  });
}
