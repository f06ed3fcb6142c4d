import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PastRotation } from '../../../cli/history/json-schema.ts';
import type { AuditReport } from '../../../cli/report/json-schema.ts';
import { reportPage } from '../../../cli/report/page.ts';
import { auditOf, DAY_MS, NOW, rotation } from '../support/audit-of.ts';

/** A report with every part, in which each text that comes from outside is the given text. */
function auditWith(text: string): AuditReport {
  const audit = auditOf({
    secret: {
      ...{ name: text, arn: `arn:aws:secretsmanager:${text}:${text}:secret:x`, tags: { [text]: text } },
      ...{ schedule: text, window: text, deletedAt: NOW },
      ...{ lastRotatedAt: NOW - 95 * DAY_MS, nextRotationAt: NOW - 3 * DAY_MS },
    },
    ownerTags: [text],
  });
  const past: PastRotation = {
    ...rotation('failed', 1),
    versionId: text,
    trigger: text,
    failures: [{ at: new Date(NOW - DAY_MS), step: text, code: text, message: text }],
    createdKey: text,
    deletedKeys: [{ apiKeyId: text, why: text }],
  };
  return {
    ...audit,
    version: text,
    secrets: audit.secrets.map((secret) => ({ ...secret, rotations: [past] })),
    unreadable: [{ secretId: text, reason: text }],
    notes: [{ source: 'log', message: text }],
  };
}

const tagsOf = (page: string): readonly string[] => page.match(/<[^>]*>/g) ?? [];

/** What a reader sees. */
function textOf(page: string): string {
  const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };
  return page
    .replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|quot|#39|amp);/g, (entity) => entities[entity as keyof typeof entities]);
}

describe('the page of a report', () => {
  it('has no script and loads nothing', () => {
    const page = reportPage(auditWith('x'));

    expect(page).not.toMatch(/<(script|link|img|iframe|object|form)|\son\w+=|javascript:/i);
    expect(page).not.toMatch(/\b(src|href)="(?!#)|url\(|@import/i);
  });

  it('allows its own style and nothing else', () => {
    const page = reportPage(auditWith('x'));
    const style = /<style>(.*)<\/style>/s.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;

    expect(page).toContain(`http-equiv="Content-Security-Policy" content="${policy.replaceAll("'", '&#39;')}"`);
  });

  it('escapes every value: no value adds or changes an element', () => {
    const sample = reportPage(auditWith('\0'));
    const places = textOf(sample).split('\0').length;
    const unit = fc.constantFrom('<', '>', '&', '"', "'", '/', '=', ' ', '<script>', '</style>', '<!--', '&lt;', 'a');

    fc.assert(
      fc.property(fc.string({ unit, minLength: 1 }), (text) => {
        const page = reportPage(auditWith(text));

        expect(tagsOf(page)).toEqual(tagsOf(sample));
        expect(textOf(page).split(text).length).toBeGreaterThanOrEqual(places);
      }),
    );
  });

  it('shows every exception, note and unreadable secret of the JSON', () => {
    const audit = auditWith('text <from> outside');
    const shown = textOf(reportPage(audit));

    const exceptions = audit.secrets.flatMap((secret) => secret.exceptions);
    expect(exceptions.length).toBeGreaterThan(1);
    const texts = [
      ...exceptions.map(({ code, reason }) => `${code}${reason}`),
      ...audit.unreadable.map(({ secretId, reason }) => `${secretId}not-readable${reason}`),
      ...audit.notes.map(({ source, message }) => `${source}: ${message}`),
    ];
    expect(texts.filter((text) => !shown.includes(text))).toEqual([]);
  });
});
