// What the fake shows: the wire's objects with everything filled in, and a working day of them.
export const minute = 60_000;
export const since = (ms) => new Date(Date.now() - ms).toISOString();

export function account(id, fields) {
  return {
    id,
    name: `Account ${id}`,
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
    status_kind: '',
    cooldown_until: null,
    total_requests: 0,
    total_tokens: 0,
    last_used: null,
    last_health_check: null,
    health_check_error: '',
    requests_per_minute: 10,
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
    sign_in_again: false,
    successor: 'kiro',
    current_rpm: 0,
    in_flight: 0,
    notes: '',
    source: 'api',
    created_at: since(minute),
    updated_at: since(minute),
    ...fields,
  };
}

export function busyAccounts() {
  const used = (ms, requests, tokens) => ({ last_used: since(ms), total_requests: requests, total_tokens: tokens });
  return [
    account(1, {
      name: 'Personal',
      notes: 'lin.wei@proton.me',
      requests_per_minute: 30,
      current_rpm: 14,
      in_flight: 2,
      ...used(1000, 4120, 18_400_000),
    }),
    account(2, {
      name: 'Work laptop',
      notes: 'wlin@northwind.dev',
      requests_per_minute: 30,
      current_rpm: 11,
      in_flight: 1,
      ...used(4000, 6881, 30_500_000),
    }),
    account(3, {
      name: 'Side project',
      notes: 'hello@papertrail.app',
      status: 'cooling_down',
      status_kind: 'throttled',
      is_healthy: false,
      status_reason: 'Amazon Q asked to slow down.',
      cooldown_until: new Date(Date.now() + 102_000).toISOString(),
      ...used(minute, 310, 901_000),
    }),
    account(4, {
      name: 'Team seat 02',
      profile_arn: 'arn:aws:codewhisperer:us-east-1:123456789012:profile/EHGA3GRVQMUK',
      requests_per_minute: 30,
      current_rpm: 28,
      ...used(19_000, 1570, 7_010_000),
    }),
    account(5, {
      name: 'Team seat 03',
      status: 'ready',
      health_check_error: 'Amazon Q could not be reached: the connection was cut.',
      health_check_said: { code: 'unreachable' },
      requests_per_minute: 30,
      current_rpm: 3,
      ...used(2 * minute, 9210, 41_000_000),
    }),
    account(6, {
      name: 'Old Builder ID',
      notes: 'weilin.dev@gmail.com',
      status: 'exhausted',
      status_kind: 'exhausted',
      is_healthy: false,
      status_reason: 'The quota of this account is used up.',
      cooldown_until: new Date(Date.now() + 9 * 86_400_000).toISOString(),
      ...used(6 * 60 * minute, 50, 120_000),
    }),
    account(7, {
      name: 'CI runner',
      notes: 'ci-bot@northwind.dev',
      status: 'needs_sign_in',
      status_kind: 'credential',
      is_healthy: false,
      status_reason: 'Amazon no longer accepts the refresh token. Sign in again.',
      ...used(21 * 60 * minute, 240, 660_000),
    }),
    account(8, {
      name: 'Backup',
      notes: 'spare@papertrail.app',
      is_active: false,
      status: 'disabled',
      ...used(52 * 60 * minute, 4, 9000),
    }),
  ];
}

export function key(id, fields) {
  return {
    id,
    name: `Key ${id}`,
    description: '',
    key_prefix: 'amq-3fK9',
    is_active: true,
    total_requests: 0,
    last_used: null,
    last_client: '',
    last_address: '',
    requests_per_minute: 60,
    requests_per_day: 10_000,
    current_rpm: 0,
    current_rpd: 0,
    max_concurrent: 0,
    tokens_per_day: 0,
    budget_tokens: 0,
    budget_cost: 0,
    time_zone: '',
    in_flight: 0,
    tokens_today: 0,
    tokens_month: 0,
    cost_month: 0,
    budget_used: 0,
    budget_warning: false,
    day_ends_at: inDays(1),
    month_ends_at: inDays(20),
    colour: '',
    note: '',
    default_model: '',
    allowed_models: [],
    allowed_dialects: [],
    accounts: [],
    previous_prefix: '',
    previous_until: null,
    created_at: since(minute),
    updated_at: since(minute),
    expires_at: null,
    ...fields,
  };
}

export const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString();

export function busyKeys() {
  return [
    key(1, {
      name: 'Claude Code',
      description: 'Laptop',
      total_requests: 2914,
      last_used: since(2000),
      current_rpm: 22,
      current_rpd: 2410,
      tokens_month: 18_400_000,
      budget_tokens: 20_000_000,
      budget_used: 0.92,
      budget_warning: true,
      colour: 'blue',
    }),
    key(2, {
      name: 'Continue',
      key_prefix: 'amq-Zp0x',
      total_requests: 812,
      last_used: since(40_000),
      current_rpm: 3,
      current_rpd: 504,
      tokens_month: 2_310_000,
      colour: 'teal',
      expires_at: inDays(60),
    }),
    key(3, {
      name: 'Nightly batch',
      description: 'Summaries of the day',
      key_prefix: 'amq-71bQ',
      requests_per_minute: 0,
      requests_per_day: 0,
      total_requests: 120,
      last_used: since(9 * 60 * minute),
      expires_at: inDays(-2),
    }),
    key(4, {
      name: 'Old editor',
      key_prefix: 'amq-aa1L',
      is_active: false,
      total_requests: 44,
      last_used: since(80 * 60 * minute),
    }),
  ];
}

