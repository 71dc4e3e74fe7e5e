import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

/** The direction of imports: views -> state -> api, views -> ui and format. Types may be named anywhere. */
const mayNotImport = (files, group, message) => ({
  files,
  ignores: ['**/*.test.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ group, message, allowTypeImports: true }] }],
  },
});

export default ts.config(
  { ignores: ['dist', 'src/paraglide', 'src/lib/api/types.gen.ts', 'node_modules'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ['e2e/**', '*.config.*'], languageOptions: { globals: { ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      'no-console': 'error',
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      // Sets and search parameters that are made once and never changed need no reactivity.
      'svelte/prefer-svelte-reactivity': 'off',
      // Routes are hashes, which need no base path.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  { files: ['e2e/**'], rules: { 'no-console': 'off' } },
  mayNotImport(
    ['src/lib/ui/**'],
    ['$lib/**', '$words', '**/views/**', '../**'],
    'A part of the interface knows nothing of ours: pass it in.',
  ),
  mayNotImport(['src/lib/api/**'], ['$lib/**', '$words', '**/views/**', '../**'], 'The api knows only the wire.'),
  mayNotImport(
    ['src/lib/format/**'],
    ['$lib/**', '../state/**', '../api/**', '../ui/**', '**/views/**'],
    'Formatting knows only words and numbers.',
  ),
  mayNotImport(['src/lib/state/**'], ['$lib/**', '../ui/**', '**/views/**'], 'State does not know how it is shown.'),
  mayNotImport(['src/views/**', 'src/App.svelte'], ['$lib/api/**'], 'Views ask the state, which asks the api.'),
);
