import type { Account } from '$lib/api/types.gen';
import { m } from '$words';

const services: Record<string, string> = { amazonq: 'Amazon Q', kiro: 'Kiro' };

/** The service by its name, which is the same in every language. */
export const serviceWords = (service: string) => services[service] ?? service;

const methods: Record<string, () => string> = {
  builder_id: m.accounts_method_builder_id,
  identity_center: m.accounts_method_identity_center,
  social: m.accounts_method_social,
  api_key: m.accounts_method_api_key,
};

export const methodWords = (method: string) => methods[method]?.() ?? method;

/** The line under an account's name: whose it is, else what tells it apart. */
export const second = ({ email, notes, profile_arn, sign_in_region }: Account) =>
  email || notes || profile_arn || sign_in_region;

/** Whether signing in through a browser mends the account, rather than pasting. */
export const signsInByBrowser = ({ method }: Account) => method === 'builder_id' || method === 'identity_center';
