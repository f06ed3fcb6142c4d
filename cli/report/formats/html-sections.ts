import { date } from '../../terminal/dates.ts';
import type { AuditReport } from '../audit/audit-report.ts';
import { countResults } from './json.ts';
import { html, type Markup } from './markup.ts';
import { EXCEPTION_NAMES, type PageData } from './page-data.ts';

/** What an auditor reads first. */
export function tiles({ secrets, controls, unreadable }: AuditReport, { rotations }: PageData): Markup {
  const within = secrets.filter(
    ({ ageMs, allowedAgeMs }) => allowedAgeMs !== undefined && ageMs <= allowedAgeMs,
  ).length;
  const started = rotations.filter(({ kind }) => kind === 'rotation');
  const failed = started.filter(({ outcome }) => outcome === 'failed' || outcome === 'abandoned').length;
  const succeeded = started.filter(({ outcome }) => outcome === 'succeeded').length;
  const exceptions = secrets.filter((secret) => secret.exceptions.length > 0).length;
  const notMet = controls.filter((_, index) => countResults(secrets, index).failed > 0).length;
  return html`<dl class="tiles">
${tile('Secrets in scope', secrets.length, unreadable.length === 0 ? 'all could be read' : `${number(unreadable.length)} more could not be read`)}
${tile('Within their schedule', percent(within, secrets.length), `${number(within)} of ${number(secrets.length)}`, within === secrets.length)}
${tile('Rotations', started.length, `${number(succeeded)} succeeded, ${number(failed)} failed`)}
${tile('Secrets with exceptions', exceptions, exceptions === 0 ? 'none' : 'reasons below', exceptions === 0)}
${tile('Controls not met', `${notMet} of ${controls.length}`, 'by at least one secret', notMet === 0)}
</dl>`;
}

function tile(title: string, figure: number | string, note: string, isGood?: boolean): Markup {
  const tone = isGood === undefined ? '' : isGood ? ' good' : ' bad';
  const text = typeof figure === 'number' ? number(figure) : figure;
  return html`<div><dt>${title}</dt><dd><div class="figure${tone}">${text}</div><div class="small">${note}</div></dd></div>`;
}

export function controlsSection({ controls, secrets }: AuditReport): Markup {
  const rows = controls.map(({ id, title, rule, parameter, limit }, index) => {
    const { passed, failed, notEvaluated } = countResults(secrets, index);
    const verdict = failed > 0 ? 'failed' : passed > 0 ? 'passed' : 'not evaluated';
    const shown =
      failed > 0
        ? html` <button type="button" class="link" data-state="fails ${id}" aria-label="${number(failed)} failed: show the secrets that fail ${id}">${number(failed)} failed</button>`
        : html``;
    return html`<tr role="row"><th role="rowheader" scope="row"><div class="name">${id}</div>${title}</th>
<td role="cell" data-title="Result" class="results"><div><span class="pill ${verdict}">${verdict}</span>${shown}${bar(passed, failed, secrets.length)}<div class="small">${number(passed)} passed${notEvaluated > 0 ? `, ${number(notEvaluated)} not evaluated` : ''}</div></div></td>
<td role="cell" data-title="Rule"><div>${rule}<div class="small">${parameter}</div></div></td>
<td role="cell" data-title="Limit" class="small">${limit}</td></tr>`;
  });
  return html`<section id="controls" aria-labelledby="controls-title">
<h2 id="controls-title">Controls</h2>
<p class="hint">This command evaluates each rule itself, for the secrets in scope. A finding of AWS Config may differ for secrets outside the scope.</p>
<table role="table" class="controls"><caption class="hidden">Result of each control</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Control</th><th role="columnheader" scope="col">Result</th><th role="columnheader" scope="col">Rule and parameter</th><th role="columnheader" scope="col">What it does not prove</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody></table>
</section>`;
}

/** A bar of SVG, because the policy of the page forbids style attributes. */
function bar(passed: number, failed: number, all: number): Markup {
  const width = (amount: number): string => ((amount / Math.max(1, all)) * 100).toFixed(2);
  return html`<svg class="share" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="6" class="track"/><rect width="${width(passed)}" height="6" class="fill"/><rect x="${width(passed)}" width="${failed > 0 ? Math.max(1.5, Number(width(failed))) : 0}" height="6" class="over"/></svg>`;
}

export function exceptionsSection({ secrets, unreadable }: AuditReport): Markup {
  const codes = Map.groupBy(
    secrets.flatMap(({ exceptions }) => exceptions),
    ({ code }) => code,
  );
  const counts = [...codes].map(
    ([code, found]) =>
      html`<li><button type="button" data-state="${code}"><strong>${number(found.length)}</strong> ${EXCEPTION_NAMES[code]}</button></li>`,
  );
  const rows = unreadable.map(({ secretId, reason }) => html`<li><strong>${secretId}</strong>: ${reason}</li>`);
  return html`<section id="exceptions" aria-labelledby="exceptions-title">
<h2 id="exceptions-title">Exceptions</h2>
<p class="hint">${counts.length === 0 ? 'No secret in scope has an exception.' : 'Choose a reason to see its secrets. A secret may have several.'}</p>
<ul class="counts">${counts}</ul>
${rows.length === 0 ? html`` : html`<details><summary>${number(rows.length)} could not be read</summary><ul class="small">${rows}</ul></details>`}
</section>`;
}

export function limitsSection({ notes, period, parameters }: AuditReport): Markup {
  const own = notes.map(({ message }) => html`<li>${message}</li>`);
  return html`<section id="limits" aria-labelledby="limits-title">
<h2 id="limits-title">Sources and limits</h2>
<table role="table"><caption class="hidden">What each source proves</caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Source</th><th role="columnheader" scope="col">Proves</th><th role="columnheader" scope="col">Does not prove</th></tr></thead>
<tbody role="rowgroup">
<tr role="row"><th role="rowheader" scope="row" class="name">log</th><td role="cell" data-title="Proves">Steps, times and codes of the rotation function. The function logs success only after the cluster accepted the new password.</td><td role="cell" data-title="Does not prove">Who started a rotation. Anything before the retention time of the log group.</td></tr>
<tr role="row"><th role="rowheader" scope="row" class="name">CloudTrail</th><td role="cell" data-title="Proves">Which principal called RotateSecret, and how Secrets Manager saw the end.</td><td role="cell" data-title="Does not prove">Steps and codes. Anything older than 90 days.</td></tr>
<tr role="row"><th role="rowheader" scope="row" class="name">versions</th><td role="cell" data-title="Proves">When a version was stored.</td><td role="cell" data-title="Does not prove">Who stored it. AWS deletes old versions without a label.</td></tr>
<tr role="row"><th role="rowheader" scope="row" class="name">labels</th><td role="cell" data-title="Proves">That a rotation is not complete at the time of the report.</td><td role="cell" data-title="Does not prove">Anything about the past.</td></tr>
</tbody></table>
<ul>${own}</ul>
<p class="small">Period: ${date(period.since)} to ${date(period.until)}. Tags that name an owner: ${parameters.ownerTags.join(', ')}. Times are UTC.</p>
</section>`;
}

function number(amount: number): string {
  return amount.toLocaleString('en');
}

function percent(part: number, whole: number): string {
  return whole === 0 ? 'none' : `${((part / whole) * 100).toFixed(1).replace('.0', '')} %`;
}
