import { call } from './client';
import type { Overview, Request, UsageStats } from './types.gen';

export const overview = () => call<Overview>('GET', '/admin/stats/overview');
export const requests = (limit: number) => call<Request[]>('GET', `/admin/requests?limit=${limit}`);

/** What sums are asked for: by what, since when, and compared with the time before. */
export interface Question {
  by: string;
  from?: string;
  compare?: 'previous';
}

const search = (question: Question) => new URLSearchParams({ ...question }).toString();

export const usage = (question: Question) => call<UsageStats>('GET', `/admin/stats/usage?${search(question)}`);
/** Where the same sums are as a table for a spreadsheet. */
export const usageTable = (question: Question) => `/admin/stats/usage.csv?${search(question)}`;
