import { m } from '../../paraglide/messages.js';
import { getLocale } from '../../paraglide/runtime.js';
import { ApiError } from '../api/client';
import type { Account, ProxyError, Request } from '../api/types.gen';

const faults: Record<string, () => string> = {
  invalid: m.fault_invalid,
  too_long: m.fault_too_long,
  too_large: m.fault_too_large,
  unauthenticated: m.fault_unauthenticated,
  forbidden: m.fault_forbidden,
  not_found: m.fault_not_found,
  limited: m.fault_limited,
  throttled: m.fault_throttled,
  exhausted: m.fault_exhausted,
  credential: m.fault_credential,
  suspended: m.fault_suspended,
  suspicious: m.fault_suspicious,
  refused: m.fault_refused,
  model_unavailable: m.fault_model_unavailable,
  overloaded: m.fault_overloaded,
  unavailable: m.fault_unavailable,
  offline: m.fault_offline,
  locked: m.fault_locked,
  conflict: m.fault_conflict,
  canceled: m.fault_canceled,
};

/** What a fault means. The program's own sentence says more, but only in English. */
export function faultWords(kind: string, message: string): string {
  if (getLocale() === 'en' && message !== '') return message;
  return (faults[kind] ?? m.fault_internal)();
}

/** What went wrong, for people. */
export function explain(error: unknown): string {
  return reason(error).replaceAll('`', '');
}

function reason(error: unknown): string {
  if (!(error instanceof ApiError)) return m.fault_internal();
  switch (error.code) {
    case 'unreachable':
      return m.error_unreachable();
    case 'not_json':
      return m.error_not_json({ status: error.status });
    case 'invalid':
      return getLocale() === 'en' ? error.message : m.error_invalid({ message: error.message });
    case 'unauthenticated':
      return getLocale() === 'en' ? error.message : m.error_unauthenticated();
    case 'limited':
      return getLocale() === 'en' ? error.message : m.error_limited();
    default:
      return faultWords(error.code, error.message);
  }
}

/** The field an error is about, as the form knows it; empty if none. */
export const fieldOf = (error: unknown) => (error instanceof ApiError ? error.field : '');

/** Why an account does not serve, or serves badly; empty if nothing is wrong. */
export function accountReason(account: Account): string {
  if (account.status_kind !== '') return faultWords(account.status_kind, account.status_reason);
  return account.status_reason || account.health_check_error;
}

export const requestReason = (request: Request) =>
  request.fault === '' ? '' : faultWords(request.fault, request.message);

/** What keeps the proxy from listening. */
export function proxyReason(error: ProxyError): string {
  const { port } = error;
  switch (error.code) {
    case 'port_in_use':
      return error.self_held ? m.proxy_port_held_by_us({ port }) : m.proxy_port_in_use({ port });
    case 'port_forbidden':
      return m.proxy_port_forbidden({ port });
    default:
      return getLocale() === 'en' ? error.message : m.proxy_failed({ message: error.message });
  }
}
