/** Text that is HTML already, so that {@link html} does not escape it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | readonly Html[];

/** A template whose values are escaped, unless they are HTML. */
export function html(template: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(template.map((text, index) => text + textOf(values[index] ?? '')).join(''));
}

/**
 * A table whose rows become cards on a narrow screen. That display hides the table from screen
 * readers, so each element states its role. The first cell of a row is its header.
 */
export function table(caption: string, columns: readonly string[], rows: readonly (readonly Value[])[]): Html {
  const header = columns.map((column) => html`<th role="columnheader" scope="col">${column}</th>`);
  const body = rows.map(([first = '', ...others]) => {
    const cells = others.map(
      (value, index) => html`<td role="cell" data-title="${columns[index + 1] ?? ''}">${value}</td>`,
    );
    return html`<tr role="row"><th role="rowheader" scope="row">${first}</th>${cells}</tr>\n`;
  });
  return html`<table role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${header}</tr></thead>
<tbody role="rowgroup">
${body}</tbody></table>`;
}

function textOf(value: Value): string {
  if (value instanceof Html) {
    return value.text;
  }
  return Array.isArray(value) ? value.map(textOf).join('') : escaped(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** The style of the page: for wide and narrow screens, light and dark, and paper. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d0d7de, #454c54); --bad: light-dark(#b3261e, #ff8a80); }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 90rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { margin: 0; }
h2 { margin: 2.5rem 0 0.5rem; }
small { display: block; opacity: 0.75; font-weight: 400; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.5rem; }
dt { font-weight: 600; }
dd { margin: 0; }
ul { margin: 0; padding-left: 1.1rem; }
table { width: 100%; border-collapse: collapse; }
caption { text-align: left; margin-bottom: 0.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 1rem 0.4rem 0; border-top: 1px solid var(--line); }
th { font-weight: 600; }
td { min-width: 6rem; }
tbody th { min-width: 10rem; }
thead th { border-top: 0; }
.failed { color: var(--bad); font-weight: 600; }
@media screen and (max-width: 50rem) {
  thead { display: none; }
  tr { display: block; padding: 0.6rem 0; border-top: 1px solid var(--line); }
  th, td { display: block; border: 0; padding: 0.15rem 0; }
  td::before { content: attr(data-title); display: block; font-size: 0.8em; opacity: 0.75; }
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 0.5rem; }
}
@media print {
  @page { size: landscape; margin: 12mm; }
  :root { color-scheme: light; }
  body { font-size: 8.5pt; max-width: none; padding: 0; }
  nav { display: none; }
  tr { break-inside: avoid; }
  h2, caption { break-after: avoid; }
}
`;
