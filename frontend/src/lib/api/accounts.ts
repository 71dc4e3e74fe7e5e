import { call } from './client';
import type {
  Account,
  AccountCreate,
  AccountUpdate,
  BulkRow,
  BulkStart,
  Export,
  ExportStart,
  Find,
  Login,
  LoginStart,
  QuotaReading,
  Request,
  UsageStats,
} from './types.gen';

export const list = () => call<Account[]>('GET', '/admin/accounts');
export const add = (draft: AccountCreate) => call<Account>('POST', '/admin/accounts', draft);
export const update = (id: number, edit: AccountUpdate) => call<Account>('PUT', `/admin/accounts/${id}`, edit);
export const remove = (id: number) => call<void>('DELETE', `/admin/accounts/${id}`);
export const check = (id: number) => call<Account>('POST', `/admin/accounts/${id}/check`);
export const clear = (id: number) => call<Account>('POST', `/admin/accounts/${id}/clear`);
/** Ends a pause of the whole pool. */
export const resume = () => call<void>('POST', '/admin/accounts/resume');

export const logins = () => call<Login[]>('GET', '/admin/accounts/login');
export const startLogin = (wanted: LoginStart) => call<Login>('POST', '/admin/accounts/login', wanted);
export const cancelLogin = (id: string) => call<Login>('DELETE', `/admin/accounts/login/${id}`);
export const chooseProfile = (id: string, profile_arn: string) =>
  call<Login>('POST', `/admin/accounts/login/${id}/profile`, { profile_arn });

/** What other tools on this computer are signed in to. */
export const finds = () => call<Find[]>('GET', '/admin/accounts/import');
export const takeFinds = (ids: string[]) => call<BulkRow[]>('POST', '/admin/accounts/import', { ids });
export const bulk = (wanted: BulkStart) => call<BulkRow[]>('POST', '/admin/accounts/bulk', wanted);
/** Seals accounts for another machine; they are signed out here. */
export const move = (wanted: ExportStart) => call<Export>('POST', '/admin/accounts/export', wanted);

/** The latest requests that ended badly with this account. */
export const faults = (id: number) => call<Request[]>('GET', `/admin/requests?account=${id}&status=failed&limit=5`);
/** What its quota was, an hour apart, the oldest first. */
export const quota = (id: number) => call<QuotaReading[]>('GET', `/admin/stats/accounts/${id}/quota`);
/** What the account served, day by day from a date on. */
export const usage = (id: number, from: string) =>
  call<UsageStats>('GET', `/admin/stats/usage?by=day&account=${id}&from=${from}`);
