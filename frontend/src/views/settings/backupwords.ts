import { m } from '$words';

const reasons: Record<string, () => string> = {
  scheduled: m.backups_scheduled,
  manual: m.backups_manual,
  'before-restore': m.backups_before_restore,
};

/** Why a backup was made. */
export function reasonWord(reason: string): string {
  const schema = /^before-migration-(\d+)$/.exec(reason)?.[1];
  return schema ? m.backups_before_migration({ schema }) : (reasons[reason]?.() ?? reason);
}
