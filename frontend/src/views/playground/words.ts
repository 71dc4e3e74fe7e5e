import { bytes } from '$lib/format/numbers';
import type { Exchange } from '$lib/state/exchange.svelte';
import { mostBytes, mostBytesTogether, type PictureError } from '$lib/state/pictures';
import { explain, faultWords } from '$lib/state/words';
import { m } from '$words';

export function pictureWords({ trouble, file }: PictureError): string {
  const name = file.length > 60 ? file.slice(0, 60) + '…' : file;
  switch (trouble) {
    case 'type':
      return m.playground_picture_type({ name });
    case 'size':
      return m.playground_picture_size({ name, most: bytes(mostBytes) });
    case 'total':
      return m.playground_picture_total({ most: bytes(mostBytesTogether) });
    default:
      return m.playground_picture_unreadable({ name });
  }
}

/** Why an exchange has no whole answer. */
export function failureWords({ refused, answer, record, head }: Exchange): string {
  if (refused) return explain(refused);
  if (record?.fault) return faultWords(record.fault, answer.error || record.message);
  return answer.error || (head.status >= 400 ? m.error_not_json({ status: head.status }) : m.playground_broke_off());
}

/** The account that was tried last, if the program says so. */
export const triedOf = ({ record, head }: Exchange): string => record?.attempts.at(-1)?.account || head.account;