const attempts = (count) =>
  Array.from({ length: count }, (_, i) => ({
    account_id: i + 1,
    account: `Account ${i + 1}`,
    fault: i + 1 < count ? 'throttled' : '',
    duration_ms: 900,
    ground: 'turn',
    passed_over: [],
  }));

export function request(i, fields) {
  return {
    id: `req_${String(i).padStart(6, '0')}`,
    at: since(i * 5000),
    key: 'Claude Code',
    client: 'Claude Code',
    dialect: 'anthropic',
    model_asked: 'claude-sonnet-4-5-20250929',
    model_used: 'claude-sonnet-4.5',
    account: 'Personal',
    attempts: attempts(1),
    streaming: true,
    status: 200,
    fault: '',
    message: '',
    input_tokens: 18_400,
    output_tokens: 1200,
    tokens_source: 'measured',
    first_event_ms: 900,
    duration_ms: 8400,
    ...fields,
  };
}

export function busyRequests() {
  return [
    request(1, {}),
    request(2, {
      client: 'Continue',
      model_used: 'claude-haiku-4.5',
      account: 'Team seat 02',
      input_tokens: 2110,
      output_tokens: 318,
      duration_ms: 1900,
    }),
    request(3, {
      client: 'Cline',
      account: 'Side project',
      status: 429,
      fault: 'throttled',
      message: 'Amazon Q asked to slow down, and no other account is ready. Try again in 42 s.',
      attempts: attempts(3),
      input_tokens: 9870,
      output_tokens: 0,
      duration_ms: 300,
      first_event_ms: 0,
      tokens_source: 'estimated',
    }),
    request(4, { client: 'Cline', account: 'Work laptop', input_tokens: 9870, output_tokens: 742, duration_ms: 6100 }),
    request(5, {
      client: 'OpenAI SDK',
      dialect: 'openai',
      model_used: 'claude-sonnet-4',
      account: 'Work laptop',
      input_tokens: 30_500,
      output_tokens: 2290,
      duration_ms: 14_200,
    }),
    request(6, { account: 'Personal', input_tokens: 17_000, output_tokens: 655, duration_ms: 5200 }),
    ...Array.from({ length: 8 }, (_, i) =>
      request(i + 7, { input_tokens: 1000 * (i + 1), output_tokens: 90 * (i + 1), duration_ms: 900 * (i + 1) }),
    ),
  ];
}

const day = 1440 * minute;

function totals(requests) {
  return {
    requests,
    errors: Math.round(requests / 75),
    canceled: Math.round(requests / 210),
    input_tokens: requests * 940,
    output_tokens: requests * 96,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    derived_tokens: requests * 310,
    estimated_tokens: requests * 12,
    first_event_ms: requests ? 910 : null,
    duration_ms: requests ? 6400 : null,
    bytes_in: requests * 41_000,
    bytes_out: requests * 5200,
    cost: null,
    unpriced_tokens: requests * 1036,
  };
}

const groups = {
  model: ['claude-sonnet-4.5', 'claude-haiku-4.5', 'claude-opus-4.5'],
  client: ['Claude Code', 'Cline', 'Continue', 'opencode'],
  key: ['Claude Code', 'Continue', 'Nightly batch'],
  account: ['Personal', 'Work laptop', 'Team seat 02', 'Side project'],
};

/** The sums of a time, as GET /admin/stats/usage answers them: busier by day than by night, and at the weekend hardly at all. */
export function usageOf(by, from) {
  const end = Date.now();
  const step = by === 'hour' ? 60 * minute : day;
  const begin = Math.floor((from ? Date.parse(from) : end - 6 * day) / step) * step;
  const load = (at) => {
    const when = new Date(at);
    const week = when.getUTCDay() % 6 === 0 ? 0.15 : 1;
    const hours = (hour) => Math.max(0, Math.round(90 * week * Math.sin(((hour - 6) / 15) * Math.PI)));
    return by === 'hour'
      ? hours(when.getUTCHours())
      : Array.from({ length: 24 }, (_, hour) => hours(hour)).reduce((a, b) => a + b);
  };
  const spans = [];
  for (let at = begin; at < end; at += step) spans.push(at);
  const sum = spans.reduce((all, at) => all + load(at), 0);
  const iso = (at) => new Date(at).toISOString();
  const rows = groups[by]
    ? groups[by].map((name, i) => ({
        name,
        id: i + 1,
        from: null,
        to: null,
        ...totals(Math.round(sum / 2 ** (i + 1))),
      }))
    : spans.map((at) => ({
        name: iso(at).slice(0, 10),
        id: null,
        from: iso(at),
        to: iso(at + step),
        ...totals(load(at)),
      }));
  return {
    by,
    zone: 'UTC',
    currency: 'USD',
    from: iso(begin),
    to: iso(end),
    total: totals(sum),
    rows,
    gaps: [],
    compared: null,
  };
}

/** A self-test with something to do. */
export function busyChecks() {
  const check = (name, code, verdict, values = {}) => ({ name, code, verdict, message: code, values });
  return [
    check('files', 'files_private', 'ok'),
    check('database', 'database_sound', 'ok', { count: 3 }),
    check('backups', 'backups_sound', 'ok', { count: 7, at: since(9 * 60 * minute) }),
    check('vault', 'vault_keychain_open', 'ok'),
    check('listener', 'listener_local', 'ok', { subject: '127.0.0.1:8080' }),
    check('gate', 'gate_closed', 'ok'),
    check('keys', 'keys_unlimited', 'note', { subject: 'Nightly batch', count: 1 }),
    { ...check('accounts', 'registration_expiring', 'fail', { days: 5, at: inDays(5) }), account: 'CI runner' },
  ];
}
