import type { Picture } from '../dialects/question';

export interface Attached extends Picture {
  id: number;
  name: string;
  /** In bytes. */
  size: number;
}

export type PictureTrouble = 'type' | 'size' | 'total' | 'unreadable';

/** Why a file cannot be attached. */
export class PictureError extends Error {
  constructor(
    readonly trouble: PictureTrouble,
    readonly file: string,
  ) {
    super(trouble);
  }
}

export const pictureTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
/** For one picture and for all of a turn; with base64 around them they stay well under what the program takes. */
export const mostBytes = 5_000_000;
export const mostBytesTogether = 15_000_000;

let next = 0;

/** Reads a file as a picture to send, beside others that are attached already. Throws PictureError. */
export async function attach(file: File, beside: readonly Attached[]): Promise<Attached> {
  if (!pictureTypes.includes(file.type)) throw new PictureError('type', file.name);
  if (file.size > mostBytes) throw new PictureError('size', file.name);
  const together = beside.reduce((sum, { size }) => sum + size, file.size);
  if (together > mostBytesTogether) throw new PictureError('total', file.name);
  return { id: next++, name: file.name, size: file.size, media: file.type, data: await base64(file) };
}

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(new PictureError('unreadable', file.name));
    reader.readAsDataURL(file);
  });
}
