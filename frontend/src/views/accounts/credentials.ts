/** The parts of a credential as sign-in tools write them into their cache files. */
export type Credentials = Partial<
  Record<'refresh_token' | 'client_id' | 'client_secret' | 'profile_arn' | 'sign_in_region', string>
>;

const spellings: Record<keyof Credentials, string[]> = {
  refresh_token: ['refreshToken', 'refresh_token'],
  client_id: ['clientId', 'client_id'],
  client_secret: ['clientSecret', 'client_secret'],
  profile_arn: ['profileArn', 'profile_arn'],
  sign_in_region: ['region', 'sign_in_region'],
};

/** Reads what was pasted if it is a JSON object with at least one part of a credential; null if it is anything else, such as a token. */
export function credentialsIn(pasted: string): Credentials | null {
  if (!pasted.trim().startsWith('{')) return null;
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(pasted) as Record<string, unknown>;
  } catch {
    return null;
  }
  const found: Credentials = {};
  for (const [part, names] of Object.entries(spellings)) {
    const value = names
      .map((name) => parsed[name])
      .find((candidate) => typeof candidate === 'string' && candidate !== '');
    if (value !== undefined) found[part as keyof Credentials] = value as string;
  }
  return Object.keys(found).length > 0 ? found : null;
}
