import { fileURLToPath } from 'node:url';

import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

import { bundled } from './bundled.js';
import { words } from './words.js';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // Relative, so that one build serves the window's own scheme and /admin/dashboard/ alike.
  base: './',
  plugins: [
    tailwindcss(),
    // The package script "words" names the same strategy, for the checks that run without Vite.
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/paraglide',
      strategy: ['globalVariable', 'baseLocale'],
    }),
    words(),
    svelte(),
    svelteTesting(),
    bundled(at('./bundled.json')),
  ],
  resolve: { alias: { $lib: at('./src/lib'), $words: at('./src/paraglide/messages.js') } },
  build: {
    target: ['safari16.4', 'chrome111'],
    // The page's policy allows no data: addresses besides pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/admin': { target: process.env.AMQ2API_URL ?? 'http://127.0.0.1:8080' } } },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/testing/setup.ts'],
    // A failure names what it looked for, without printing the whole page.
    env: { DEBUG_PRINT_LIMIT: '0' },
    restoreMocks: true,
    unstubGlobals: true,
  },
});
