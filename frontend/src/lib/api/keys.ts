import { call } from './client';
import type { Key, KeyCreate, KeyUpdate, NewKey } from './types.gen';

export const list = () => call<Key[]>('GET', '/admin/api-keys');
export const create = (draft: KeyCreate) => call<NewKey>('POST', '/admin/api-keys', draft);
export const update = (id: number, edit: KeyUpdate) => call<Key>('PUT', `/admin/api-keys/${id}`, edit);
export const revoke = (id: number) => call<Key>('POST', `/admin/api-keys/${id}/revoke`);
export const remove = (id: number) => call<void>('DELETE', `/admin/api-keys/${id}`);
