import { m } from '../../paraglide/messages.js';
import { getLocale } from '../../paraglide/runtime.js';
import { ApiError } from '../api/client';
import type { Account, ProxyError, Request, SaidCode } from '../api/types.gen';
import { sayIt } from './said';

/** What a fault means. The program's own sentence says more, but only in English. */
export function faultWords(kind: string, message: string): string {
  if (getLocale() === 'en' && message !== '') return message;
  return sayIt({ code: kind as SaidCode }) || m.fault_internal();
}

/** What went wrong, for people. */
export function explain(error: unknown): string {
  return reason(error).replaceAll('`', '');
}

function reason(error: unknown): string {
  if (!(error instanceof ApiError)) return m.fault_internal();
  const said = sayIt(error.said);
  if (said !== '') return said;
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
  if (account.status_kind === '') return sayIt(account.health_check_said) || account.health_check_error;
  const { code = '' } = account.status_said ?? {};
  if (code !== account.status_kind)
    return sayIt(account.status_said) || faultWords(account.status_kind, account.status_reason);
  return faultWords(account.status_kind, account.status_reason);
}

/** What a request did not find is a model, as a rule: the words for a thing that is gone would mislead. */
function missingModel({ fault, model_asked, model_used }: Request): string {
  if (getLocale() === 'en' || fault !== 'not_found' || model_asked === '' || model_used !== '') return '';
  return m.fault_model_unknown({ model: model_asked });
}

export const requestReason = (request: Request) =>
  request.fault === '' ? '' : missingModel(request) || faultWords(request.fault, request.message);

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
