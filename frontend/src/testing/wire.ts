import { vi } from 'vitest';

import type { Account, ConnectPlan, ConnectTool, Key, Overview, ProxyState, Request, State } from '$lib/api/types.gen';

const at = '2026-11-01T12:00:00Z';

export const account = (fields: Partial<Account> = {}): Account => ({
  id: 1,
  name: 'Personal',
  service: 'amazonq',
  method: 'builder_id',
  email: '',
  start_url: '',
  origin: '',
  profile_arn: '',
  sign_in_region: 'us-east-1',
  is_active: true,
  is_healthy: true,
  status: 'ready',
  status_reason: '',
  status_said: null,
  status_kind: '',
  cooldown_until: null,
  total_requests: 0,
  total_tokens: 0,
  last_used: null,
  last_health_check: null,
  health_check_error: '',
  health_check_said: null,
  requests_per_minute: 30,
  max_concurrent: 4,
  spacing_ms: 0,
  daily_credits: 0,
  reserve_credits: 0,
  priority: 0,
  weight: 1,
  credits_today: 0,
  load: 0,
  load_of: '',
  quota: null,
  models: [],
  ends: [],
  token_ends: null,
  sign_in_again: false,
  successor: 'kiro',
  current_rpm: 0,
  in_flight: 0,
  notes: '',
  source: 'api',
  created_at: at,
  updated_at: at,
  ...fields,
});

export const key = (fields: Partial<Key> = {}): Key => ({
  id: 1,
  name: 'Claude Code',
  description: '',
  key_prefix: 'amq-3fK9',
  is_active: true,
  total_requests: 0,
  last_used: null,
  last_client: '',
  last_address: '',
  requests_per_minute: 60,
  requests_per_day: 10000,
  max_concurrent: 0,
  tokens_per_day: 0,
  budget_tokens: 0,
  budget_cost: 0,
  time_zone: '',
  current_rpm: 0,
  current_rpd: 0,
  in_flight: 0,
  tokens_today: 0,
  tokens_month: 0,
  cost_month: 0,
  budget_used: 0,
  budget_warning: false,
  day_ends_at: at,
  month_ends_at: at,
  colour: '',
  note: '',
  default_model: '',
  allowed_models: [],
  allowed_dialects: [],
  accounts: [],
  previous_prefix: '',
  previous_until: null,
  created_at: at,
  updated_at: at,
  expires_at: null,
  ...fields,
});

export const proxy = (fields: Partial<ProxyState> = {}): ProxyState => ({
  running: true,
  can_stop: true,
  port: 8080,
  addresses: ['http://127.0.0.1:8080'],
  in_flight: 0,
  error: null,
  running_for_s: 60,
  ...fields,
});

export const state = (fields: Partial<State> = {}): State => ({
  version: '1.2.3',
  demo: false,
  capturing: false,
  recording: { on: false, until: null, key_id: 0, requests: 0, bytes: 0, full: false, missed: 0 },
  proxy: proxy(),
  started_at: at,
  vault: { kind: 'keychain', ready: true, message: '', said: null },
  data: { safe_mode: false, message: '', aside: '', offer: '', restore: '', restore_failure: '' },
  ...fields,
});

export const overview = (fields: Partial<Overview> = {}): Overview => ({
  requests_last_minute: 0,
  requests_today: 0,
  errors_today: 0,
  input_tokens_today: 0,
  output_tokens_today: 0,
  first_event_p50_ms: null,
  first_event_p95_ms: null,
  traffic: [],
  ...fields,
});

export const request = (fields: Partial<Request> = {}): Request => ({
  id: 'req_1',
  at,
  key: 'Claude Code',
  client: 'Claude Code',
  dialect: 'anthropic',
  model_asked: 'claude-sonnet-4-5',
  model_used: 'claude-sonnet-4.5',
  account: 'Personal',
  attempts: [{ account_id: 1, account: 'Personal', fault: '', duration_ms: 1900, ground: 'turn', passed_over: [] }],
  streaming: true,
  status: 200,
  fault: '',
  message: '',
  input_tokens: 10,
  output_tokens: 20,
  tokens_source: 'measured',
  first_event_ms: 900,
  duration_ms: 1900,
  key_id: 1,
  account_id: 1,
  bytes_in: 4000,
  bytes_out: 900,
  ...fields,
});

export interface Call {
  method: string;
  path: string;
  body: unknown;
  headers: Record<string, string>;
}

type Answer = (body: never) => unknown;

/** Answers "METHOD /path" as the admin API would; anything else is 404. The answer is the list of calls made. */
export function serve(routes: Record<string, Answer>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', async (path: string, options: RequestInit) => {
    const body = options.body ? JSON.parse(options.body as string) : undefined;
    calls.push({ method: options.method!, path, body, headers: options.headers as Record<string, string> });
    const route = routes[`${options.method} ${path.split('?')[0]}`];
    if (!route) return refusal(404, 'not_found', `no route ${path}`);
    const answer = await route(body as never);
    return answer instanceof Response ? answer : Response.json(answer);
  });
  return calls;
}

/** A refusal of the admin API. */
export const refusal = (status: number, code: string, message: string, field?: string) =>
  Response.json({ error: { code, message, ...(field ? { field } : {}) } }, { status });

export const nothing = () => new Response(null, { status: 204 });

export const tool = (fields: Partial<ConnectTool> = {}): ConnectTool => ({
  id: 'claude-code',
  name: 'Claude Code',
  writable: true,
  installed: true,
  state: 'missing',
  reason: '' as ConnectTool['reason'],
  detail: '',
  files: [{ path: '/home/me/.claude/settings.json', target: '', exists: true }],
  key_id: 0,
  key_name: '',
  model: '',
  connected_at: null,
  can_undo: false,
  dialect: 'anthropic',
  ...fields,
});

export const plan = (model: string): ConnectPlan => ({
  files: [
    {
      path: '/home/me/.claude/settings.json',
      exists: true,
      diff: `@@ -1 +1,2 @@\n-{}\n+{ "ANTHROPIC_MODEL": "${model}" }\n+\n`,
      digest: `before ${model}`,
    },
  ],
  notes: ['key_made', 'restart'],
  detail: '',
  model,
});
