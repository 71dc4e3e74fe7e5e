import { call } from './client';
import type { Backup, Backups, Restore } from './types.gen';

export const list = () => call<Backups>('GET', '/admin/backups');
export const make = () => call<Backup>('POST', '/admin/backups');
export const remove = (name: string) => call<void>('DELETE', address(name));
/** Takes effect when the program starts next. */
export const restore = (name: string) => call<Restore>('POST', `${address(name)}/restore`);
export const callOff = (name: string) => call<void>('DELETE', `${address(name)}/restore`);
/** Leaves the safe mode with the database as it is. */
export const letDamageGo = () => call<void>('DELETE', '/admin/state/damage');
export const address = (name: string) => `/admin/backups/${encodeURIComponent(name)}`;
