import { createHash } from 'node:crypto';
import { date } from '../../terminal/dates.ts';
import type { AuditReport } from '../audit/audit-report.ts';
import { controlsSection, exceptionsSection, limitsSection, tiles } from './html-sections.ts';
import { html, jsonText, trusted } from './markup.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './page-assets.ts';
import { pageData } from './page-data.ts';

/** The report as one HTML file that loads nothing. */
export function reportHtml(audit: AuditReport): string {
  const { period, generatedAt, version } = audit;
  const data = pageData(audit);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Rotation evidence, ${day(period.since)} to ${day(period.until)}</title>
<style>${trusted(PAGE_STYLE)}</style>
</head>
<body>
<header>
<p class="eyebrow">AWS Secrets Manager · Zilliz Cloud and Milvus passwords</p>
<h1>Rotation evidence</h1>
<p class="lead">${date(period.since)} to ${date(period.until)} · state of the secrets as of ${date(generatedAt)} · zilliz-rotation ${version}</p>
<nav aria-label="Sections"><ul>
<li><a href="#controls">Controls</a></li><li><a href="#exceptions">Exceptions</a></li><li><a href="#secrets">Secrets</a></li><li><a href="#rotations">Rotations</a></li><li><a href="#limits">Sources and limits</a></li>
</ul></nav>
</header>
<main>
${tiles(audit, data)}
<section aria-labelledby="timeline-title">
<h2 id="timeline-title">Timeline of rotations</h2>
<div id="timeline"><noscript>The timeline and the two tables below need JavaScript. The formats csv and json of this report do not.</noscript></div>
<ul class="legend">
<li>${swatch('succeeded')}succeeded</li><li>${swatch('failed')}failed or abandoned</li><li>${swatch('other')}other: result not known, tests of a schedule, stored versions</li>
</ul>
</section>
${controlsSection(audit)}
${exceptionsSection(audit)}
<section id="secrets" tabindex="-1" aria-labelledby="secrets-title">
<h2 id="secrets-title">Secrets</h2>
<p class="hint">The age of each password against the age at which its schedule must have rotated. A full bar is overdue.</p>
<div class="filters" id="secret-filters" role="search" aria-label="Secrets"></div>
<div id="secret-rows"></div>
</section>
<section id="rotations" tabindex="-1" aria-labelledby="rotations-title">
<h2 id="rotations-title">Rotations</h2>
<p class="hint">The source of each value follows the value. "Stored" is a version of which only the date is known: a rotation or a person stored it.</p>
<div class="filters" id="rotation-filters" role="search" aria-label="Rotations"></div>
<div id="rotation-rows"></div>
</section>
${limitsSection(audit)}
</main>
<footer>This file loads nothing from a network. It contains names, dates, principals and codes, and no password.</footer>
<script type="application/json" id="data">${jsonText(data)}</script>
<script>${trusted(PAGE_SCRIPT)}</script>
</body>
</html>
`.text;
}

/** Only the script and the style of this program run, even if a value escaped its text. */
function policy(): string {
  return [
    "default-src 'none'",
    `script-src '${hash(PAGE_SCRIPT)}'`,
    `style-src '${hash(PAGE_STYLE)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function day(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

function swatch(group: 'succeeded' | 'failed' | 'other') {
  return html`<svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" rx="2" class="bar ${group}"/></svg>`;
}
