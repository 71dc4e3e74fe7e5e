import { call } from './client';
import type { Key, KeyCreate, KeyStats, KeyUpdate, NewKey } from './types.gen';

export const list = () => call<Key[]>('GET', '/admin/api-keys');
export const create = (draft: KeyCreate) => call<NewKey>('POST', '/admin/api-keys', draft);
export const update = (id: number, edit: KeyUpdate) => call<Key>('PUT', `/admin/api-keys/${id}`, edit);
export const revoke = (id: number) => call<Key>('POST', `/admin/api-keys/${id}/revoke`);
export const remove = (id: number) => call<void>('DELETE', `/admin/api-keys/${id}`);
/** The answer is the only one that has the new text. The old one works for the grace, in seconds. */
export const rotate = (id: number, grace_s: number) =>
  call<NewKey>('POST', `/admin/api-keys/${id}/rotate`, { grace_s });
/** Ends the text that a rotation replaced, before its grace is over. */
export const endPrevious = (id: number) => call<Key>('DELETE', `/admin/api-keys/${id}/previous`);
/** What each key has of the requests since a date. */
export const stats = (from: string) => call<KeyStats>('GET', `/admin/stats/api-keys?from=${from}`);
