import { call } from './client';
import type { Account, AccountCreate, AccountUpdate } from './types.gen';

export const list = () => call<Account[]>('GET', '/admin/accounts');
export const add = (draft: AccountCreate) => call<Account>('POST', '/admin/accounts', draft);
export const update = (id: number, edit: AccountUpdate) => call<Account>('PUT', `/admin/accounts/${id}`, edit);
export const remove = (id: number) => call<void>('DELETE', `/admin/accounts/${id}`);
export const check = (id: number) => call<Account>('POST', `/admin/accounts/${id}/check`);
export const clear = (id: number) => call<Account>('POST', `/admin/accounts/${id}/clear`);
/** Ends a pause of the whole pool. */
export const resume = () => call<void>('POST', '/admin/accounts/resume');
