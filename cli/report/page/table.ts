import { element } from './dom.ts';
import { count } from './format.ts';

export interface Column<Row> {
  readonly title: string;
  readonly sortBy: (row: Row) => number | string;
  readonly cell: (row: Row) => Node | string;
}

export interface TableOptions<Row> {
  readonly host: HTMLElement;
  readonly caption: string;
  readonly noun: string;
  readonly columns: readonly Column<Row>[];
  readonly sortedBy: { readonly column: number; readonly descending: boolean };
}

/** Rows in the document at a time, whatever the number of rows. A print has all of them. */
const PAGE_SIZE = 25;

/**
 * Creates a table with sortable columns and pages. Its ARIA roles stay when a small screen shows
 * the rows as cards.
 *
 * @returns a function that replaces the rows and shows the first page
 */
export function createTable<Row>({
  host,
  caption,
  noun,
  columns,
  sortedBy,
}: TableOptions<Row>): (rows: readonly Row[]) => void {
  let rows: readonly Row[] = [];
  let page = 0;
  let prints = false;
  let { column: sorted, descending } = sortedBy;

  const body = element('tbody', { role: 'rowgroup' });
  const headers = columns.map(({ title }, index) => {
    const button = element('button', { type: 'button', class: 'sort' }, title);
    button.addEventListener('click', () => {
      descending = sorted === index ? !descending : false;
      sorted = index;
      page = 0;
      draw();
    });
    return element('th', { role: 'columnheader', scope: 'col' }, button);
  });
  const status = element('p', { class: 'status', role: 'status' });
  const previous = pagerButton('Previous', -1);
  const next = pagerButton('Next', 1);
  const table = element(
    'table',
    { role: 'table', class: 'rows' },
    element('caption', { class: 'hidden' }, caption),
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...headers)),
    body,
  );
  host.replaceChildren(
    element('div', { class: 'scroll' }, table),
    element('div', { class: 'pager' }, status, element('div', { class: 'turn' }, previous, next)),
  );

  function pagerButton(title: string, step: number): HTMLButtonElement {
    const button = element('button', { type: 'button', 'aria-label': `${title} ${noun}s` }, title);
    button.addEventListener('click', () => {
      page += step;
      draw();
      host.scrollIntoView();
    });
    return button;
  }

  function inOrder(): readonly Row[] {
    const sign = descending ? -1 : 1;
    return rows
      .map((row) => ({ row, key: columns[sorted]?.sortBy(row) ?? '' }))
      .sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : 0))
      .map(({ row }) => row);
  }

  function draw(): void {
    const first = prints ? 0 : page * PAGE_SIZE;
    const end = prints ? rows.length : Math.min(rows.length, first + PAGE_SIZE);
    body.replaceChildren(...inOrder().slice(first, end).map(rowOf));
    for (const [index, header] of headers.entries()) {
      header.setAttribute('aria-sort', index !== sorted ? 'none' : descending ? 'descending' : 'ascending');
    }
    const all = count(rows.length, noun);
    status.textContent =
      rows.length === 0 ? `No ${noun} matches.` : rows.length <= PAGE_SIZE ? all : `${first + 1} to ${end} of ${all}`;
    previous.disabled = page === 0;
    next.disabled = end >= rows.length;
  }

  function rowOf(row: Row): HTMLTableRowElement {
    return element(
      'tr',
      { role: 'row' },
      ...columns.map(({ title, cell }, index) =>
        index === 0
          ? element('th', { role: 'rowheader', scope: 'row' }, cell(row))
          : element('td', { role: 'cell', 'data-title': title }, cell(row)),
      ),
    );
  }

  const print = (value: boolean) => (): void => {
    prints = value;
    draw();
  };
  addEventListener('beforeprint', print(true));
  addEventListener('afterprint', print(false));

  return (shown) => {
    rows = shown;
    page = 0;
    draw();
  };
}
