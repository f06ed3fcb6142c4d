import { element } from './dom.ts';

export interface Choice<Row> {
  readonly name: string;
  readonly matches: (row: Row) => boolean;
}

export interface Filters {
  /** Shows only rows with this text. */
  readonly search: (text: string) => void;
  /** Picks the option of a list by its name. */
  readonly pick: (label: string, name: string) => void;
}

interface FilterOptions<Row> {
  readonly host: HTMLElement;
  readonly placeholder: string;
  /** The text in which the search looks. */
  readonly textOf: (row: Row) => string;
  readonly lists: readonly { readonly label: string; readonly choices: readonly Choice<Row>[] }[];
  readonly rows: readonly Row[];
  readonly show: (rows: readonly Row[]) => void;
}

/** A search field, and lists of choices that all must match. Shows all rows at first. */
export function createFilters<Row>({ host, placeholder, textOf, lists, rows, show }: FilterOptions<Row>): Filters {
  const texts = rows.map((row) => textOf(row).toLowerCase());
  const input = element('input', { type: 'search', placeholder, 'aria-label': placeholder });
  const selects = lists.map(({ label, choices }) => ({
    label,
    choices,
    select: element(
      'select',
      { 'aria-label': label },
      element('option', { value: '' }, `${label}: all`),
      ...choices.map(({ name }, index) => element('option', { value: String(index) }, name)),
    ),
  }));

  const apply = (): void => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const picked = selects.flatMap(({ choices, select }) =>
      select.value === '' ? [] : (choices[Number(select.value)] ?? []),
    );
    show(
      rows.filter(
        (row, index) =>
          words.every((word) => texts[index]?.includes(word)) && picked.every(({ matches }) => matches(row)),
      ),
    );
  };
  const clear = element('button', { type: 'button' }, 'Clear');
  clear.addEventListener('click', () => {
    input.value = '';
    for (const { select } of selects) {
      select.value = '';
    }
    apply();
  });
  input.addEventListener('input', apply);
  for (const { select } of selects) {
    select.addEventListener('change', apply);
  }
  host.replaceChildren(input, ...selects.map(({ select }) => select), clear);
  apply();

  return {
    search: (text) => {
      input.value = text;
      apply();
    },
    pick: (label, name) => {
      const found = selects.find((each) => each.label === label);
      if (found !== undefined) {
        found.select.value = String(found.choices.findIndex((choice) => choice.name === name));
        apply();
      }
    },
  };
}
