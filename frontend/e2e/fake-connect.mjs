// What Connect says of the tools of a computer, in memory: every state there is, and files that change in the meantime.
import { minute, since } from './scenes.mjs';

export const home = '/home/lin';

const tool = (id, name, path, fields = {}) => ({
  id,
  name,
  writable: true,
  installed: true,
  state: 'missing',
  reason: '',
  detail: '',
  files: [{ path: `${home}/${path}`, target: '', exists: true }],
  key_id: 0,
  key_name: '',
  model: '',
  connected_at: null,
  can_undo: false,
  dialect: 'openai',
  ...fields,
});

const written = (name, fields) => ({
  state: 'ours',
  key_id: 1,
  key_name: name,
  model: 'claude-sonnet-4-5',
  connected_at: since(90 * minute),
  can_undo: true,
  ...fields,
});

const shown = (id, name) => tool(id, name, '', { writable: false, installed: false, files: [] });

const long = 'a-word-that-does-not-end-'.repeat(5);

/** One tool in each state, one of them with everything as long as it may be. */
export const everyState = () => [
  tool('claude-code', 'Claude Code', '.claude/settings.json', { dialect: 'anthropic' }),
  tool('codex', 'Codex', '.codex/config.toml', written('Codex', { dialect: 'responses' })),
  tool(
    'opencode',
    'opencode',
    `.config/opencode/${long}/opencode.json`,
    written(`opencode ${long}`.slice(0, 100), { state: 'drifted', reason: 'changed', model: long.slice(0, 100) }),
  ),
  tool('cline', 'Cline', '.cline/settings.json', {
    state: 'broken',
    reason: 'invalid',
    detail: 'settings.json is not valid JSON: line 3, column 14: expected a comma.',
  }),
  tool('continue', 'Continue', '.continue/config.yaml', {
    state: 'locked',
    reason: 'unwritable',
    files: [{ path: `${home}/.continue/config.yaml`, target: `${home}/dotfiles/continue.yaml`, exists: true }],
  }),
  tool('qwen-code', 'Qwen Code', '.qwen/settings.json', { state: 'other', reason: 'other_address' }),
  tool('zed', 'Zed', '.config/zed/settings.json', {
    installed: false,
    files: [{ path: `${home}/.config/zed/settings.json`, target: '', exists: false }],
  }),
  tool('shell', 'Shell', '.bashrc', { state: 'other', reason: 'by_hand', dialect: 'anthropic' }),
  shown('cursor', 'Cursor'),
  shown('vscode', 'VS Code'),
];

const diffOf = (model) => `--- settings.json
+++ settings.json
@@ -1,4 +1,8 @@
 {
   "theme": "dark",
-  "env": {}
+  "env": {
+    "ANTHROPIC_BASE_URL": "http://127.0.0.1:8080",
+    "ANTHROPIC_AUTH_TOKEN": "amq-••••••••",
+    "ANTHROPIC_MODEL": "${model}"
+  }
 }
@@ -31,2 +35,2 @@
-  "statusLine": { "type": "command", "command": "${'a-very-long-word-without-a-space-in-it/'.repeat(5)}" }
+  "statusLine": { "type": "command", "command": "short" }
 }
`;

/** The routes below /admin/connect. */
export class Connections {
  tools = everyState();
  version = 1;
  trial = { ok: true, status: 200, millis: 1240, model: 'claude-sonnet-4.5', message: '' };
  written = [];

  plan(id, { model = '' } = {}) {
    const { state, files } = this.find(id);
    return {
      files: files.map(({ path, exists }) => ({
        path,
        exists,
        diff: diffOf(model || 'claude-sonnet-4-5'),
        digest: `${path}@${this.version}`,
      })),
      notes: [...(state === 'other' ? ['replaces'] : []), 'key_made', 'restart', 'overridden'],
      detail: 'ANTHROPIC_BASE_URL in /etc/environment',
      model: model || 'claude-sonnet-4-5',
    };
  }

  write(id, { model, digests }) {
    const found = this.find(id);
    if (digests.some((digest) => !digest.endsWith(`@${this.version}`))) return null;
    this.written.push(id);
    return Object.assign(found, written(found.name, { model, reason: '', connected_at: since(0) }));
  }

  undo(id) {
    return Object.assign(this.find(id), tool(id, '', ''), {
      name: this.find(id).name,
      files: this.find(id).files,
    });
  }

  find = (id) => this.tools.find((tool) => tool.id === id);

  /** The answer to a request; undefined if it is none of these, null if a file has changed. */
  answer(method, path, body) {
    const [, id = '', deed = ''] = /^\/admin\/connect(?:\/([\w-]+))?(?:\/(\w+))?$/.exec(path) ?? [];
    if (!path.startsWith('/admin/connect') || (id && !this.find(id))) return undefined;
    switch (`${method} ${id ? 'tool' : ''} ${deed}`.trim()) {
      case 'GET':
        return this.tools;
      case 'DELETE':
        for (const { id, can_undo } of this.tools) if (can_undo) this.undo(id);
        return this.tools;
      case 'POST tool plan':
        return this.plan(id, body);
      case 'POST tool verify':
        return this.trial;
      case 'POST tool':
        return this.write(id, body);
      case 'DELETE tool':
        return this.undo(id);
      default:
        return undefined;
    }
  }
}
