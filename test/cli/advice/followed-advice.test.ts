import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sectionOf } from '../../support/links.ts';
import { type AdviceSite, adviceSites, commandSources } from './advice-sites.ts';
import { AWS_STORIES } from './aws-stories.ts';
import { DOCTOR_STORIES } from './doctor-stories.ts';
import { INIT_STORIES } from './init-stories.ts';
import { REPAIR_STORIES } from './repair-stories.ts';
import { ROTATE_STORIES } from './rotate-stories.ts';
import { STATUS_STORIES } from './status-stories.ts';
import { type Followed, followStory, type Stories } from './story.ts';
import { USAGE_STORIES } from './usage-stories.ts';

const STORIES: Stories = {
  ...AWS_STORIES,
  ...DOCTOR_STORIES,
  ...INIT_STORIES,
  ...REPAIR_STORIES,
  ...ROTATE_STORIES,
  ...STATUS_STORIES,
  ...USAGE_STORIES,
};

const SITES = adviceSites();
const followed: Followed[] = [];

/** Whether the story printed the advice, and its last command does not. */
function isFollowedIn({ printed, printedByProof }: Followed): (site: AdviceSite) => boolean {
  return ({ isIn }) => isIn(printed) && !isIn(printedByProof);
}

/** Whether both the advice and the section that it cites have the word. */
function isAbout(citation: string, advice: string, word: string | undefined): boolean {
  const [page = '', anchor = ''] = citation.split('#');
  const section = existsSync(page) ? sectionOf(page, anchor) : undefined;
  const isIn = (text: string) => word !== undefined && text.toLowerCase().includes(word);
  return isIn(advice) && isIn(section ?? '');
}

describe('the advice of the command leads to the end of the problem:', () => {
  it.each(Object.entries(STORIES))('%s', async (_, story) => {
    const end = await followStory(story);
    followed.push(end);
    expect(SITES.some(isFollowedIn(end)), end.printed).toBe(true);
    const obeyed = SITES.filter(
      ({ isIn, commands }) => isIn(end.printed) && commands.some(({ isRunBy }) => end.ran.some(isRunBy)),
    );
    expect(obeyed.filter(({ isIn }) => isIn(end.printedByProof)).map(({ text }) => text)).toEqual([]);
  });
});

describe('each piece of advice in the source of the command', () => {
  it('is printed in a story, and no more at its end', () => {
    expect(SITES.length).toBeGreaterThan(100);
    const unfollowed = SITES.filter((site) => !followed.some((end) => isFollowedIn(end)(site)));
    expect(unfollowed.map(({ text }) => text)).toEqual([]);
  });

  it('comes from the tag alone, also in the errors of commander', () => {
    const others = [...commandSources()].filter(([, source]) =>
      /\bas Advice\b|new InvalidArgumentError\(/.test(source),
    );
    expect(others.map(([file]) => file)).toEqual(['cli/outcome/advice.ts']);
  });

  it('names commands that such a story runs', () => {
    const unused = SITES.flatMap(({ isIn, commands }) =>
      commands.filter(({ isRunBy }) => !followed.some(({ printed, ran }) => isIn(printed) && ran.some(isRunBy))),
    );
    expect(unused.map(({ text }) => text)).toEqual([]);
  });

  it('cites a section that is about the word that such a story reads', () => {
    const wrong = SITES.flatMap(({ text, isIn, citations }) =>
      citations
        .filter((citation) => !followed.some(({ printed, reads }) => isIn(printed) && isAbout(citation, text, reads)))
        .map((citation) => `${citation}: ${text}`),
    );
    expect(wrong).toEqual([]);
  });

  it('names options that such a story adds or leaves out', () => {
    const unused = SITES.flatMap(({ text, isIn, options }) =>
      options
        .filter((option) => !followed.some((story) => isIn(story.printed) && story.options.includes(option)))
        .map((option) => `${option}: ${text}`),
    );
    expect(unused).toEqual([]);
  });
});
