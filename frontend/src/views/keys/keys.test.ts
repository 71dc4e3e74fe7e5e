import * as v from 'valibot';
import { describe, expect, it } from 'vitest';

import { isInGroup, keyStandingOf } from '$lib/state/status';
import { account, key } from '../../testing/wire';
import { keySchema, listed, tokenCount, valuesOf, type KeyValues } from './form';
import { knownModels } from '../models';
import { dayUse, monthUse } from './use';
import { accountsLine, budgetLine, requestsLine, scopeLine } from './words';

const now = Date.parse('2026-11-01T12:00:00Z');
const said = (typed: Partial<KeyValues>) => v.safeParse(keySchema, { ...valuesOf(), name: 'Tool', ...typed });
const wrong = (typed: Partial<KeyValues>) => said(typed).issues?.map(({ path }) => path?.[0]?.key);

describe('the form of a key', () => {
  it('says an end in four ways, and nothing where it stays', () => {
    const end = (typed: Partial<KeyValues>) => {
      const { expires_at, expires_days } = said(typed).output as { expires_at?: unknown; expires_days?: unknown };
      return [expires_at, expires_days];
    };
    expect(end({ end: '' })).toEqual([null, undefined]);
    expect(end({ end: '30' })).toEqual([undefined, 30]);
    expect(end({ end: 'days', expires_days: '5' })).toEqual([undefined, 5]);
    expect(end({ end: 'date', expires_at: '2027-12-31' })).toEqual(['2027-12-31', undefined]);
    expect(end({ end: 'keep' })).toEqual([undefined, undefined]);
  });

  it('wants the days and the date where they are what is meant', () => {
    expect(wrong({ end: 'days', expires_days: '' })).toEqual(['expires_days']);
    expect(wrong({ end: 'days', expires_days: '0' })).toEqual(['expires_days']);
    expect(wrong({ end: 'date', expires_at: '' })).toEqual(['expires_at']);
    expect(wrong({ end: '', expires_days: 'x' })).toBeUndefined();
  });

  it.each([
    ['0', 0],
    ['200000', 200_000],
    ['500K', 500_000],
    ['1.5m', 1_500_000],
    [' 2 M ', 2_000_000],
    ['many', null],
    ['', null],
    ['-1', null],
  ])('reads %j as tokens', (typed, count) => expect(tokenCount(typed)).toBe(count));

  it('turns lists into lists and ids into numbers', () => {
    expect(said({ allowed_models: listed(['a', 'b*']), accounts: listed([3, 4]) }).output).toMatchObject({
      allowed_models: ['a', 'b*'],
      accounts: [3, 4],
    });
  });

  it('says of a key what it is, so that saving it changes nothing', () => {
    const before = key({ tokens_per_day: 5, allowed_models: ['a'], accounts: [2], colour: 'teal', note: 'n' });
    const output = v.parse(keySchema, valuesOf(before));
    expect(before).toMatchObject(output);
  });
});

describe('what a folded part holds', () => {
  it('is said in a line', () => {
    expect(requestsLine(valuesOf())).toBe('60 per minute, 10,000 per day');
    expect(requestsLine({ ...valuesOf(), requests_per_minute: '0', requests_per_day: 'x' })).toBe('No limit');
    expect(budgetLine({ ...valuesOf(), budget_tokens: '2M', budget_cost: '20', time_zone: 'UTC' })).toBe(
      '2M tokens per month, $20.00 per month, days of UTC',
    );
    expect(scopeLine({ ...valuesOf(), allowed_models: 'a\nb', allowed_dialects: 'anthropic' })).toBe(
      'only 2 models or patterns, only Anthropic Messages',
    );
    expect(accountsLine({ ...valuesOf(), accounts: '1\n2' }, (id) => `No. ${id}`)).toBe('Only No. 1, No. 2');
  });
});

describe('the use of a key', () => {
  it('is of the limit that is nearest', () => {
    expect(dayUse(key({ current_rpd: 10, requests_per_day: 100, tokens_today: 90, tokens_per_day: 100 })).of).toBe(
      'tokens',
    );
    expect(dayUse(key({ requests_per_day: 0, current_rpd: 3 }))).toEqual({ of: 'requests', used: 3, most: 0 });
    expect(monthUse(key({ cost_month: 1, budget_cost: 20 })).of).toBe('cost');
  });

  it('makes it need attention before it stops working, and stop at its end', () => {
    const standing = (fields: Parameters<typeof key>[0]) => keyStandingOf(key(fields), now);
    expect(standing({ budget_used: 0.82, budget_warning: true })).toBe('near_budget');
    expect(standing({ budget_used: 1, budget_warning: true })).toBe('at_budget');
    expect(standing({ requests_per_day: 2, current_rpd: 2 })).toBe('at_day');
    expect(standing({ expires_at: '2026-11-04T12:00:00Z' })).toBe('expiring');
    expect(standing({ expires_at: '2026-12-04T12:00:00Z' })).toBe('active');
    const near = key({ budget_used: 0.82, budget_warning: true });
    expect([isInGroup(near, 'active', now), isInGroup(near, 'attention', now)]).toEqual([true, true]);
    expect(isInGroup(key({ is_active: false }), 'attention', now)).toBe(false);
  });
});

it('the models that can be chosen are those of accounts and settings, each once and without patterns', () => {
  const settings = {
    default_model: 'auto',
    aliases: [
      { name: 'gpt-4', model: 'auto' },
      { name: 'gpt-5*', model: 'auto' },
    ],
  };
  const accounts = [account({ models: ['claude-sonnet-4.5', 'auto'] }), account({ models: ['auto'] })];
  expect(knownModels(accounts, settings as never)).toEqual(['auto', 'claude-sonnet-4.5', 'gpt-4']);
});
