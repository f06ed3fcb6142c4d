import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pageAssets } from '../../../../build/report-page.ts';
import { reportHtml } from '../../../../cli/report/formats/html.ts';
import { html, jsonText } from '../../../../cli/report/formats/markup.ts';
import { sampleAudit } from '../support/sample-audit.ts';
import { hashOf, imagePage, SOURCE_FILE } from '../support/write-images.ts';

const page = reportHtml(sampleAudit(20));

describe('the HTML report', () => {
  it('allows exactly its own script and style, and no request', () => {
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
    const hashOf = (text: string | undefined) =>
      `&#39;sha256-${createHash('sha256')
        .update(text ?? '')
        .digest('base64')}&#39;`;

    expect(policy.split('; ')).toEqual([
      'default-src &#39;none&#39;',
      `script-src ${hashOf(/<script>(.*)<\/script>/s.exec(page)?.[1])}`,
      `style-src ${hashOf(/<style>(.*)<\/style>/s.exec(page)?.[1])}`,
      'base-uri &#39;none&#39;',
      'form-action &#39;none&#39;',
    ]);
  });

  it('names no other file and no host to load from', () => {
    const withoutData = page.replace(/<script type="application\/json".*?<\/script>/s, '');

    expect(withoutData).not.toMatch(/\b(src|href)="(?!#)/);
    expect(withoutData).not.toMatch(/url\(|@import|fetch\(|XMLHttpRequest/);
  });

  it('escapes values from AWS in the markup and in the data', () => {
    const evil = '</script><img src=x onerror=alert(1)>\u2028"\'&';
    const audit = sampleAudit(1);
    const text = reportHtml({
      ...audit,
      secrets: audit.secrets.map((entry) => ({ ...entry, secret: { ...entry.secret, name: evil } })),
      unreadable: [{ secretId: evil, reason: evil }],
      notes: [{ source: 'log', message: evil }],
      parameters: { ...audit.parameters, ownerTags: [evil] },
    });

    expect(text).not.toContain('<img');
    expect(text.match(/<script/g)).toHaveLength(2);
    expect(text).toContain('&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;');
    const data = JSON.parse(/id="data">(.*?)<\/script>/s.exec(text)?.[1] ?? '');
    expect(data.secrets[0].name).toBe(evil);
  });
});

describe('the markup', () => {
  it('escapes texts and keeps markup', () => {
    expect(html`<p title="${'"<'}">${html`<b>${'&'}</b>`}${[html`<i></i>`, html`<i></i>`]}${5}</p>`.text).toBe(
      '<p title="&quot;&lt;"><b>&amp;</b><i></i><i></i>5</p>',
    );
  });

  it('writes JSON that cannot end its element', () => {
    const { text } = jsonText({ a: '</script>\u2028' });

    expect(text).toBe('{"a":"\\u003c/script\\u003e\\u2028"}');
    expect(JSON.parse(text)).toEqual({ a: '</script>\u2028' });
  });
});

it('cli/report/formats/page-assets.ts is up to date: npm run generate', async () => {
  const committed = new URL('../../../../cli/report/formats/page-assets.ts', import.meta.url);

  expect(readFileSync(committed, 'utf8')).toBe(await pageAssets());
});

it('the images of docs/audit.md show this page: npm run generate', () => {
  expect(readFileSync(SOURCE_FILE, 'utf8').trim()).toBe(hashOf(imagePage()));
});
