import { call, page } from './client';
import type { Overview, Request, RequestDetail, UsageStats } from './types.gen';

export const overview = () => call<Overview>('GET', '/admin/stats/overview');
export const requests = (limit: number) => call<Request[]>('GET', `/admin/requests?limit=${limit}`);

/** Which requests, and which part of them: so many, the latest that are older than the one named. */
export interface RequestSearch {
  status?: readonly string[];
  text?: string;
  account?: string;
  before?: string;
  limit: number;
}

export function requestPage({ status = [], text = '', account = '', before = '', limit }: RequestSearch) {
  const search = new URLSearchParams({ limit: String(limit) });
  for (const one of status) search.append('status', one);
  if (text) search.set('text', text);
  if (account) search.set('account', account);
  if (before) search.set('before', before);
  return page<Request>(`/admin/requests?${search}`);
}

export const request = (id: string) => call<RequestDetail>('GET', `/admin/requests/${encodeURIComponent(id)}`);

/** What sums are asked for: by what, since when, of which requests, and compared with the time before. */
export interface Question {
  by: string;
  from?: string;
  compare?: 'previous';
  key?: string;
  account?: string;
  model?: string;
  client?: string;
  dialect?: string;
}

const search = (question: Question) => new URLSearchParams({ ...question }).toString();

export const usage = (question: Question) => call<UsageStats>('GET', `/admin/stats/usage?${search(question)}`);
/** Where the same sums are as a table for a spreadsheet. */
export const usageTable = (question: Question) => `/admin/stats/usage.csv?${search(question)}`;
