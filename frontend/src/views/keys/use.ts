import type { Key } from '$lib/api/types.gen';

/** What was used of a limit; a most of 0 is no limit. */
export interface Use {
  of: 'requests' | 'tokens' | 'cost';
  used: number;
  most: number;
}

const share = ({ used, most }: Use) => (most > 0 ? used / most : -1);
const nearest = (uses: Use[]) => uses.reduce((best, next) => (share(next) > share(best) ? next : best));

/** The limit of the day that is nearest; without any, the requests. */
export const dayUse = (key: Key): Use =>
  nearest([
    { of: 'requests', used: key.current_rpd, most: key.requests_per_day },
    { of: 'tokens', used: key.tokens_today, most: key.tokens_per_day },
  ]);

/** The budget that is nearest; without any, the tokens. */
export const monthUse = (key: Key): Use =>
  nearest([
    { of: 'tokens', used: key.tokens_month, most: key.budget_tokens },
    { of: 'cost', used: key.cost_month, most: key.budget_cost },
  ]);
