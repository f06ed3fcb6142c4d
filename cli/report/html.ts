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
