import type { Check, CheckCode, CheckValues } from '$lib/api/types.gen';
import { dateTime } from '$lib/format/times';
import { sayIt } from '$lib/state/said';
import { m } from '$words';

interface Inputs {
  subject: string;
  reason: string;
  n: number;
  days: number;
  time: string;
}
type Say = (inputs: Inputs) => string;

export interface CheckWords {
  about: () => string;
  says: Say;
  mend?: Say;
}

/** What each check says, by its code. */
export const checkWords: Record<CheckCode, CheckWords> = {
  profile_unreadable: { about: m.selftest_about_profile, says: m.selftest_profile_unreadable },
  profile_found: { about: m.selftest_about_profile, says: m.selftest_profile_found },
  files_unreadable: {
    about: m.selftest_about_files,
    says: m.selftest_files_unreadable,
    mend: m.selftest_files_unreadable_mend,
  },
  files_open: { about: m.selftest_about_files, says: m.selftest_files_open, mend: m.selftest_files_open_mend },
  files_private: { about: m.selftest_about_files, says: m.selftest_files_private },
  endpoints_wrong: {
    about: m.selftest_about_endpoints,
    says: m.selftest_endpoints_wrong,
    mend: m.selftest_endpoints_wrong_mend,
  },
  database_none: {
    about: m.selftest_about_database,
    says: m.selftest_database_none,
    mend: m.selftest_database_none_mend,
  },
  database_unsound: {
    about: m.selftest_about_database,
    says: m.selftest_database_unsound,
    mend: m.selftest_database_unsound_mend,
  },
  database_sound: { about: m.selftest_about_database, says: m.selftest_database_sound },
  backups_unreadable: {
    about: m.selftest_about_backups,
    says: m.selftest_backups_unreadable,
    mend: m.selftest_backups_unreadable_mend,
  },
  backups_none: { about: m.selftest_about_backups, says: m.selftest_backups_none, mend: m.selftest_run_backup },
  backups_none_yet: { about: m.selftest_about_backups, says: m.selftest_backups_none_yet },
  backups_useless: { about: m.selftest_about_backups, says: m.selftest_backups_useless, mend: m.selftest_run_backup },
  backups_old: { about: m.selftest_about_backups, says: m.selftest_backups_old, mend: m.selftest_backups_old_mend },
  backups_sound: { about: m.selftest_about_backups, says: m.selftest_backups_sound },
  memo_unreadable: { about: m.selftest_about_safe_mode, says: m.selftest_memo_unreadable, mend: m.selftest_look_again },
  database_damaged: {
    about: m.selftest_about_safe_mode,
    says: m.selftest_database_damaged,
    mend: m.selftest_database_damaged_mend,
  },
  weekly_check_failed: {
    about: m.selftest_about_weekly_check,
    says: m.selftest_weekly_check_failed,
    mend: m.selftest_weekly_check_failed_mend,
  },
  restore_failed: {
    about: m.selftest_about_restore,
    says: m.selftest_restore_failed,
    mend: m.selftest_restore_failed_mend,
  },
  restore_due: { about: m.selftest_about_restore, says: m.selftest_restore_due, mend: m.selftest_restore_due_mend },
  vault_locked: { about: m.selftest_about_vault, says: m.selftest_vault_locked, mend: m.selftest_unlock },
  vault_none: { about: m.selftest_about_vault, says: m.selftest_vault_none, mend: m.selftest_vault_none_mend },
  vault_unopened: {
    about: m.selftest_about_vault,
    says: m.selftest_vault_unopened,
    mend: m.selftest_vault_unopened_mend,
  },
  vault_file_open: { about: m.selftest_about_vault, says: m.selftest_vault_file_open },
  vault_in_memory: { about: m.selftest_about_vault, says: m.selftest_vault_in_memory },
  vault_keychain_open: { about: m.selftest_about_vault, says: m.selftest_vault_keychain_open },
  accounts_unchecked: {
    about: m.selftest_about_accounts,
    says: m.selftest_accounts_unchecked,
    mend: m.selftest_look_again,
  },
  accounts_whole: { about: m.selftest_about_accounts, says: m.selftest_accounts_whole },
  listener_stopped: {
    about: m.selftest_about_listener,
    says: m.selftest_listener_stopped,
    mend: m.selftest_listener_stopped_mend,
  },
  listener_beyond: {
    about: m.selftest_about_listener,
    says: m.selftest_listener_beyond,
    mend: m.selftest_listener_beyond_mend,
  },
  listener_local: { about: m.selftest_about_listener, says: m.selftest_listener_local },
  gate_open: { about: m.selftest_about_gate, says: m.selftest_gate_open, mend: m.selftest_gate_open_mend },
  gate_closed: { about: m.selftest_about_gate, says: m.selftest_gate_closed },
  keys_unchecked: { about: m.selftest_about_keys, says: m.selftest_keys_unchecked, mend: m.selftest_look_again },
  keys_unlimited: {
    about: m.selftest_about_keys,
    says: m.selftest_keys_unlimited,
    mend: m.selftest_keys_unlimited_mend,
  },
  keys_limited: { about: m.selftest_about_keys, says: m.selftest_keys_limited },
  vault_away: { about: m.selftest_about_accounts, says: m.selftest_vault_away, mend: m.selftest_vault_away_mend },
  secret_missing: { about: m.selftest_about_accounts, says: m.selftest_secret_missing, mend: m.selftest_sign_in_again },
  secret_damaged: { about: m.selftest_about_accounts, says: m.selftest_secret_damaged, mend: m.selftest_sign_in_again },
  secret_shared: {
    about: m.selftest_about_accounts,
    says: m.selftest_secret_shared,
    mend: m.selftest_secret_shared_mend,
  },
  secret_unlisted: {
    about: m.selftest_about_accounts,
    says: m.selftest_secret_unlisted,
    mend: m.selftest_sign_in_again,
  },
  orphan_secret: {
    about: m.selftest_about_accounts,
    says: m.selftest_orphan_secret,
    mend: m.selftest_orphan_secret_mend,
  },
  rotation_unfinished: {
    about: m.selftest_about_accounts,
    says: m.selftest_rotation_unfinished,
    mend: m.selftest_start_unlocked,
  },
  account_unfinished: {
    about: m.selftest_about_accounts,
    says: m.selftest_account_unfinished,
    mend: m.selftest_start_unlocked,
  },
  registration_expired: {
    about: m.selftest_about_accounts,
    says: m.selftest_registration_expired,
    mend: m.selftest_sign_in_again,
  },
  registration_expiring: {
    about: m.selftest_about_accounts,
    says: m.selftest_registration_expiring,
    mend: m.selftest_registration_expiring_mend,
  },
  sign_in_needed: { about: m.selftest_about_accounts, says: m.selftest_sign_in_needed, mend: m.selftest_sign_in_again },
  account_suspended: {
    about: m.selftest_about_accounts,
    says: m.selftest_account_suspended,
    mend: m.selftest_account_suspended_mend,
  },
};

/** A kind of secret has a word; any other subject is a name and stands as it is. */
function subjectOf(subject: string): string {
  if (subject === 'refresh token') return m.selftest_refresh_token();
  return subject === 'client secret' ? m.selftest_client_secret() : subject;
}

const inputsOf = (
  { subject = '', reason = '', said, count = 0, days = 0, at }: Partial<CheckValues>,
  now: number,
): Inputs => ({
  subject: subjectOf(subject),
  reason: sayIt(said) || reason,
  n: count,
  days,
  time: at ? dateTime(at, now) : '',
});

export interface SaidCheck {
  about: string;
  says: string;
  mend: string;
  /** Whether it is the program's own sentence, which is English. */
  english: boolean;
}

/** A check in the page's language; one that a newer program found is in the program's own words. */
export function sayCheck(check: Check, now: number): SaidCheck {
  const words = checkWords[check.code] as CheckWords | undefined;
  if (!words) return { about: check.name, says: check.message, mend: check.mend ?? '', english: true };
  const inputs = inputsOf(check.values ?? {}, now);
  return { about: words.about(), says: words.says(inputs), mend: words.mend?.(inputs) ?? '', english: false };
}
