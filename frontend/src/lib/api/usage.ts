import { call } from './client';
import type { Overview, Request } from './types.gen';

export const overview = () => call<Overview>('GET', '/admin/stats/overview');
export const requests = (limit: number) => call<Request[]>('GET', `/admin/requests?limit=${limit}`);
