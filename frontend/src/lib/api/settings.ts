import { call } from './client';
import type { ProxyTrial, Settings, UpstreamProxy } from './types.gen';

export const get = () => call<Settings>('GET', '/admin/settings');
/** What is absent stays as it is. */
export const put = (changed: Partial<Settings>) => call<Settings>('PUT', '/admin/settings', changed);

export const upstreamProxy = () => call<UpstreamProxy>('GET', '/admin/upstream-proxy');
export const putProxyPassword = (password: string) =>
  call<UpstreamProxy>('PUT', '/admin/upstream-proxy/password', { password });
/** Calls Amazon through a proxy; an empty password is the one that is kept. */
export const tryProxy = (url: string, password: string) =>
  call<ProxyTrial>('POST', '/admin/upstream-proxy/test', { url, ...(password ? { password } : {}) });
