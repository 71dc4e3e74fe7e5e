/** The set-up of editors, and of their extensions. */
import { continueConfig } from './agents';
import { json } from './quoting';
import { contextWindow, inFile, values, type Step, type Target } from './setup';

export function vsCode(target: Target): Step[] {
  return [
    { deed: 'cline_extension', values: [...values(target), { name: 'context', text: String(contextWindow) }] },
    {
      deed: 'continue_extension',
      forms: inFile('.continue/config.yaml', continueConfig(target)),
      remark: 'merge',
    },
  ];
}

export function zed({ root, model, key }: Target): Step[] {
  const settings = {
    language_models: {
      openai_compatible: {
        AMQ2API: {
          api_url: `${root}/v1`,
          available_models: [
            {
              name: model,
              display_name: model,
              max_tokens: contextWindow,
              max_output_tokens: 32_000,
              capabilities: { tools: true, images: true },
            },
          ],
        },
      },
    },
  };
  return [
    {
      deed: 'file',
      forms: inFile('.config/zed/settings.json', json(settings), '%APPDATA%\\Zed\\settings.json'),
      remark: 'merge',
    },
    { deed: 'zed_key', values: [{ name: 'key', text: key }] },
  ];
}

/** Cursor calls from its makers' servers, so no address of this computer is of use to it. */
export function cursor(target: Target): Step[] {
  return [
    {
      deed: 'cursor',
      values: values({ ...target, root: 'https://your-public-address.example' }),
      remark: 'cursor_hosts',
    },
  ];
}
